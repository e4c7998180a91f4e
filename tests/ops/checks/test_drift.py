"""The plan of an environment as it is: with which variables, and that nothing of it is kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.checks import drift
from ops.core.errors import CommandError, TerraformFailed
from ops.core.paths import Work
from ops.delivery import deployed
from ops.delivery.deployed import NOT_COMPARED
from ops.session import Session
from ops.state import lock
from ops.state.lock import StateLock
from ops.terraform import steps, synthesized
from ops.terraform.events import Changes


def plan_now(session: Session) -> drift.Planned:
    return drift.plan_now(session.steps(), session.account, session.settings)


@dataclass
class StandIn:
    """Terraform that plans what it is told to and keeps what it was given."""

    changes: Changes = field(default_factory=Changes)
    variables: dict[str, str] = field(default_factory=dict[str, str])
    plans: list[Path] = field(default_factory=list[Path])
    fails: bool = False

    def __call__(self, _directory: Path, variables: dict[str, str], *_: object) -> StandIn:
        self.variables = variables
        return self

    def plan(self, out: Path, *, destroy: bool, lock: bool) -> Changes:
        assert not lock
        assert not destroy
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("a plan")
        self.plans.append(out)
        if self.fails:
            raise TerraformFailed("no plan")
        return self.changes

    def show(self, plan: Path) -> str:
        assert plan.read_text() == "a plan"
        return "# what changes"


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    terraform = StandIn()
    monkeypatch.setattr(steps, "Terraform", terraform)
    monkeypatch.setattr(synthesized, "directory", lambda name: tmp_path / name)
    monkeypatch.setattr(steps.Steps, "prepare", lambda _steps: None)
    return terraform


@pytest.fixture
def session(settings: dict[str, Settings], work: Work, aws: Any, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(deployed, "images", lambda *_: {"backend": "registry/api:7", "frontend": "registry/page:8"})
    session = Session(settings["staging"], work)
    session.__dict__.update(account=aws, variables={"AWS_PROFILE": "ada"})
    monkeypatch.setattr(lock, "read", lambda *_: None)
    return session


def test_the_images_are_the_deployed_ones_and_the_password_is_none(session: Session, terraform: StandIn):
    plan_now(session)
    assert terraform.variables == {
        "AWS_PROFILE": "ada",
        "TF_VAR_backend_image": "registry/api:7",
        "TF_VAR_frontend_image": "registry/page:8",
        "TF_VAR_db_password": NOT_COMPARED,
    }


def test_no_password_is_given_where_rds_owns_it(session: Session, terraform: StandIn):
    session.settings = dataclasses.replace(session.settings, db_password_owner="rds")
    plan_now(session)
    assert "TF_VAR_db_password" not in terraform.variables


def test_the_deployed_images_win_over_ones_of_the_environment_and_a_given_password_is_taken(
    session: Session, terraform: StandIn
):
    session.variables.update(TF_VAR_backend_image="old", TF_VAR_db_password="given")
    plan_now(session)
    assert terraform.variables["TF_VAR_backend_image"] == "registry/api:7"
    assert terraform.variables["TF_VAR_db_password"] == "given"


def test_what_changes_is_rendered_and_nothing_where_nothing_does(session: Session, terraform: StandIn):
    assert plan_now(session).text == ""
    terraform.changes = Changes(change=1, any=True)
    found = plan_now(session)
    assert (found.changes.change, found.text) == (1, "# what changes")


def test_while_somebody_has_the_lock_nothing_is_planned(
    session: Session, terraform: StandIn, monkeypatch: pytest.MonkeyPatch
):
    """The plan itself takes none, so that its role writes nothing."""
    held = StateLock("id-1", "ann@laptop", "OperationTypeApply", datetime.now(UTC), "info")
    monkeypatch.setattr(lock, "read", lambda *_: held)
    with pytest.raises(CommandError, match="the state is locked by ann@laptop since"):
        plan_now(session)
    assert terraform.plans == []


def test_no_plan_file_is_left_even_where_the_plan_fails(session: Session, terraform: StandIn):
    plan_now(session)
    terraform.fails = True
    with pytest.raises(TerraformFailed):
        plan_now(session)
    assert len(terraform.plans) == 2
    assert [path for path in terraform.plans if path.exists()] == []
