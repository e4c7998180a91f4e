"""A person who works through the documentation: each block in a shell of its own, at the root of a fresh clone."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lazy_bindings.__main__ import cache_root
from ops.core.endpoint import ENDPOINT
from tests.checkout import git
from tests.docs.blocks import Block, Command

SECONDS = 1500
KEPT = ("PATH", "LANG", "TF_CLI_CONFIG_FILE")
SHOWN = 60
"""Lines of an output in a message."""


class Stumble(Exception):
    """A block that does something else than the page says."""


@dataclass
class Reader:
    checkout: Path
    home: Path
    done: list[str] = field(default_factory=list[str])
    """Commands so far."""

    def work_through(self, blocks: Iterable[Block]) -> None:
        """Run the blocks of a page; raises Stumble at the first that does something else, or for edits left behind."""
        page = ""
        for block in blocks:
            page = block.page
            self.run(list(block.commands()))
        if left := git(self.checkout, "status", "--porcelain"):
            raise Stumble(f"{page}: leaves edits behind, which the pages after it would meet:\n{left}")

    def run(self, commands: list[Command]) -> None:
        """Run commands in one shell, up to the first that ends otherwise than shown; raises Stumble."""
        mark = secrets.token_hex(8)
        script = ["set -uo pipefail"]
        for each in commands:
            # On lines of its own: the command may end in a comment.
            script += ["{", each.text, "}", f"code=$?; echo; echo {mark} $code; [ $code = {each.exit_code} ] || exit"]
        output = self._bash("\n".join(script))
        answers = re.split(rf"^{mark} (\d+)\n", output, flags=re.MULTILINE)
        for index, each in enumerate(commands):
            got, code = answers[2 * index], answers[2 * index + 1] if 2 * index + 1 < len(answers) else "none"
            if code != str(each.exit_code):
                raise Stumble(_told(each, f"ended with code {code}, expected {each.exit_code}", got))
            if each.output is not None and not shows(got, each.output):
                raise Stumble(_told(each, f"printed no line {each.output!r}", got))
            self.done.append(each.text)

    def _bash(self, script: str) -> str:
        # Not a pipe: what a command leaves running would hold it open.
        path = self.home / "output"
        with path.open("wb") as output:
            bash = subprocess.Popen(
                ["bash", "-c", script], cwd=self.checkout, env=self._variables(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            try:
                bash.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(bash.pid, signal.SIGKILL)
                bash.wait()
        return path.read_text(encoding="utf-8", errors="replace")

    def _variables(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "HOME": str(self.home),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache_root()),
            # Nothing listens there: what is not meant for the embedded AWS is refused or fails.
            ENDPOINT: "http://127.0.0.1:1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def shows(output: str, expected: str) -> bool:
    """Whether a line of the output is the expected one; columns may be wider or narrower."""
    pattern = ".*".join(re.escape(part) for part in _single_spaced(expected).split("..."))
    return any(re.fullmatch(pattern, _single_spaced(line)) for line in output.splitlines())


def _single_spaced(line: str) -> str:
    return " ".join(line.split())


def _told(command: Command, what: str, output: str) -> str:
    lines = [f"  | {line}" for line in output.strip().splitlines()[-SHOWN:]]
    return "\n".join([f"{command.place}: $ {command.text}", f"{what}; its output:", *lines])
