"""Terraform's state: its lock, and the digest that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ops.checks.facts.facts import Facts
from ops.checks.live.findings import Cause, Finding
from ops.state.lock import LIMIT_MINUTES, UnknownLock


def stale_lock(facts: Facts) -> Iterator[Finding]:
    """A younger one is an apply that runs."""
    where = f"table {facts.backend.dynamodb_table}"
    try:
        lock = facts.lock
    except UnknownLock as unknown:
        what = "the state is locked by an item that Terraform does not write"
        yield Finding("state", what, where, (str(unknown),), ("find out who wrote it, then delete it by hand",))
        return
    if lock is None or lock.age < timedelta(minutes=LIMIT_MINUTES):
        return
    yield Finding(
        subject="state",
        what=f"stale lock: no apply takes longer than {LIMIT_MINUTES} min",
        where=where,
        evidence=(f"held by {lock}",),
        fix=(f"see that this command is dead, then {facts.command('unlock')}",),
    )


def digest_mismatch(facts: Facts) -> Iterator[Finding]:
    """Not while somebody holds the lock: an apply writes first the one, then the other."""
    try:
        locked = facts.lock is not None
    except UnknownLock:
        locked = True
    digests = facts.digests
    # Without a digest Terraform compares nothing.
    if digests.table is None or digests.table == digests.state or locked:
        return
    is_gone = digests.state is None
    yield Finding(
        subject="state",
        what="the state is gone, its digest is not: every plan fails"
        if is_gone
        else "state and digest differ: every plan fails",
        where=f"s3://{facts.backend.bucket}/{facts.backend.key}",
        evidence=(
            f"MD5 of the state: {digests.state or 'there is none'}",
            f"digest in {facts.backend.dynamodb_table}: {digests.table}",
        ),
        fix=(
            f"{facts.command('state history')} lists its versions, {facts.command('state rollback SERIAL')} makes one "
            "the current one and mends the digest",
        ),
    )


STALE_LOCK = Cause(
    "stale-lock",
    "Stale lock",
    stale_lock,
    symptom='Plan and apply end with "Error acquiring the state lock".',
    evidence="The lock item, older than an hour.",
    fix="`ops unlock`, once its command is dead.",
)

STATE_DIGEST = Cause(
    "state-digest",
    "State digest mismatch",
    digest_mismatch,
    symptom='Every plan ends with "state data in S3 does not have the expected content".',
    evidence="MD5 of the state object against the digest in the lock table.",
    fix="`ops state rollback` to the version that is right: it mends the digest.",
)
