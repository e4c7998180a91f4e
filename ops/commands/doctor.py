"""`doctor`: why the platform does not serve."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ops import command_line
from ops.checks.facts.facts import Facts
from ops.checks.live.examination import Report, examine
from ops.checks.live.findings import Diagnosis
from ops.core import github
from ops.core.errors import CommandError, UserError
from ops.session import Session


def run(session: Session) -> None:
    """Look for what is wrong with what runs, and tell the cause, its evidence and the fix.

    Reads the AWS API only. What follows from another cause is listed below that one. Code 1 when there is a cause.
    """
    facts = Facts(session.account, session.settings, session.backend, session.target)
    report = examine(facts)
    if "services" in report.refused:
        raise UserError(f"these credentials may not look at the services: {report.refused['services']}")
    if not facts.services and not report.roots:
        raise UserError(f"nothing of {session.name} is applied: there are no services to look at")
    for root in report.roots:
        for line in _told(root):
            session.display.line(line)
        session.display.line()
    for what, why in report.refused.items():
        session.display.line(f"could not look at {what}: {why}")
    session.display.line(_summary(report))
    if session.as_json:
        print(json.dumps([each.to_json() for each in report.roots], indent=2))
    github.outputs({"healthy": not report.roots, "causes": len(report.roots)})
    if report.roots:
        raise CommandError("; ".join(_heading(each) for each in report.roots))


def _summary(report: Report) -> str:
    count = len(report.roots)
    seen = f"looked at {report.seen} things"
    if count:
        return f"{seen}, {count} {'cause' if count == 1 else 'causes'}"
    return f"{seen}: {'nothing wrong in what could be seen' if report.refused else 'healthy'}"


def _heading(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.finding.subject}: {diagnosis.finding.what}"


def _told(root: Diagnosis) -> Iterator[str]:
    yield _heading(root)
    finding = root.finding
    follows = [f"{each.cause.key}: {_heading(each)}" for each in root.follows]
    parts = {"where": (finding.where,), "evidence": finding.evidence, "fix": finding.fix, "follows": follows}
    for title, lines in parts.items():
        for number, line in enumerate(lines):
            yield f"  {title if number == 0 else '':<9} {line}"


command = command_line.delivery(run)
