"""What a page of the documentation names in backticks, and whether the project has it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, cast

import click

from environments.settings import EcsSettings, ServiceSettings, Settings
from ops.__main__ import cli
from tests.support import ROOT

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r"(?:-m ops|`ops) ([a-z][\w-]*(?: [a-z][\w-]*)?)((?: [^`\n]*)?)")
TASK = re.compile(r"(?:`|\$ |^)(?:[A-Z]+=\S+ )*make ([a-z][\w-]*)", re.MULTILINE)
FILE = re.compile(
    r"[\w.<>*@-]+\.(?:py|ya?ml|tfvars|conf|json|toml|m?js|jsx|md|sed|sql|png)|Makefile|Pipfile|Dockerfile"
)
ASSIGNMENT = re.compile(r"([\w.]+) = (.+)")


def missing(text: str) -> Iterator[str]:
    """Each name of a text that nothing in the project bears."""
    for found in COMMAND.finditer(text):
        yield from _not_a_command(*found.groups())
    yield from (f"make {task}" for task in TASK.findall(text) if task not in _tasks())
    for name in NAME.findall(FENCE.sub("", text)):
        if not _known(" ".join(name.split())):
            yield name


def _known(name: str) -> bool:
    if name.startswith(("ops ", "make ", ".venv/bin/python -m ops")) or re.match(r"[A-Z]+=\S+ make ", name):
        return True  # looked at with the whole text, blocks included
    if name.startswith(("aws ", "export ", "git ", "npm ", "terraform ")):
        return True  # of another program
    if name.startswith("test_") and name.isidentifier():
        return f"def {name}(" in _tests()
    if re.fullmatch(r"aws_[\w*]+(\.[\w*]+)?", name) and "." in name:
        return any(fnmatchcase(address, name) for address in _addresses())
    if FILE.fullmatch(name) or ("/" in name and name.split("/")[0] in _folders()):
        return _file(name) or ("<" in name and name in _sources())
    if re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+|ecs\.[\w.]+", name):
        return name in _keys()
    setting = ASSIGNMENT.fullmatch(name)
    if setting and f"{setting[1]} = {setting[2]}".replace('"', "") in _values():
        return True
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", _sources()) is not None


def _not_a_command(words: str, rest: str) -> Iterator[str]:
    command: click.Command = cli
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            yield f"ops {words}"
            return
        command = command.commands[word]
    known = {option for each in command.params for option in each.opts} | {"--help"}
    yield from (f"ops {words} {option}" for option in re.findall(r"--[a-z][\w-]+", rest) if option not in known)


@cache
def _files() -> tuple[str, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(each for each in set(listed.stdout.splitlines()) if (ROOT / each).is_file()))


@cache
def _folders() -> set[str]:
    return {each.partition("/")[0] for each in _files() if "/" in each}


def _file(name: str) -> bool:
    """A path from the root, a folder, or a file's name; `<name>` stands for anything."""
    pattern = re.sub(r"<\w+>", "*", name.rstrip("/"))
    return any(fnmatchcase(each, pattern) or fnmatchcase(each, f"{pattern}/*") for each in _files()) or (
        "/" not in pattern and any(fnmatchcase(Path(each).name, pattern) for each in _files())
    )


@cache
def _tests() -> str:
    return "".join((ROOT / each).read_text() for each in _files() if re.fullmatch(r"tests/.*/test_\w+\.py", each))


@cache
def _tasks() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def _goldens() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(each.read_text()) for each in sorted((ROOT / "tests/golden").glob("*.json")))


@cache
def _addresses() -> set[str]:
    return {f"{type_}.{name}" for each in _goldens() for type_, named in each["resource"].items() for name in named}


@cache
def _keys() -> set[str]:
    """Settings, outputs, variables and arguments of the stacks, and what the code defines."""
    found = {each.name for each in (*fields(Settings), *fields(ServiceSettings))}
    found |= {f"ecs.{service.name}" for service in fields(EcsSettings)}
    found |= {f"ecs.{service.name}.{key.name}" for service in fields(EcsSettings) for key in fields(ServiceSettings)}
    for golden in _goldens():
        found |= {*golden["output"], *golden.get("variable", {}), *(key for key, _ in _leaves(golden))}
    return found | set(re.findall(r"\bdef (\w+)", _sources())) | _folders()


@cache
def _values() -> set[str]:
    """Every plain value of a tfvars file or of a stack, as `key = value`."""
    found = {f"{key} = {_written(value)}" for each in _goldens() for key, value in _leaves(each)}
    for file in (ROOT / "environments").glob("*.*"):
        if file.suffix in (".tfvars", ".conf"):
            lines = (" ".join(line.split()).replace('"', "") for line in file.read_text().splitlines())
            found.update(line for line in lines if " = " in line)
    return found


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _leaves(item)
    if not isinstance(value, dict):
        return
    for key, item in cast("dict[str, Any]", value).items():
        if isinstance(item, str) and item[:1] in ("[", "{"):
            yield from _leaves(json.loads(item))
        elif isinstance(item, (dict, list)):
            yield from _leaves(item)
        else:
            yield key, item


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _sources() -> str:
    """All that runs, without tests and documents."""
    kept = re.compile(r"(?!tests/|docs/|.*/test/|.*package-lock|.*requirements|.*\.png)(?:.*/.*|[^/]+)(?<!\.md)")
    texts = [(ROOT / each).read_text(encoding="utf-8") for each in _files() if kept.fullmatch(each)]
    return " ".join(" ".join([*texts, *_files()]).split())
