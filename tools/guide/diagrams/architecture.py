"""The architecture: one environment's stack and the one of the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tools.guide.diagrams.graph import (
    Edge,
    Frame,
    Graph,
    Node,
)
from tools.guide.diagrams.kinds import kind
from tools.guide.diagrams.network import is_public, subnets, tier
from tools.guide.diagrams.security_groups import groups_of, open_ports
from tools.guide.diagrams.stack import (
    Json,
    Stack,
    references,
    type_of,
)

MONITORING, SERVICES = "monitoring", "services"
MONITORS = {"aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm", "aws_sns_topic"}
# Nearly everything writes a log and is encrypted: edges to these would say nothing.
USED_BY_ALL = {"aws_cloudwatch_log_group", "aws_kms_key"}
USERS = Node("users", "Users", (), "aws.general.Users")
PIPELINE = Node("pipeline", "GitHub Actions", (), "onprem.ci.GithubActions")


class Drawn:
    """The nodes of a stack, and which of them a resource is in, by address and by name."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ids: dict[str, str] = {}
        self.by_name: dict[str, str] = {}
        self.members: dict[str, dict[str, Json]] = {}
        for address, arguments in stack.resources.items():
            if how := kind(address):
                id_ = f"{stack.name} {type_of(address) if how.together else address}"
                self.members.setdefault(id_, {})[address] = arguments
                self.ids[address] = id_
                self.by_name.update({arguments[key]: id_ for key in ("name", "bucket") if key in arguments})
        self.nodes = {id_: _node(stack, id_, resources) for id_, resources in self.members.items()}

    def edges(self) -> Iterator[Edge]:
        """What uses what, directly or through what is not drawn; an alarm to what it tells, not to what it watches."""
        for address, arguments in self.stack.resources.items():
            if address not in self.ids:
                continue
            used = self.stack.reach(address, lambda each: each in self.ids)
            for each in references(arguments["alarm_actions"]) if "alarm_actions" in arguments else used:
                guarded = any(groups_of(self.stack, each))
                ports = open_ports(self.stack, address, each) if guarded else []
                if self.ids[address] != self.ids[each] and type_of(each) not in USED_BY_ALL and bool(ports) == guarded:
                    yield Edge(self.ids[address], self.ids[each], ", ".join(ports))


def architecture(platform: Stack, account: Stack) -> Graph:
    drawn, shared = Drawn(platform), Drawn(account)
    found = [*_traffic(drawn), *drawn.edges(), *_pipeline(drawn, shared), *shared.edges(), *_replication(shared)]
    edges = list(dict.fromkeys(found))
    top = Frame(content=[USERS, _environment(drawn, edges)], row=True, gap=24)
    bottom = Frame(content=[PIPELINE, _account(shared)], row=True, gap=24)
    return Graph(Frame(content=[top, bottom]), edges)


def _node(stack: Stack, id_: str, resources: dict[str, Json]) -> Node:
    how = kind(next(iter(resources)))
    assert how
    return Node(id_, how.title, tuple(how.facts(stack, resources)), f"aws.{how.icon}")


def _traffic(drawn: Drawn) -> Iterator[Edge]:
    """From users to the load balancer by its listeners, from there to the services by the listeners' rules."""
    stack = drawn.stack
    balancers: dict[str, str] = {}
    for address, listener in stack.of("aws_lb_listener").items():
        (balancers[address],) = references(listener["load_balancer_arn"])
        yield Edge(USERS.id, drawn.ids[balancers[address]], f"{listener['protocol']} {listener['port']}")
    for rule in stack.of("aws_lb_listener_rule").values():
        (listener,) = references(rule["listener_arn"])
        paths = ", ".join(path for each in rule["condition"] for path in each["path_pattern"]["values"])
        targets = set(references(rule["action"]))
        for service, arguments in stack.of("aws_ecs_service").items():
            if targets.intersection(references(arguments["load_balancer"])):
                yield Edge(drawn.ids[balancers[listener]], drawn.ids[service], paths)


