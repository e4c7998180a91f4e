"""What the auditors look at: an embedded AWS of its own, to which every stack was applied."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.paths import Work
from ops.core.settings import load_settings
from ops.state.bootstrap import apply_bootstrap
from ops.terraform import environment, synthesized
from ops.terraform.run import Terraform
from ops.terraform.synthesized import BOOTSTRAP
from rehearsal.aws import process

Json = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A resource as a state records it."""

    stack: str
    address: str
    type: str
    values: Json


@dataclass(frozen=True)
class Account:
    """The applied account."""

    variables: Mapping[str, str]
    """A process environment from which only the emulator can be reached."""
    id: str
    regions: tuple[str, ...]
    resources: tuple[Resource, ...]


@contextmanager
def applied(work: Work, display: Display) -> Generator[Account]:
    """Apply every stack to an emulator that ends with the body. Raises CommandError, UserError."""
    # What a run that was killed left.
    process.stop(work)
    made = work.directory / "synthesized"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    known = load_settings()
    first = known[0]
    with display.step("synthesize"):
        synthesized.synthesize(made)
    try:
        with display.step("embedded AWS, empty"):
            record = process.start(work, first.account_id)
        # The provider, where it has to be downloaded, is the one of the other commands.
        variables = environment.for_emulator(record.url, Work())
        variables["TF_VAR_db_password"] = environment.db_password(work)
        resources: list[Resource] = []
        for stack in (BOOTSTRAP, *(each.environment for each in known)):
            with display.step(f"{stack}: apply") as step:
                directory = synthesized.directory(stack, made / "stacks")
                terraform = Terraform(directory, variables, work, step.progress)
                if stack == BOOTSTRAP:
                    apply_bootstrap(terraform, Aws(variables, first.aws_region), work.emulator / "bootstrap.tfstate")
                else:
                    _apply(terraform, work)
                found = recorded(stack, terraform.show_json())
                step.note = f"{len(found)} resources"
            resources += found
        regions = {region for each in known for region in (each.aws_region, each.state_replica_region)}
        yield Account(variables, first.account_id, tuple(sorted(regions)), tuple(resources))
    finally:
        process.stop(work)


def _apply(terraform: Terraform, work: Work) -> None:
    terraform.init()
    plan = work.plan(terraform.directory.name)
    terraform.apply(plan, terraform.plan(plan))


def recorded(stack: str, state: Json) -> list[Resource]:
    """The resources in a state, as `terraform show -json` prints it."""
    resources = cast("list[Json]", state["values"]["root_module"]["resources"])
    managed = (each for each in resources if each["mode"] == "managed")
    return [Resource(stack, each["address"], each["type"], each["values"]) for each in managed]
