"""What the application answers to the load balancer's health check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.checks.facts import targets
from ops.checks.facts.facts import Facts
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death
from ops.checks.live.findings import UNHEALTHY, Cause, Finding

LOGIN = {401, 403, 407}
ELSEWHERE = {301, 302, 303, 307, 308, 404, 405, 410}


@dataclass(frozen=True)
class Answer:
    """The newest answer that failed a check."""

    code: int
    evidence: tuple[str, ...]


def path_wrong(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        answer = _answer(service)
        if answer is not None and answer.code in ELSEWHERE:
            moved = "answers a redirect" if answer.code < 400 else "is not there"
            what = f"health check path wrong: {_path(service)} {moved} ({answer.code})"
            yield _finding(facts, service, answer, what, "a path that the application answers with 200")


def path_needs_login(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        answer = _answer(service)
        if answer is not None and answer.code in LOGIN:
            what = f"health check behind authentication: {_path(service)} answers {answer.code}"
            yield _finding(facts, service, answer, what, "a path that needs no login, before the authentication")


def _answer(service: Service) -> Answer | None:
    """What the unhealthy targets answer, or else what tasks answered that were stopped for it."""
    group = service.group
    told = [(each.description, each.told()) for each in (group.having("unhealthy") if group else [])]
    judged = [service.verdicts[task.id][0].at for task, _ in service.condemned() if task.id in service.verdicts]
    # The check may have been changed meanwhile, and the newest task that was judged be on its way out.
    verdicts = [each for each in service.verdicts.values() if judged and each[0].at >= min(judged)]
    for event, reason in sorted(verdicts, key=lambda each: each[0].at, reverse=True):
        told.append((reason, str(event)))
    found = [(min(codes), line) for reason, line in told if (codes := targets.codes(reason))]
    return Answer(found[0][0], tuple(line for _, line in found)[:3]) if found else None


def _path(service: Service) -> str:
    return service.group.path if service.group else ""


def _finding(facts: Facts, service: Service, answer: Answer, what: str, wanted: str) -> Finding:
    group, settings = service.group, facts.settings
    assert group is not None
    key = f"ecs.{service.name}.health_check_path in environments/{settings.environment}.tfvars"
    given = settings.ecs.of(service.name).health_check_path
    fix = f"set {key} to {wanted}, and apply with {facts.apply}"
    if given != group.path:
        fix = f"the target group was changed beside Terraform, {key} is {given}: apply it again with {facts.apply}"
    return Finding(
        subject=service.name,
        what=what,
        where=f"target group {group.name}",
        evidence=(*answer.evidence, f"health check of the target group: GET {group.path}, expects {group.matcher}"),
        fix=(fix,),
    )


HEALTH_PATH_WRONG = Cause(
    "health-path-wrong",
    "Health check path wrong",
    path_wrong,
    symptom='503; targets unhealthy with "Health checks failed with these codes: [404]".',
    evidence="The codes that the load balancer tells, and the path and codes of the target group.",
    fix="Set `ecs.<service>.health_check_path` to a path that answers 200.",
    explains=UNHEALTHY,
    deaths=(Death.HEALTH,),
)

HEALTH_PATH_NEEDS_LOGIN = Cause(
    "health-path-needs-login",
    "Health check behind authentication",
    path_needs_login,
    symptom="The same with [401] or [403].",
    evidence="The same.",
    fix="Take a path that needs no login, or serve it before the authentication.",
    explains=UNHEALTHY,
    deaths=(Death.HEALTH,),
)
