"""Every command of the documentation is run as it is shown, or says why it is not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.core.files import write_atomically
from ops.core.paths import Work
from rehearsal import process as rehearsal
from tests import checkout, shared_apply
from tests.cloud import PASSWORD
from tests.docs import blocks
from tests.docs.blocks import NOT_RUN, PROMPT, RUN, Command
from tests.docs.reader import Reader, Stumble
from tests.support import needs

PAGES = blocks.pages()
OTHER_SHELLS = {"bash", "shell", "zsh", "shell-session", "terminal", "commandline"}


@pytest.mark.parametrize("page", PAGES)
def test_a_block_says_its_language(page: str) -> None:
    assert [each.place for each in blocks.of_page(page) if not each.language] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_block_of_commands_is_run_or_says_why_not(page: str) -> None:
    for each in blocks.of_page(page):
        assert each.language not in OTHER_SHELLS, f"{each.place}: ```{RUN} is run, ```{NOT_RUN} is not"
        if each.language == NOT_RUN:
            assert each.reason, f"{each.place}: expected `<!-- not run: REASON -->` on the line above"
        else:
            assert not each.reason, f"{each.place}: is {each.language}, and only {NOT_RUN} is not run"
        if each.language == RUN:
            assert each.text.startswith(PROMPT), f"{each.place}: expected a command first, `{PROMPT}make plan`"


def test_blocks_are_found_where_markdown_has_them() -> None:
    text = (
        "1. First\n\n   <!-- not run: why -->\n   ```sh\n   make up\n   ```\n\n````text\n```console\n$ no\n```\n````\n"
    )
    found = [(each.line, each.language, each.text, each.reason) for each in blocks.blocks("p.md", text)]
    assert found == [(4, "sh", "make up\n", "why"), (8, "text", "```console\n$ no\n```\n", None)]


def test_a_block_is_commands_each_with_the_first_line_of_its_output() -> None:
    text = "```console\n$ one\nfirst\nsecond\n$ two \\\n    more\n$ three   # exit 2\nrefused\n```\n"
    (block,) = blocks.blocks("p.md", text)
    assert list(block.commands()) == [
        Command("p.md:2", "one", "first"),
        Command("p.md:5", "two \\\n    more", None),
        Command("p.md:7", "three   # exit 2", "refused"),
    ]
    assert [each.exit_code for each in block.commands()] == [0, 0, 2]


@pytest.fixture
def visitor(tmp_path: Path) -> Reader:
    """Of an empty repository."""
    (tmp_path / "clone").mkdir()
    checkout.git(tmp_path / "clone", "init", "--quiet")
    return Reader(tmp_path / "clone", tmp_path)


@pytest.mark.parametrize(
    ("commands", "stumble"),
    [
        ("$ echo a; echo b  c d\nb ... d\n", None),
        ("$ export A=1\n$ echo $A\n1\n", None),
        ("$ (exit 2)  # exit 2\n$ true\n", None),
        ("$ true\n$ false\n$ echo never\n", "p.md:3: $ false\nended with code 1, expected 0"),
        ("$ true  # exit 2\n", "ended with code 0, expected 2"),
        ("$ false | true\n", "ended with code 1"),
        ("$ echo $UNSET\n", "p.md:2: .*\nended with code none"),
        ("$ echo ab\na\n", "printed no line 'a'; its output:\n  | ab"),
        ("$ env | grep -c ^AWS_SECRET\n", "ended with code 1"),
        ("$ touch left\n", r"p.md: leaves edits behind(.|\n)*\?\? left"),
    ],
)
def test_the_reader_stumbles_where_a_page_is_wrong(commands: str, stumble: str | None, visitor: Reader) -> None:
    found = list(blocks.blocks("p.md", f"```console\n{commands}```\n"))
    if stumble is None:
        visitor.work_through(found)
    else:
        with pytest.raises(Stumble, match=stumble.replace("$ ", r"\$ ")):
            visitor.work_through(found)


@pytest.fixture(scope="module")
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One for all pages; the platform that a first page starts, the next ones find running."""
    directory = tmp_path_factory.mktemp("reader")
    (directory / "home").mkdir()
    reader = Reader(directory / "clone", directory / "home")
    checkout.clone(reader.checkout)
    lane = request.config.getoption("--lane")
    if shared := shared_apply.folder(lane):
        # Applied already, with this password: `make up` has only to run it.
        work = Work(reader.checkout / ".work")
        write_atomically(work.db_password, PASSWORD)
        write_atomically(work.emulator_record, shared_apply.take(shared, lane).emulator_record.read_text())
    yield reader
    subprocess.run(["make", "down"], cwd=reader.checkout, capture_output=True, check=False)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.apply("readme") if page == PAGES[0] else pytest.mark.apply("pages"))
        for page in PAGES
        if any(each.language == RUN for each in blocks.of_page(page))
    ],
)
def test_the_commands_of_a_page_do_what_it_says(page: str, reader: Reader) -> None:
    for program in ("make", "npm", "terraform"):
        needs(shutil.which(program), f"{program} is not on PATH")
    told = None
    try:
        if page != PAGES[0] and not rehearsal.running(Work(reader.checkout / ".work")):
            reader.run([Command("before the page", "make up", None)])
        reader.work_through(each for each in blocks.of_page(page, reader.checkout) if each.language == RUN)
    except Stumble as error:
        told = str(error)
    if told:
        pytest.fail(told, pytrace=False)
