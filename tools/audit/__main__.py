"""`python -m tools.audit`: exit code 1 for a finding that accepted.toml does not name, 2 for a person's mistake."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from ops.core import checkout_lock
from ops.core.console import Display
from ops.core.errors import CommandError
from ops.core.paths import Work
from tools.audit import parliament, prowler
from tools.audit.accepted import WHOSE, Accepted, read
from tools.audit.account import applied
from tools.audit.findings import Finding

WIDEST = 160
"""Characters of a finding's detail that are shown: one lists every action of S3."""


def report(made: dict[str, str], found: Sequence[Finding], entries: Sequence[Accepted], display: Display) -> bool:
    """Print a line an auditor, what is not accepted and what is accepted in vain; whether nothing is left to do."""
    rows: list[Sequence[str]] = [("auditor", "looked at", "finds", *WHOSE, "open")]
    for auditor, looked_at in made.items():
        own = [each for each in found if each.auditor == auditor]
        counts = [sum(whose(each, entries) == kind for each in own) for kind in (*WHOSE, None)]
        rows.append((auditor, looked_at, str(len(own)), *map(str, counts)))
    display.table("Findings, by whose they are:", rows)
    for kind, meaning in WHOSE.items():
        display.line(f"  {kind}: {meaning}")
    open_ = [each for each in found if whose(each, entries) is None]
    unused = [what for entry in entries for what in entry.unused(found)]
    for line in _failures(open_):
        display.line(line)
    for what in unused:
        display.line(f"\nUNUSED in tools/audit/accepted.toml: {what} is found no more: take it out")
    return not open_ and not unused


def whose(finding: Finding, entries: Sequence[Accepted]) -> str | None:
    """Whose the finding is, by the first entry that covers it; None for one that nobody accepted."""
    return next((entry.whose for entry in entries if entry.covers(finding)), None)


def _failures(open_: Sequence[Finding]) -> Iterator[str]:
    """Yield each check that is not accepted with the resources it fails on, and once what to do."""

    def by_check(finding: Finding) -> tuple[str, str]:
        return finding.auditor, finding.check

    for (auditor, check), group in groupby(sorted(open_, key=by_check), key=by_check):
        yield f"\nFOUND by {auditor}: {check}"
        for each in group:
            yield f"  {each.stack} {each.address}: {_short(each.detail)}"
    if open_:
        yield (
            "\nTo do: change the resource where modules/ makes it, or the setting in environments/*.tfvars. Where the "
            "finding is wrong for this platform, or not its own, say whose it is and why in tools/audit/accepted.toml."
        )


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}..."


def main() -> int:
    display, work = Display(), Work(Work().directory / "audit")
    try:
        entries = read()
        alone = checkout_lock.prepare_alone(
            work.lock, lambda pid: display.line(f"another one (pid {pid}) audits; waiting for it")
        )
        with alone, applied(work, display) as account:
            with display.step("Prowler"):
                by_prowler, checks = prowler.audit(account, work.directory / "prowler")
            with display.step("parliament"):
                by_parliament, policies = parliament.audit(account, work.directory / "parliament")
        made = {"Prowler": f"{checks} checks of resources", "parliament": f"{policies} policies"}
        return 0 if report(made, [*by_prowler, *by_parliament], entries, display) else 1
    except CommandError as error:
        print(f"audit: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
