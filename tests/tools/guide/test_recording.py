"""The README's recording is drawn from what was recorded, and shows the commands that the README tells to type."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import ROOT
from tools.guide import recording


def test_the_picture_is_drawn_from_the_recording() -> None:
    events = recording.from_cast(recording.CAST.read_text())
    assert recording.to_cast(events) == recording.CAST.read_text()
    assert recording.to_picture(events) == recording.PICTURE.read_text(), "`make recording` draws it anew"


def test_the_recording_shows_what_the_readme_tells_to_type() -> None:
    recorded = [line[2:] for _, line in recording.from_cast(recording.CAST.read_text()) if line.startswith("$ ")]
    readme = (ROOT / "README.md").read_text()
    assert recorded == list(recording.COMMANDS)
    assert all(f"$ {command}\n" in readme for command in recorded)
    assert "docs/recording.svg" in readme


def test_pauses_are_cut_and_each_line_comes_after_the_one_before() -> None:
    events = [(0.0, "$ make up"), (90.0, "applied <all> & well"), (90.1, "done")]
    picture = recording.to_picture(events)
    assert "applied &lt;all&gt; &amp; well" in picture
    delays = [f"animation-delay:{at}s" for at in ("1.00", "1.70", "1.80")]
    positions = [picture.index(each) for each in delays]
    assert positions == sorted(positions)


def test_a_long_recording_ends_on_its_last_lines() -> None:
    events = [(float(row), f"line {row}") for row in range(recording.ROWS + 3)]
    assert f".scroll{{transform:translateY(-{3 * recording.LINE}px)" in recording.to_picture(events)


def test_the_recording_names_nothing_of_the_machine_it_was_made_on() -> None:
    recorded = recording.from_cast(recording.CAST.read_text())
    # Where a path begins; names in AWS, such as a log group's, begin with other parts.
    folders = "|".join(re.escape(each.name) for each in Path("/").iterdir())
    own = re.compile(rf"(?<![\w.-])/({folders})/")
    assert own.search(f"log: '{recording.CAST}'")
    assert [line for _, line in recorded if own.search(line)] == []