def _pipeline(drawn: Drawn, shared: Drawn) -> Iterator[Edge]:
    """By the roles to the state and lock of both stacks, and to the repositories of the images that services pull."""
    backends = [each.stack.document["terraform"]["backend"]["s3"] for each in (drawn, shared)]
    names = [each[key] for key in ("bucket", "dynamodb_table") for each in backends]
    for service in drawn.stack.of("aws_ecs_service"):
        names += drawn.stack.reach(service, lambda each: each in shared.by_name)
    for address in shared.stack.of("aws_iam_openid_connect_provider"):
        yield Edge(PIPELINE.id, shared.ids[address], "OIDC")
        yield from (Edge(shared.ids[address], shared.by_name[name]) for name in names if name in shared.by_name)


def _replication(shared: Drawn) -> Iterator[Edge]:
    for each in shared.stack.of("aws_s3_bucket_replication_configuration").values():
        (source,) = references(each["bucket"])
        for rule in each["rule"]:
            target = rule["destination"]["bucket"].rpartition(":")[2]
            yield Edge(shared.ids[source], shared.by_name[target], "replication")


def _environment(drawn: Drawn, edges: list[Edge]) -> Frame:
    stack = drawn.stack
    (vpc,) = stack.of("aws_vpc").values()
    endpoints = [line for id_ in drawn.nodes if id_.endswith(" aws_vpc_endpoint") for line in drawn.nodes[id_].lines]
    network = Frame(", ".join([f"VPC {vpc['cidr_block']}", *endpoints]), row=True, look="vpc", gap=30)
    places: dict[str, Frame] = {}
    for address, _ in subnets(stack):
        name = tier(stack, address)
        look = "public" if is_public(stack, address) else "private"
        places[name] = Frame(f"{name.rpartition('_')[2].title()} subnets", look=look)
    network.content = [*places.values()]
    places[MONITORING] = monitoring = Frame("Monitoring", row=True)
    places[SERVICES] = services = Frame("Data and identity")
    access_logs = set(references([each.get("access_logs") for each in stack.of("aws_lb").values()]))
    # The load balancer's logs are below it. The busiest comes last: its edges pass below its neighbours.
    busy = Counter(end for edge in edges for end in (edge.tail, edge.head))
    for id_ in sorted(drawn.nodes, key=lambda each: (access_logs.isdisjoint(drawn.members[each]), busy[each])):
        address = next(iter(drawn.members[id_]))
        watches = type_of(address) in MONITORS or address in access_logs
        if type_of(address) != "aws_vpc_endpoint":
            places[_tier(stack, address) or (MONITORING if watches else SERVICES)].content.append(drawn.nodes[id_])
    network.content = [each for each in network.content if isinstance(each, Frame) and each.content]
    left = Frame(content=[network, monitoring])
    return Frame(f"{stack.name.title()}, {stack.region()}", [left, services], row=True)


def _tier(stack: Stack, address: str) -> str | None:
    """The tier of the subnets that a resource is in."""
    near = stack.reach(address, lambda each: type_of(each) == "aws_subnet" or bool(kind(each)))
    return next((tier(stack, each) for each in near if type_of(each) == "aws_subnet"), None)


def _account(shared: Drawn) -> Frame:
    """The roles on the left, the buckets on the right, everything else between."""
    types = {id_: type_of(next(iter(resources))) for id_, resources in shared.members.items()}
    roles = [node for id_, node in shared.nodes.items() if types[id_] == "aws_iam_openid_connect_provider"]
    buckets = [node for id_, node in shared.nodes.items() if types[id_] == "aws_s3_bucket"]
    others = [node for node in shared.nodes.values() if node not in roles and node not in buckets]
    return Frame(f"Once per account, {shared.stack.region()}", [*roles, Frame(content=[*others]), *buckets], row=True)
