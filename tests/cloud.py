"""Bootstrap and staging, applied once by stock Terraform; the tests that only read share them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from environments.settings import Settings
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.errors import UserError
from ops.core.paths import Work
from ops.state import bootstrap
from ops.terraform import environment
from ops.terraform.events import Changes
from ops.terraform.run import Terraform, find_terraform
from rehearsal.aws import calls
from tests import shared_apply
from tests.support import needs

# Every character RDS allows that an URL or a shell could trip over.
PASSWORD = "S3cr3t#%+&=?:!~^pa ss".replace(" ", "")


@dataclass
class Cloud:
    """The embedded AWS and a copy of the synthesized stacks to run Terraform in."""

    record: Record
    work: Work
    stacks: Path
    settings: Settings
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def aws(self) -> Aws:
        return Aws(self.variables, self.settings.aws_region)

    def terraform(self, stack: str) -> Terraform:
        """Terraform in a copy, whose calls the emulator keeps under the copy's name."""
        variables = {**self.variables, "TF_APPEND_USER_AGENT": calls.user_agent(stack)}
        return Terraform(self.stacks / stack, variables, self.work)

    def plan_file(self, name: str) -> Path:
        return self.work.plan(name)


@pytest.fixture(scope="session")
def cloud(
    request: pytest.FixtureRequest,
    emulator: Record,
    outdir: Path,
    settings: dict[str, Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Cloud:
    try:
        find_terraform()
    except UserError as error:
        needs(False, str(error))
    directory = tmp_path_factory.mktemp("apply")
    work = Work(directory / "work")
    shared = shared_apply.folder(request.config.getoption("--lane"))
    given = shared / "stacks" if shared and (shared / "stacks").exists() else outdir / "stacks"
    shutil.copytree(given, directory / "stacks", symlinks=True)
    variables = {**environment.for_emulator(emulator.url, work), "TF_VAR_db_password": PASSWORD}
    return Cloud(emulator, work, directory / "stacks", settings["staging"], variables)


@pytest.fixture(scope="session")
def local_state(cloud: Cloud) -> Path:
    return cloud.work.directory / "bootstrap.tfstate"


@pytest.fixture(scope="session")
def bootstrapped(cloud: Cloud, local_state: Path) -> Changes:
    """The bootstrap stack, applied and its state moved into the bucket."""
    return bootstrap.apply_bootstrap(cloud.terraform("bootstrap"), cloud.aws, local_state)


@pytest.fixture(scope="session")
def applied(request: pytest.FixtureRequest, cloud: Cloud) -> Terraform:
    """Staging, planned and applied."""
    terraform = cloud.terraform("staging")
    lane = request.config.getoption("--lane")
    shared = shared_apply.folder(lane)
    if shared and lane != shared_apply.APPLYING:
        return terraform
    try:
        request.getfixturevalue("bootstrapped")
        terraform.init()
        plan = cloud.plan_file("staging")
        changes = terraform.plan(plan)
        terraform.apply(plan, changes)
        if shared:
            shared_apply.offer(shared, cloud.record, cloud.stacks)
    except BaseException:
        if shared:
            shared_apply.give_up(shared)
        raise
    return terraform
