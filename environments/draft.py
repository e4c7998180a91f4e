"""One environment as its two files have it: settings that may have holes, and where each key stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from environments.hcl import read
from environments.problems import Problem
from environments.settings import Backend, Settings
from environments.shape import Shape

_CONF = "backend."


@dataclass(frozen=True, slots=True)
class Draft:
    """Settings in which only the keys that could be read are set, and the problems met so far."""

    settings: Settings
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
    problems: list[Problem] = []

    shape = Shape(tfvars)
    settings = object.__new__(Settings)
    document = read(tfvars)
    if document.values is not None:
        settings = shape.fill(Settings, document.values, apart=("backend",))

    conf_shape = Shape(conf, _CONF)
    conf_document = read(conf, missing=f"missing, expected the state backend of {tfvars.name}")
    problems += conf_document.problems
    if conf_document.values is not None:
        object.__setattr__(settings, "backend", conf_shape.fill(Backend, conf_document.values))
    problems += [*document.problems, *shape.problems, *conf_shape.problems]
    return Draft(settings, tfvars, conf, shape.lines | conf_shape.lines, problems)
