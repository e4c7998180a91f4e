"""The file of import blocks beside a stack's JSON: Terraform carries them out with the next apply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ops.core.files import write_atomically
from ops.terraform.synthesized import Json

FILE = "recover.tf.json"


def write(directory: Path, ids: Mapping[str, str], place: str) -> Path:
    """Import ids by address; the place is where they are valid."""
    path = directory / FILE
    blocks = [{"to": address, "id": id_} for address, id_ in ids.items()]
    # Terraform takes // for a comment.
    document = {"//": {"made_by": "python -m ops recover", "place": place}, "import": blocks}
    write_atomically(path, json.dumps(document, indent=2) + "\n")
    return path


def has(directory: Path, type_: str) -> bool:
    """Whether a resource of the type is to be imported."""
    return any(each["to"].startswith(f"{type_}.") for each in _read(directory).get("import", []))


def remove(directory: Path) -> bool:
    """Whether there was one. Left behind, it would fail a plan once an object of it is gone."""
    path = directory / FILE
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def remove_of_another(directory: Path, place: str) -> None:
    """Remove one that was written for another account, or for an emulator that is gone."""
    if _read(directory).get("//", {}).get("place") != place:
        remove(directory)


def _read(directory: Path) -> Json:
    try:
        return cast("Json", json.loads((directory / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
