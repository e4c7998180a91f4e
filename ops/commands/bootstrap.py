"""`bootstrap`: once per account, what every environment needs before it can exist."""

from __future__ import annotations

from pathlib import Path

import click

from environments.draft import read_draft
from environments.settings import Settings
from ops import command_line
from ops.core.aws import Aws
from ops.core.errors import UserError
from ops.core.paths import ROOT
from ops.recovery.search import Result, search_account
from ops.session import Session
from ops.state import bootstrap, service_linked_roles
from ops.terraform import imports, synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform, find_terraform
from ops.terraform.steps import alone, synthesize
from ops.terraform.synthesized import BOOTSTRAP
from rehearsal import door

PROVIDER = "aws_iam_openid_connect_provider.github"


def run(session: Session, yes: bool) -> None:
    """Make the state bucket, lock tables, image repositories and roles of an account.

    Also the service-linked roles of ECS, its autoscaling, the load balancer and RDS, where the account lacks one.

    Safe to repeat, also after a run that was cut off.
    """
    find_terraform()
    with alone(session.work, session.display):
        if session.target == "emulator":
            door.start_emulator(session.settings.account_id, session.work, session.display)
            synthesize(session.display)
            changes = bootstrap.apply_in_one_step(session.steps(BOOTSTRAP), session.aws, session.bootstrap_state)
        else:
            aws = session.account
            synthesize(session.display)
            changes = _apply(session, aws, yes)
            session.display.line(f"bootstrap: {changes if changes.any else 'no changes'}")
            made = service_linked_roles.make(aws)
            session.display.line(f"service-linked roles: {', '.join(made) + ' made' if made else 'all there'}")
            session.display.line("The account is ready for its first environment: see README.md, first deploy.")
    session.answer({"add": changes.add, "change": changes.change, "remove": changes.remove})


def _apply(session: Session, aws: Aws, yes: bool) -> Changes:
    steps, where = session.steps(BOOTSTRAP), f"account {session.settings.account_id}"
    terraform = Terraform(steps.directory, steps.variables, session.work)

    def confirm(changes: Changes, plan: Path) -> None:
        session.display.line(terraform.show(plan))
        command_line.confirm(
            yes,
            f"Apply to {where}?",
            without_terminal=f"{changes} in {where}: not applied; add --yes to apply it",
            refused="not applied",
        )

    imports.remove_of_another(steps.directory, steps.place)
    state = bootstrap.document(aws, synthesized.backend(steps.directory), session.bootstrap_state)
    require_free(search_account(steps.directory, state, steps.variables, session.display), session.settings)
    return bootstrap.apply_bootstrap(terraform, aws, session.bootstrap_state, confirm)


def require_free(result: Result, settings: Settings) -> None:
    """Raises UserError where another project has what is made once in an account, before anything is applied."""
    if PROVIDER in result.foreign:
        file = read_draft(ROOT / "environments" / f"{settings.environment}.tfvars")
        text = (
            f'got "create", expected "existing" in every environments/*.tfvars: account {settings.account_id} has '
            "GitHub's OIDC provider, and can have no second one. See that its audiences have sts.amazonaws.com. "
            "Nothing was made"
        )
        raise UserError(str(file.problem("github_oidc_provider", text)))
    if result.foreign:
        there = [f"{address}: {each.id} of {each.project}" for address, them in result.foreign.items() for each in them]
        raise UserError(
            "the account has, under the same names, things of another project, and nothing was made:\n  "
            + "\n  ".join(there)
            + "\nTwo projects of one account need two names: of an environment, whose lock table is named after it, or "
            "of a repository"
        )


command = command_line.delivery(run, click.option("--yes", is_flag=True, help="Apply without asking."))
