"""`bootstrap`: once per account, what every environment needs before it can exist."""

from __future__ import annotations

import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from ops import environment, synthesized
from ops.aws import Aws
from ops.bootstrap import apply_bootstrap
from ops.errors import CommandError, UserError
from ops.session import Session
from ops.synthesized import BOOTSTRAP
from ops.terraform import Terraform, find_terraform
from ops.terraform_events import Changes


def run(session: Session) -> None:
    """Apply the bootstrap stack to the real account of the AWS credentials in use, or to the emulator's."""
    find_terraform()
    with session.prepare_alone():
        if session.target == "emulator":
            record = session.start_emulator()
            session.synthesize()
            session.bootstrap_emulator(session.emulator_environment(record))
            return
        variables = environment.for_account(session.work)
        aws = session.aws(variables)
        _check_account(aws, session.settings.account_id)
        session.synthesize()
        _apply(session, Terraform(synthesized.directory(BOOTSTRAP), variables, session.work), aws)
    session.display.line("The account is ready for its first environment: see README.md, first deploy.")


def _apply(session: Session, terraform: Terraform, aws: Aws) -> None:
    def confirm(changes: Changes, plan: Path) -> None:
        session.display.line(terraform.show(plan))
        if session.yes:
            return
        if not sys.stdin.isatty():
            raise UserError(f"{changes} in account {session.settings.account_id}: not applied; add --yes to apply it")
        if input(f"Apply to account {session.settings.account_id}? Only 'yes' is accepted: ") != "yes":
            raise CommandError("not applied")

    local_state = session.work.directory / f"account-{session.settings.account_id}" / "bootstrap.tfstate"
    changes = apply_bootstrap(terraform, aws, local_state, confirm)
    session.display.line(f"bootstrap: {changes if changes.any else 'no changes'}")


def _check_account(aws: Aws, expected: str) -> None:
    """Raises UserError unless the credentials in use are the settings' account's."""
    try:
        account = str(aws.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"no usable AWS credentials: {error}; set AWS_PROFILE or log in, then repeat") from None
    if account != expected:
        raise UserError(
            f"these credentials are of account {account}, the settings say {expected}: use that account's, "
            "or change account_id in environments/*.tfvars"
        )
