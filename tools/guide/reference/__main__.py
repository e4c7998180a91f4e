"""`make reference`: writes the pages of docs/ that are made of the code."""

from __future__ import annotations

import lazy_bindings

lazy_bindings.install()

from environments.load import load_or_exit  # noqa: E402
from ops.core.files import write_atomically  # noqa: E402
from ops.core.paths import ROOT  # noqa: E402
from tools.guide.reference.pages import pages  # noqa: E402

for name, text in pages(load_or_exit(ROOT / "environments")).items():
    write_atomically(ROOT / "docs" / name, text, mode=0o644)
    print(f"docs/{name}")
