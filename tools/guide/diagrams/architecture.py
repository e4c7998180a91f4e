"""The architecture: one environment's stack and the one of the account."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from graphviz import Digraph

from tools.guide.diagrams.drawing import add_node, frame, picture
from tools.guide.diagrams.kinds import facts, kind
from tools.guide.diagrams.network import ENDPOINT, public_subnets
from tools.guide.diagrams.security_groups import groups_of, open_ports
from tools.guide.diagrams.stack import Json, Stack, label, references, type_of

Edge = tuple[str, str, str]
"""From one node to another, with a label."""
USERS, PIPELINE = "users", "pipeline"
OUTSIDE = ("", "")
"""The tier of what is in no subnet."""
# Nearly everything writes a log and is encrypted: edges to these would say nothing.
USED_BY_ALL = {"aws_cloudwatch_log_group", "aws_kms_key"}


def architecture(platform: Stack, account: Stack) -> Digraph:
    graph = picture()
    add_node(graph, PIPELINE, "onprem/ci/github-actions", "GitHub Actions")
    add_node(graph, USERS, "aws/general/users", "Users")
    _add_stack(graph, account, "Once per account")
    _add_stack(graph, platform, platform.name.title())
    edges = chain(
        _traffic(platform), _uses(platform), _pipeline(platform, account), _uses(account), _replication(account)
    )
    for tail, head, text in dict.fromkeys(edges):
        graph.edge(tail, head, text or None)
    return graph


def node_of(stack: Stack, address: str) -> str | None:
    """The node that shows a resource: its own, or that of all resources of its type; None if nothing shows it."""
    how = kind(address)
    return how and f"{stack.name} {type_of(address) if how.together else address}"


def _add_stack(graph: Digraph, stack: Stack, title: str) -> None:
    """Add its nodes, those in the VPC by the tier of their subnets."""
    tiers: dict[tuple[str, str], dict[str, dict[str, Json]]] = {}
    for address, arguments in stack.resources.items():
        if node := node_of(stack, address):
            tiers.setdefault(_tier(stack, address), {}).setdefault(node, {})[address] = arguments
    with frame(graph, f"{title}, {stack.region()}") as outside:
        _add_nodes(outside, stack, tiers.pop(OUTSIDE, {}))
        for vpc in stack.of("aws_vpc").values():
            services = ", ".join(each["service_name"].rpartition(".")[2] for each in stack.of(ENDPOINT).values())
            with frame(outside, f"VPC {vpc['cidr_block']}, gateway endpoints for {services}", "vpc") as inside:
                for (tier, look), nodes in tiers.items():
                    with frame(inside, tier, look) as part:
                        _add_nodes(part, stack, nodes)


def _add_nodes(graph: Digraph, stack: Stack, nodes: dict[str, dict[str, Json]]) -> None:
    for id_, resources in nodes.items():
        how = kind(next(iter(resources)))
        assert how
        add_node(graph, id_, how.icon, how.title, *facts(stack, resources))


def _tier(stack: Stack, address: str) -> tuple[str, str]:
    """Title and look of the tier of subnets that a resource is in."""
    near = stack.reach(address, lambda each: type_of(each) == "aws_subnet" or bool(kind(each)))
    for each in near:
        if type_of(each) == "aws_subnet":
            # `Public` of aws_subnet.vpc_public_a
            title = f"{label(each).split('_')[-2].title()} subnets"
            return title, "public" if each in public_subnets(stack) else "private"
    return OUTSIDE


def _uses(stack: Stack) -> Iterator[Edge]:
    """What uses what, directly or through what is not drawn; an alarm uses what it notifies, not what it watches."""
    for address, arguments in stack.resources.items():
        alarm = "alarm_actions" in arguments
        used = references(arguments["alarm_actions"]) if alarm else stack.reach(address, lambda each: bool(kind(each)))
        for each in used:
            guarded = any(groups_of(stack, each))
            ports = open_ports(stack, address, each) if guarded else []
            tail, head = node_of(stack, address), node_of(stack, each)
            if tail and head and tail != head and type_of(each) not in USED_BY_ALL and bool(ports) == guarded:
                yield tail, head, ", ".join(ports)


def _traffic(stack: Stack) -> Iterator[Edge]:
    """From users to the load balancer by its listeners, from there to the services by the listeners' rules."""
    for address, listener in stack.of("aws_lb_listener").items():
        (balancer,) = references(listener["load_balancer_arn"])
        yield USERS, f"{stack.name} {balancer}", f"{listener['protocol']} {listener['port']}"
        own = [
            each for each in stack.of("aws_lb_listener_rule").values() if address in references(each["listener_arn"])
        ]
        for rule in own:
            paths = ", ".join(path for each in rule["condition"] for path in each["path_pattern"]["values"])
            targets = set(references(rule["action"]))
            for to, arguments in stack.of("aws_ecs_service").items():
                if targets.intersection(references(arguments["load_balancer"])):
                    yield f"{stack.name} {balancer}", f"{stack.name} {to}", paths


def _pipeline(platform: Stack, account: Stack) -> Iterator[Edge]:
    """By the roles to the state and lock of both stacks, and to the repositories of the images that services pull."""
    known = _nodes_by_name(account)
    backends = [each.document["terraform"]["backend"]["s3"] for each in (platform, account)]
    names = [each[key] for key in ("bucket", "dynamodb_table") for each in backends]
    for address in platform.of("aws_ecs_service"):
        names += platform.reach(address, known.__contains__)
    for address in account.of("aws_iam_openid_connect_provider"):
        yield PIPELINE, f"{account.name} {address}", "OIDC"
        yield from ((f"{account.name} {address}", known[name], "") for name in names if name in known)


def _replication(account: Stack) -> Iterator[Edge]:
    for each in account.of("aws_s3_bucket_replication_configuration").values():
        (source,) = references(each["bucket"])
        for rule in each["rule"]:
            target = rule["destination"]["bucket"].rpartition(":")[2]
            yield f"{account.name} {source}", _nodes_by_name(account)[target], "replication"


def _nodes_by_name(stack: Stack) -> dict[str, str]:
    """By the names in AWS, which are all that another stack knows."""
    names = {address: each.get("bucket", each.get("name")) for address, each in stack.resources.items()}
    return {name: node for address, name in names.items() if name and (node := node_of(stack, address))}
