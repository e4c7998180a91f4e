"""What a person sees: one line a step with its time, a bar while Terraform works, tables at the end."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 10
"""Where the output is no terminal (CI), a step in progress is reported this often."""


class Step:
    """A step that is going on."""

    def __init__(self, display: Display, title: str) -> None:
        self.title = title
        self.note = ""
        self.unit = "resources"
        self._display = display
        self._started = self._reported = time.monotonic()
        self._bar: Progress | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def progress(self, done: int, total: int, what: str) -> None:
        """Show how far it is: resources done, of how many, the latest address."""
        if self._bar is not None:
            count = f"{done}/{total}" if total else ""
            self._bar.update(self._bar.task_ids[0], completed=done, total=total or None, count=count, what=what)
        elif total and time.monotonic() - self._reported >= QUIET_SECONDS:
            self._reported = time.monotonic()
            self._display.out.print(
                f"  {self.title}: {done}/{total} {self.unit}, {self.seconds:.0f} s", markup=False, emoji=False
            )

    @contextmanager
    def shown(self) -> Generator[Step]:
        """Show a moving line as long as the step lasts, if a person watches."""
        if not self._display.out.is_terminal:
            yield self
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", markup=False),
        )
        with Progress(*columns, console=self._display.out, transient=True) as self._bar:
            self._bar.add_task(self.title, total=None, count="", what="")
            yield self
        self._bar = None


class Display:
    """Everything the commands print."""

    def __init__(self, *, stderr: bool = False) -> None:
        self.out = Console(highlight=False, soft_wrap=True, stderr=stderr)

    @contextmanager
    def step(self, title: str) -> Generator[Step]:
        """Run the body as one step and print its line with the time it took."""
        step = Step(self, title)
        try:
            with step.shown():
                yield step
        except BaseException:
            self.line(f"{title:<34}{step.seconds:7.1f} s  failed")
            raise
        self.line(f"{title:<34}{step.seconds:7.1f} s  {step.note}".rstrip())

    def line(self, text: str = "") -> None:
        self.out.print(text, markup=False, emoji=False)

    def table(self, title: str, rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as they need; nothing is cut, so that every value can be copied."""
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        self.line(f"\n{title}")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self.line(f"  {'  '.join(cells)}".rstrip())
