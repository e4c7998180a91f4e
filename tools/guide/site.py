"""The site's one hook: a link that leaves docs/ leads nowhere there, so it becomes the path of the file."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>\.\./[^)#\s]+)(?:#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Show `[settings](../environments/settings.py)` as: settings (`environments/settings.py`)."""
    del files
    docs = Path(config.docs_dir)
    here = docs / page.file.src_uri

    def path_of(link: re.Match[str]) -> str:
        file = (here.parent / link["target"]).resolve()
        if file.is_relative_to(docs) or not file.exists():
            return link[0]  # MkDocs judges it.
        path = f"`{file.relative_to(docs.parent)}`"
        return path if link["text"].strip("`") == path.strip("`") else f"{link['text']} ({path})"

    return LINK.sub(path_of, markdown)
