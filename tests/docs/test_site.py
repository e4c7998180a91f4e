"""The documentation as a site: whole, offline, and the same to a reader on GitHub."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from tests.docs.blocks import leaves
from tests.support import ROOT, needs

DOCS = ROOT / "docs"
CONFIG = str(ROOT / "mkdocs.yml")
BESIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Built:
    """The site, and what would have stopped a strict build."""

    directory: Path
    warnings: tuple[str, ...]

    def pages(self) -> Iterator[Path]:
        return self.directory.rglob("*.html")


class Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    directory, warnings = tmp_path_factory.mktemp("site"), Warnings()
    logging.getLogger("mkdocs").addHandler(warnings)
    build(load_config(CONFIG, site_dir=str(directory), strict=False))
    logging.getLogger("mkdocs").removeHandler(warnings)
    return Built(directory, tuple(warnings.texts))


@pytest.fixture
def build_page(tmp_path: Path) -> Callable[[str], str]:
    """Build a site of one page and a few files around it."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "settings.py").touch()

    def build_page(text: str) -> str:
        (docs / "page.md").write_text(f"# Page\n\n{text}\n")
        build(load_config(CONFIG, docs_dir=str(docs), site_dir=str(tmp_path / "site"), nav=["page.md"]))
        return (tmp_path / "site" / "page.html").read_text()

    return build_page


def test_the_site_builds_without_a_warning(site: Built) -> None:
    assert site.warnings == ()
    assert (site.directory / "index.html").is_file()


@pytest.mark.parametrize(
    "link", ["[gone](gone.md)", "[no heading](#nowhere)", "[gone](../environments/gone.py)", "![gone](gone.png)"]
)
def test_a_link_to_nothing_fails_the_build(link: str, build_page: Callable[[str], str]) -> None:
    with pytest.raises(Abort, match="Aborted with 1 warnings in strict mode"):
        build_page(link)


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[settings](../environments/settings.py)", "settings (<code>environments/settings.py</code>)"),
        ("[environments/settings.py](../environments/settings.py)", "<code>environments/settings.py</code>"),
        ("[`environments/settings.py`](../environments/settings.py#L1)", "<code>environments/settings.py</code>"),
    ],
)
def test_a_link_that_leaves_the_documentation_is_shown_as_a_path(
    link: str, shown: str, build_page: Callable[[str], str]
) -> None:
    assert f"<p>{shown}</p>" in build_page(link)


def test_a_heading_has_the_anchor_that_github_gives_it(build_page: Callable[[str], str]) -> None:
    assert 'id="a--b-db_name"' in build_page("## A & B: `db_name`\n\n[there](#a--b-db_name)")


def test_every_page_is_in_the_navigation() -> None:
    assert sorted(leaves(load_config(CONFIG).nav)) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def test_no_page_loads_anything_from_another_host(site: Built) -> None:
    loaded = [address for path in site.pages() for address in Loaded.by(path)]
    for path in site.directory.rglob("*.css"):
        loaded += re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", path.read_text())
    assert any(address.endswith(".css") for address in loaded)
    assert [address for address in loaded if re.match(r"(?:https?:)?//", address)] == []


def test_the_search_finds_a_setting_in_a_page_that_is_opened_as_a_file(site: Built) -> None:
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    needs(browser, "chromium is not on PATH")
    page = f"file://{site.directory}/reference/settings.html?q=nat_gateways"
    command = [str(browser), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    shown = subprocess.run([*command, page], capture_output=True, text=True, check=True, timeout=60).stdout
    results = shown.partition('class="md-search-result__list"')[2]
    assert "reference/settings.html?h=nat_gateways#nat_gateways" in results


def test_no_page_has_a_diagram_that_a_script_from_another_host_would_draw(site: Built) -> None:
    assert [path.name for path in site.pages() if 'class="mermaid"' in path.read_text()] == []


def test_lists_tables_and_blocks_are_recognized_as_on_github(site: Built) -> None:
    """Python-Markdown wants a blank line before them, and what belongs to an entry four spaces in."""
    for path in site.pages():
        for paragraph in re.findall(r"<p>(.*?)</p>", path.read_text(), re.DOTALL):
            swallowed = re.search(r"^\s*(?:[-*] |\d+\. |\|.*\|$)|```", paragraph, re.MULTILINE)
            assert not swallowed, f"{path.name}: {paragraph}"


@pytest.mark.parametrize("name", [name for name in BESIDE if (ROOT / name).exists()])
def test_links_of_the_documents_beside_lead_to_files_that_exist(name: str) -> None:
    targets = [link["target"].partition("#")[0] for link in LINK.finditer((ROOT / name).read_text())]
    local = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (ROOT / target).exists()] == []


class Loaded(HTMLParser):
    """Addresses that a browser loads with a page, not those that a reader may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    @classmethod
    def by(cls, path: Path) -> list[str]:
        parser = cls()
        parser.feed(path.read_text())
        return parser.addresses

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            self.addresses += [value for name, value in attrs if name in ("src", "href", "data", "srcset") and value]
