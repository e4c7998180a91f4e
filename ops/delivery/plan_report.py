"""A plan as a person reviews it on a pull request: counts first, then resources by module, then all of it."""

from __future__ import annotations

from ops.core.github import fenced
from ops.terraform.plan_file import (
    KINDS,
    Plan,
    serving,
    stateful,
)

COMMENT_LIMIT = 65_536
"""Characters of a comment; source: the error "body is too long (maximum is 65536 characters)" of GitHub's API."""
RESERVE = 2_000
SIGNS = {"create": "+", "update": "~", "replace": "±", "destroy": "-"}
LISTED = 200
"""Resources that are listed by module; the full plan below has all."""


def of_plan(environment: str, plan: Plan, text: str) -> str:
    """Markdown of a plan that was made; text is Terraform's own rendering."""
    head = f"### Plan for {environment}"
    if plan.empty:
        return f"{head}\n\n**No changes.** What is applied matches the code.\n"
    counts = plan.counts
    parts = [head, f"**{', '.join(f'{counts[kind]} to {kind}' for kind in KINDS)}**"]
    if plan.outputs:
        parts.append(f"Outputs that change: {', '.join(f'`{name}`' for name in plan.outputs)}")
    guarded = stateful(plan.changes)
    if guarded:
        listed = ", ".join(f"`{each.address}`" for each in guarded)
        parts.append(f"> [!CAUTION]\n> Data would be lost with {listed}.")
    if cut_off := serving(plan.changes):
        listed = ", ".join(f"`{each.address}`" for each in cut_off)
        parts.append(f"> [!CAUTION]\n> Requests would fail while {listed} would be replaced.")
    if plan.changes:
        parts.append(_table(plan))
    return _with_details(parts, "Full plan", text)


def of_failure(environment: str, errors: str, log: str) -> str:
    """Markdown of a plan that could not be made."""
    parts = [f"### Plan for {environment}", "**The plan failed.**"]
    if errors:
        parts.append(fenced(errors[:4_000]))
    return _with_details(parts, "Log", log) if log else "\n\n".join(parts) + "\n"


def _table(plan: Plan) -> str:
    rows = ["| Module | Resources |", "|---|---|"]
    left = LISTED
    for module, changes in plan.by_module().items():
        shown = changes[: max(left, 0)]
        left -= len(shown)
        cells = [f"{SIGNS[each.kind]} `{each.address}`" for each in shown]
        if len(shown) < len(changes):
            cells.append(f"and {len(changes) - len(shown)} more")
        rows.append(f"| {module} | {'<br>'.join(cells)} |")
    return "\n".join(rows)


def _with_details(parts: list[str], title: str, text: str) -> str:
    """The parts, and the text folded away, cut so that the whole fits into a comment."""
    head = "\n\n".join(parts)
    room = COMMENT_LIMIT - RESERVE - len(head)
    note = ""
    if len(text) > room:
        text = text[:room].rpartition("\n")[0]
        note = "\n\nCut to fit a comment; the job's log has all of it."
    return f"{head}\n\n<details><summary>{title}</summary>\n\n{fenced(text)}{note}\n\n</details>\n"
