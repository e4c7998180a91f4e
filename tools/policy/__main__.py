"""`python -m tools.policy [STACKS]`: exit code 1 for a failure not named in skips.toml, 2 for a person's mistake."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from ops.core import checkout_lock
from ops.core.console import Display
from ops.core.errors import CommandError
from ops.core.paths import Work
from tools.policy.inputs import CHECKED, Input, prepare
from tools.policy.scan import Result, scan
from tools.policy.skips import Skip, read


def report(inputs: Sequence[Input], results: Sequence[Result], skips: Sequence[Skip], display: Display) -> bool:
    """Print the table, what failed and what to do; whether nothing is left to do."""
    failed = [result for result in results if not result.passed]
    open_ = [result for result in failed if not any(skip.covers(result) for skip in skips)]
    rows: list[Sequence[str]] = [("stack", "source", "resources", "passed", "failed", "skipped")]
    for each in inputs:
        own = {(each.stack, each.source)}
        counts = [sum((result.stack, result.source) in own for result in some) for some in (results, failed, open_)]
        rows.append(_row(each.stack, each.source, len(each.addresses), *counts))
    rows.append(_row("all", "", sum(len(each.addresses) for each in inputs), len(results), len(failed), len(open_)))
    display.table("Checkov:", rows)
    checks = {check for skip in skips for check in skip.checks}
    display.line(f"\ntools/policy/skips.toml: {len(skips)} decisions, {len(checks)} checks")
    for line in (*_failures(open_), *_unused(skips, failed)):
        display.line(line)
    return not open_ and not any(_unused(skips, failed))


def _row(stack: str, source: str, resources: int, results: int, failed: int, open_: int) -> Sequence[str]:
    return (stack, source, *map(str, (resources, results - failed, open_, failed - open_)))


def _failures(failed: Sequence[Result]) -> Iterator[str]:
    """Yield each failed check with the resources it fails on, and once what to do."""

    def by_check(result: Result) -> tuple[str, str]:
        return result.check, result.name

    for (check, name), group in groupby(sorted(failed, key=by_check), key=by_check):
        yield f"\nFAILED {check} {name}"
        for (stack, address), same in groupby(sorted(group, key=_where), key=_where):
            found = list(same)
            keys = sorted({key for result in found for key in result.keys})
            sources = " and ".join(sorted({result.source for result in found}))
            yield f"  {stack} {address} ({sources})" + (f", looked at: {', '.join(keys)}" if keys else "")
    if failed:
        yield (
            "\nTo do: change the resource where modules/ makes it, or the setting in environments/*.tfvars. Where the "
            "check is wrong for this platform, say why in tools/policy/skips.toml."
        )


def _where(result: Result) -> tuple[str, str]:
    return result.stack, result.address


def _unused(skips: Sequence[Skip], failed: Sequence[Result]) -> Iterator[str]:
    for skip in skips:
        for what in skip.unused(failed):
            yield f"\nUNUSED in tools/policy/skips.toml: {what} fails no more: take it out"


def main(arguments: Sequence[str]) -> int:
    display, work = Display(), Work(Work().directory / "policy")
    try:
        with checkout_lock.prepare_alone(
            work.lock, lambda pid: display.line(f"another one (pid {pid}) checks; waiting for it")
        ):
            inputs = prepare(Path(arguments[0]) if arguments else None, work, display)
            with display.step("checkov"):
                results = scan(inputs, work.directory / CHECKED)
        return 0 if report(inputs, results, read(), display) else 1
    except CommandError as error:
        print(f"policy: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
