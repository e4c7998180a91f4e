"""`state`: the versions of a Terraform state, and the way back to one of them."""

from __future__ import annotations

import click

from ops import command_line
from ops.checks.drift import plan_now
from ops.core.errors import CommandError, UserError
from ops.session import Session
from ops.state import file as state
from ops.state import lock
from ops.state import versions as state_versions
from ops.state.versions import Version

SIGNS = {"+": "added", "-": "removed", "~": "changed"}


def history(session: Session, limit: int) -> None:
    """List the versions of the state that the bucket keeps, newest first."""
    versions = state_versions.history(session.account, session.backend, limit)
    rows = [("serial", "time", "size", "resources", "version id")]
    rows += [(_serial(each), _time(each), f"{each.size} B", _resources(each), _id(each)) for each in versions]
    session.display.table(f"State of {session.name}, s3://{session.backend.bucket}/{session.backend.key}:", rows)
    deleted = state.deleted(session.account, session.backend)
    if deleted:
        session.display.line(
            "The state was deleted, none of these is current: `state rollback SERIAL` brings one back."
        )
    session.answer(
        {
            "deleted": deleted,
            "versions": [
                {
                    "id": each.id,
                    "serial": each.serial,
                    "time": each.modified.isoformat(),
                    "size": each.size,
                    "resources": each.resources,
                    "current": each.current,
                }
                for each in versions
            ],
        }
    )


def diff(session: Session, old: str | None, new: str | None) -> None:
    """Show what two versions of the state differ in.

    OLD and NEW are serials or version ids; without NEW the current one, without both the last two.
    """
    aws, backend = session.account, session.backend
    newer = state_versions.find(aws, backend, new) if new else state_versions.history(aws, backend, 1)[0]
    older = state_versions.find(aws, backend, old or state_versions.PREVIOUS)
    for each in (older, newer):
        if each.document is None:
            raise UserError(f"version {each.id} cannot be read: it is damaged or archived")
    assert older.document is not None and newer.document is not None
    found = state_versions.compare(older.document, newer.document)
    session.display.line(f"From serial {_serial(older)} ({_time(older)}) to serial {_serial(newer)} ({_time(newer)}):")
    for each in found:
        session.display.line(f"  {each.change} {each.address}")
        for detail in each.details:
            session.display.line(f"      {detail}")
    if not found:
        session.display.line("  the same resources")
    session.answer(
        {
            "from": older.id,
            "to": newer.id,
            **{name: [each.address for each in found if each.change == sign] for sign, name in SIGNS.items()},
        }
    )


def backup(session: Session) -> None:
    """Copy the state as it is now to backups/ beside it in the bucket."""
    aws = session.account
    uri = state_versions.backup(aws, session.backend)
    session.display.line(f"{session.name}: copied to {uri}")
    session.answer({"backup": uri})


def rollback(session: Session, version: str, yes: bool, plan: bool) -> None:
    """Make an older version of the state the current one, and show the plan that follows.

    VERSION is a serial or the beginning of a version id, as `state history` lists them, or `previous`. Nothing in the
    account changes: Terraform forgets what it did since, so the plan that follows shows what it would do again.
    """
    aws, backend = session.account, session.backend
    wanted = state_versions.find(aws, backend, version)
    current = state_versions.history(aws, backend, 1)[0]
    replaced = f"serial {_serial(current)} of {_time(current)}" if current.current else "nothing: it was deleted"
    what = f"serial {_serial(wanted)} of {_time(wanted)} in place of {replaced}"
    command_line.confirm(
        yes,
        f"{session.name}: {what}?",
        without_terminal=f"{session.name}: {what}: not done; add --yes to do it",
        refused="nothing was changed",
    )
    with lock.hold(aws, backend, "rollback of the state"):
        if state_versions.history(aws, backend, 1)[0].id != current.id:
            raise CommandError(f"{session.name}: the state was written meanwhile; nothing was changed: repeat")
        copy = state_versions.backup(aws, backend)
        state_versions.restore(aws, backend, wanted)
        session.display.line(f"{session.name}: {what}. The state before is kept as {copy}")
    answer: dict[str, object] = {"serial": wanted.serial, "version": wanted.id, "backup": copy}
    found = plan_now(session.steps(), aws, session.settings) if plan else None
    if found is not None:
        session.display.line(found.text if found.changes.any else "A plan shows no changes.")
        answer["plan"] = str(found.changes) if found.changes.any else "no changes"
    # A damaged state is nothing to go back to.
    if current.current and current.serial is not None and (found is None or found.changes.any):
        options = session.options
        session.display.line(
            "The account is as it was: what was made since is recorded no more. "
            f"`python -m ops recover {options}` finds it, `python -m ops state rollback {current.serial} {options}` "
            "goes forward again."
        )
    session.answer(answer)


def _serial(version: Version) -> str:
    return "unreadable" if version.serial is None else str(version.serial)


def _resources(version: Version) -> str:
    return "-" if version.resources is None else str(version.resources)


def _time(version: Version) -> str:
    return version.modified.strftime("%Y-%m-%d %H:%M:%SZ")


def _id(version: Version) -> str:
    return f"{version.id} (current)" if version.current else version.id


command = click.Group(
    "state",
    help="The versions of a Terraform state, and the way back to one of them.",
    commands=[
        command_line.delivery(
            history,
            click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many."),
            name="history",
        ),
        command_line.delivery(
            diff, click.argument("old", required=False), click.argument("new", required=False), name="diff"
        ),
        command_line.delivery(backup, name="backup"),
        command_line.delivery(
            rollback,
            click.argument("version"),
            click.option("--yes", is_flag=True, help="Do it without asking."),
            click.option("--plan/--no-plan", default=True, help="Whether to show the plan that follows."),
            name="rollback",
        ),
    ],
)
