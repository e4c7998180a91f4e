"""What the documents claim is held by tests that exist."""

from __future__ import annotations

import re

from tests.support import ROOT


def test_every_claim_of_the_threat_model_names_a_test_that_exists() -> None:
    text = (ROOT / "docs/threat-model.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")][2:]
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows) >= 12
    for row in rows:
        names = re.findall(r"`([^`]+)`", row[-1])
        assert names, row
        for name in names:
            assert f"def {name}(" in sources or (ROOT / name).is_file(), name
