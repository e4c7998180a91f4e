"""`python -m ops WORDS` as `python -m tests.apply.operator WORK STACKS WORDS`, in folders of a test's own."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from ops import __main__ as program
from ops import command_line
from ops.core.paths import Work
from ops.session import Session
from ops.terraform import synthesized


def main(work: str, stacks: str, *words: str) -> int:
    command_line.Session = functools.partial(Session, work=Work(Path(work)))
    synthesized.directory = functools.partial(synthesized.directory, stacks=Path(stacks))
    synthesized.synthesize = lambda: None
    return program.main(list(words))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
