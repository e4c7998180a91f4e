"""What a check finds, and the rows of the table that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ops.core.aws import error_code
from ops.core.errors import CommandError
from ops.terraform.synthesized import UnknownAddress

PASS, WARN, FAIL, SKIP = "pass", "warn", "fail", "skip"
STATUSES = (PASS, WARN, FAIL, SKIP)
# What services answer credentials that may not look: AccessDenied of IAM, UnauthorizedOperation of EC2.
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say."""

    status: str
    where: str
    """file:line, or the address of a resource."""
    why: str
    """What was got and expected, and what to do."""


@dataclass(frozen=True)
class Row:
    """A finding, and of which check and what it is."""

    status: str
    check: str
    subject: str
    where: str
    why: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class Fault(Exception):
    """Ends a check that cannot read what it needs: that is a failure too."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.finding = fail(where, why)


@dataclass(frozen=True)
class Check(Generic[T]):
    """A check of one kind of subject. One that finds nothing has passed."""

    name: str
    look: Callable[[T], Iterable[Finding]]
    where: str = ""
    """What is looked at, for the row of a check that found nothing."""
    holds: str = ""
    """What is then true."""


def passed(where: str, why: str) -> Finding:
    return Finding(PASS, where, why)


def warn(where: str, why: str) -> Finding:
    return Finding(WARN, where, why)


def fail(where: str, why: str) -> Finding:
    return Finding(FAIL, where, why)


def skip(where: str, why: str) -> Finding:
    return Finding(SKIP, where, why)


def rows(checks: Iterable[Check[T]], subject: str, of: T) -> Iterator[Row]:
    """Run the checks; each gives at least one row."""
    for check in checks:
        found = _found(check, of) or [passed(check.where, check.holds)]
        yield from (Row(each.status, check.name, subject, each.where, each.why) for each in found)


def skipped(checks: Iterable[Check[Any]], subject: str, why: str) -> Iterator[Row]:
    """Rows of checks that cannot run."""
    return (Row(SKIP, check.name, subject, check.where, why) for check in checks)


def _found(check: Check[T], of: T) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check.look(of))
    except Fault as fault:
        found.append(fault.finding)
    except UnknownAddress as error:
        found.append(fail(error.address, str(error)))
    except ClientError as error:
        denied = error_code(error) in DENIED
        found.append(skip("AWS", f"these credentials may not look: {error}") if denied else fail("AWS", str(error)))
    except (BotoCoreError, CommandError) as error:
        found.append(fail("AWS", str(error)))
    return found
