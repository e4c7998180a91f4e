"""The terminal recording of the README: what its first commands print, as an asciicast and as a picture that moves.

`make recording` types the commands in this checkout, which takes as long as they do, and keeps what they print line by
line in docs/recording.cast (asciicast v2: `asciinema play` shows it). docs/recording.svg is drawn from that file alone.
The settings that they edit are put back.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html import escape

from ops.core.files import write_atomically
from ops.core.paths import ROOT

COMMANDS = (
    "make up",
    r"sed -i '/backend = {/,/}/s/\(memory *\)= 512/\1= 1024/' environments/staging.tfvars",
    "make plan",
)
EDITED = ROOT / "environments/staging.tfvars"
CAST, PICTURE = ROOT / "docs/recording.cast", ROOT / "docs/recording.svg"
COLUMNS, ROWS = 112, 28
SHORTEST_PAUSE, LONGEST_PAUSE = 0.07, 0.7
"""Seconds in the picture: nobody waits for RDS, nor reads sixty lines at once. The steps print how long they took."""
LINE, CHARACTER, MARGIN = 18, 7.83, 16
COLOURS = ((r"\$ ", "#7ee787"), (r"\s*\+/?", "#7ee787"), (r"\s*[~±]", "#f2cc60"), (r"\s*-[/ ]", "#ff7b72"))

Event = tuple[float, str]
"""Seconds since the start, and a line."""


def record() -> Iterator[Event]:
    """Run the commands; raises CalledProcessError when one fails."""
    started = time.monotonic()
    for command in COMMANDS:
        yield time.monotonic() - started, f"$ {command}"
        # What the settings of one machine add to the output is no part of it.
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "MAKEFLAGS": ""}
        with subprocess.Popen(
            ["bash", "-c", command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield time.monotonic() - started, line.rstrip("\n")
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)


def to_cast(events: list[Event]) -> str:
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "idle_time_limit": LONGEST_PAUSE}
    lines: list[object] = [header, *([round(at, 3), "o", f"{line}\r\n"] for at, line in events)]
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in lines)


def from_cast(text: str) -> list[Event]:
    return [(at, line.rstrip("\r\n")) for at, _, line in map(json.loads, text.splitlines()[1:])]


def to_picture(events: list[Event]) -> str:
    """An SVG that plays once and stays on its last lines; without animation it shows those."""
    times: list[float] = []
    previous = 0.0
    for at, line in events:
        # A person reads the command before its first line comes.
        pause = 1.0 if line.startswith("$ ") else min(max(at - previous, SHORTEST_PAUSE), LONGEST_PAUSE)
        times.append((times[-1] if times else 0.0) + pause)
        previous = at
    length = times[-1]
    hidden = max(0, len(events) - ROWS)
    steps = [(0.0, 0)] + [(times[row + ROWS], row + 1) for row in range(hidden)]
    scroll = "".join(f"{100 * at / length:.2f}%{{transform:translateY({-row * LINE}px)}}" for at, row in steps)
    rows = "".join(
        f'<text x="{MARGIN}" y="{(row + 1) * LINE - 4}" fill="{_colour(line)}" style="animation-delay:{at:.2f}s">'
        f"{escape(line[:COLUMNS])}</text>\n"
        for row, ((_, line), at) in enumerate(zip(events, times, strict=True))
    )
    width, height = round(COLUMNS * CHARACTER + 2 * MARGIN), ROWS * LINE + MARGIN
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 32}" viewBox="0 0 {width} {height + 32}">
<title>{escape(", ".join(COMMANDS))}</title>
<style>
text{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;
animation:show 0s both}}
.scroll{{transform:translateY({-hidden * LINE}px);animation:scroll {length:.2f}s step-end}}
@keyframes show{{from{{visibility:hidden}}}}
@keyframes scroll{{{scroll}}}
@media (prefers-reduced-motion){{text,.scroll{{animation:none}}}}
</style>
<rect width="{width}" height="{height + 32}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="16" r="6" fill="#ff5f57"/><circle cx="40" cy="16" r="6" fill="#febc2e"/>
<circle cx="60" cy="16" r="6" fill="#28c840"/>
<svg y="32" width="{width}" height="{height}"><g class="scroll">
{rows}</g></svg>
</svg>
"""


def _colour(line: str) -> str:
    return next((colour for pattern, colour in COLOURS if re.match(pattern, line)), "#c9d1d9")


def main() -> int:
    events: list[Event] = []
    settings = EDITED.read_text()
    try:
        for at, line in record():
            print(line, flush=True)
            events.append((at, line))
    except subprocess.CalledProcessError as error:
        print(f"recording: `{error.cmd}` ended with exit code {error.returncode}; nothing was written", file=sys.stderr)
        return 1
    finally:
        write_atomically(EDITED, settings, 0o644)
    cast = to_cast(events)
    write_atomically(CAST, cast, 0o644)
    write_atomically(PICTURE, to_picture(from_cast(cast)), 0o644)
    return 0


if __name__ == "__main__":
    sys.exit(main())
