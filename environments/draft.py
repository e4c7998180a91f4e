"""What the two files of one environment say, before the rules have judged it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.hcl import read
from environments.problems import Problem
from environments.settings import Backend, Settings
from environments.shape import Shape

_CONF = "backend."


@dataclass(frozen=True, slots=True)
class Draft:
    """The values that could be read, by key, the line of each key, and the problems met."""

    values: dict[str, Any]
    tfvars: Path
    conf: Path
    lines: dict[str, int]
    problems: list[Problem]

    def problem(self, key: str, text: str) -> Problem:
        """Place a finding: `backend.key` is the key `key` of backend.conf."""
        path = self.conf if key.startswith(_CONF) else self.tfvars
        return Problem(path, self._line(key), key.removeprefix(_CONF), text)

    def _line(self, key: str) -> int:
        """Return the line of a key, or of the object or list it is missing from."""
        while key and key not in self.lines:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self.lines.get(key, 0)


def read_draft(tfvars: Path) -> Draft:
    """Read <name>.tfvars and the <name>.backend.conf beside it."""
    conf = tfvars.with_suffix(".backend.conf")
    document = read(tfvars)
    conf_document = read(conf, missing=f"missing, expected the state backend of {tfvars.name}")

    shape, conf_shape = Shape(tfvars), Shape(conf, _CONF)
    values: dict[str, Any] = {}
    if document.values is not None:
        values = shape.read(Settings, document.values, apart=("backend",))
    if conf_document.values is not None:
        values["backend"] = conf_shape.read(Backend, conf_document.values)
    problems = [*document.problems, *conf_document.problems, *shape.problems, *conf_shape.problems]
    return Draft(values, tfvars, conf, shape.lines | conf_shape.lines, problems)
