"""The table of all checks, and the rows that they give for a checkout and its environments."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ops.checks.offline import (
    account,
    alignment,
    changes,
    end_of_life,
    fargate,
    images,
    listener_rules,
    log_groups,
    names,
    production,
    quotas,
    security_groups,
)
from ops.checks.offline import settings as settings_files
from ops.checks.offline.findings import (
    FAIL,
    PASS,
    Check,
    Row,
    rows,
    skipped,
)
from ops.checks.offline.reach import (
    Reach,
    Reached,
    Refused,
    Unasked,
)
from ops.checks.offline.subjects import (
    Account,
    Checkout,
    Environment,
)
from ops.core.errors import CommandError
from ops.core.settings import choose
from ops.terraform import synthesized
from ops.terraform.synthesized import BOOTSTRAP, Stack

FILES: tuple[Check[Checkout], ...] = (
    Check("alignment", alignment.files_agree, "app/*/Dockerfile", "program and Dockerfile agree on ports and paths"),
    Check("end of life", end_of_life.files_are_supported),
)
STACK: tuple[Check[Stack], ...] = (
    Check("names", names.names_fit, "aws_*.name", "each is within its service's limits"),
)
ENVIRONMENT: tuple[Check[Environment], ...] = (
    Check("alignment", alignment.stack_agrees, "aws_ecs_task_definition.*", "ports and health paths are the program's"),
    Check("listener rules", listener_rules.rules_are_in_order, "aws_lb_listener_rule.*", "each is reached in its turn"),
    Check("security groups", security_groups.path_is_open, "aws_vpc_security_group_*", "the path is open, no other is"),
    Check("Fargate sizes", fargate.sizes_are_known, "aws_ecs_task_definition.*", "they exist, the containers fit"),
    Check("end of life", end_of_life.database_is_supported),
    Check("production", production.what_is_accepted, "environments/*.tfvars", "nothing that it needs is left out"),
    Check("account", account.stack_is_of_the_account, "terraform.backend.s3", "bucket and provider are of account_id"),
)
OWNER: tuple[Check[Account], ...] = (
    Check("credentials", account.credentials_are_of_the_account, "AWS credentials", "are of account_id"),
)
ACCOUNT: tuple[Check[Account], ...] = (
    Check("state bucket", account.state_bucket_exists, "terraform.backend.s3", "exists"),
    Check("lock table", account.lock_table_exists, "terraform.backend.s3", "exists"),
    Check("changes", changes.settings_suit_what_is_deployed, "environments/*.tfvars", "none that cannot be applied"),
    Check("log groups", log_groups.names_are_free, "aws_cloudwatch_log_group.*", "none is there that no state has"),
    Check("images", images.images_exist, "aws_ecs_task_definition.*"),
    Check("quotas", quotas.plan_fits, "aws_vpc, aws_eip, aws_nat_gateway"),
    Check("Fargate quota", quotas.tasks_fit, "ecs"),
)
EVERY = "every environment"

Synthesize = Callable[[Path], None]


def survey(
    checkout: Checkout, wanted: Sequence[str], reach: Reach, synthesize: Synthesize = synthesized.synthesize
) -> Iterator[Row]:
    """All rows, for some environments or, without names, for all; raises UserError for a name that is none."""
    loaded, found = settings_files.read(checkout.root / "environments")
    chosen = [choose(name, loaded) for name in dict.fromkeys(wanted)] if loaded else []
    yield from (Row(each.status, "settings", EVERY, each.where, each.why) for each in found)
    yield from rows(FILES, "application", checkout)
    if not loaded:
        yield from skipped((*STACK, *ENVIRONMENT, *OWNER, *ACCOUNT), EVERY, "the settings do not load")
        return
    with tempfile.TemporaryDirectory(prefix="preflight-") as outdir:
        try:
            synthesize(Path(outdir))
        except CommandError as error:
            yield Row(FAIL, "synthesis", EVERY, "main.py", str(error))
            yield from skipped((*STACK, *ENVIRONMENT, *OWNER, *ACCOUNT), EVERY, "nothing was synthesized")
            return
        stacks = {each.name: Stack.read(each) for each in sorted(Path(outdir, "stacks").iterdir())}
    yield Row(PASS, "synthesis", EVERY, "main.py", f"{', '.join(stacks)} are made")
    yield from rows(STACK, BOOTSTRAP, stacks[BOOTSTRAP])
    for each in chosen or loaded:
        yield from of_environment(Environment(each, stacks[each.environment], checkout), reach)


def of_environment(environment: Environment, reach: Reach) -> Iterator[Row]:
    """The rows of one environment, those of its account last."""
    settings = environment.settings
    name = settings.environment
    yield from rows(STACK, name, environment.stack)
    yield from rows(ENVIRONMENT, name, environment)
    answer = reach(settings)
    match answer:
        case Unasked(why):
            yield from skipped((*OWNER, *ACCOUNT), name, why)
        case Refused(why):
            yield Row(FAIL, OWNER[0].name, name, OWNER[0].where, why)
            yield from skipped(ACCOUNT, name, "the credentials are not accepted")
        case Reached(aws, id_, rehearsed):
            there = Account(environment, aws, id_, rehearsed)
            yield from rows(OWNER, name, there)
            if id_ == settings.account_id:
                yield from rows(ACCOUNT, name, there)
            else:
                yield from skipped(ACCOUNT, name, f"these credentials are of account {id_}")
