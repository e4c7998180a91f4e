"""Reads every environment of a directory, or says all that is wrong with them.

In two phases: the shape of each file, then the rules, within a file and across all of them. A file whose shape is wrong
is still judged by the rules of what could be read in it, so that all its problems are told at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from environments.draft import Draft, read_draft
from environments.problems import Problem, SettingsError, quote
from environments.rules import findings
from environments.rules.account import OWN, SHARED, value_at
from environments.settings import Settings, account
from environments.shape import build

__all__ = ["SettingsError", "account", "load", "load_or_exit"]


def load(directory: Path) -> tuple[Settings, ...]:
    """Return the settings of every <name>.tfvars, by name; raise SettingsError with all that is wrong in all files."""
    drafts = [read_draft(path) for path in _files(directory, ".tfvars")]
    problems = [*_stray_files(directory, drafts)]
    for draft in drafts:
        problems += draft.problems
        problems += _file_name(draft)
        problems += [draft.problem(key, text) for key, text in findings(draft.values)]
    problems += [*_names_within_reach(drafts), *_across(drafts)]
    if problems:
        raise SettingsError(problems)
    return tuple(build(Settings, draft.values) for draft in drafts)


def load_or_exit(directory: Path) -> tuple[Settings, ...]:
    """Return the settings, or print what is wrong to standard error and exit with 2."""
    try:
        return load(directory)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _files(directory: Path, suffix: str) -> list[Path]:
    """Leave out hidden files: editors put theirs beside the one being edited."""
    found = [path for path in directory.glob(f"*{suffix}") if not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.name.removesuffix(suffix))


def _stray_files(directory: Path, drafts: Sequence[Draft]) -> Iterator[Problem]:
    if not drafts:
        yield Problem(directory, 0, "", "got no *.tfvars, expected one an environment")
    known = {draft.conf for draft in drafts}
    for conf in _files(directory, ".backend.conf"):
        if conf not in known:
            yield Problem(
                conf, 0, "", f"got no {conf.name.removesuffix('.backend.conf')}.tfvars beside it, expected both"
            )


def _file_name(draft: Draft) -> Iterator[Problem]:
    """Compare environment with the file's name, which the further rules then go by."""
    name = draft.tfvars.stem
    got = value_at(draft.values, "environment")
    if got is not None and got != name:
        yield draft.problem("environment", f"got {quote(got)}, expected {quote(name)}, the name of the file")
        draft.values["environment"] = name


def _names_within_reach(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """The role that deploys b may change every role <project>-*-b; those of an environment a-b would be among them."""
    for draft in drafts:
        for other in drafts:
            name, end = draft.tfvars.stem, f"-{other.tfvars.stem}"
            if name.endswith(end):
                yield draft.problem(
                    "environment",
                    f"got {quote(name)}, expected a name that does not end in {quote(end)}: "
                    f"the role that deploys {other.tfvars.stem} could change its roles",
                )


def _across(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Compare each environment with those before it, by name."""
    for index, draft in enumerate(drafts):
        for key in SHARED + OWN:
            got = value_at(draft.values, key)
            earlier = {other.problem(key, "").place: value_at(other.values, key) for other in drafts[:index]}
            given = {place: value for place, value in earlier.items() if value is not None}
            if got is None or not given:
                continue
            place, value = next(iter(given.items()))
            if key in SHARED and got != value:
                yield draft.problem(key, f"got {quote(got)}, expected {quote(value)} as at {place}: one account")
            if key in OWN and got in given.values():
                place = next(place for place, value in given.items() if value == got)
                yield draft.problem(key, f"got {quote(got)}, expected another name than at {place}")
