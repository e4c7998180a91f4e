"""The server for machines without nginx gives the answers that nginx gives."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ops.rehearsal.static_site import FOR_EVER, application


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    for name, text in {"index.html": "page", "favicon.svg": "icon", "assets/app-1.js": "code", ".env": "no"}.items():
        path = tmp_path / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret").write_text("outside")
    return tmp_path / "dist"


@pytest.mark.parametrize(
    ("path", "status", "body", "keep"),
    [
        ("/", 200, "page", "no-store"),
        ("/any/view", 200, "page", "no-store"),
        ("/index.html", 200, "page", "no-store"),
        ("/health", 200, "ok\n", None),
        ("/favicon.svg", 200, "icon", None),
        ("/assets/app-1.js", 200, "code", FOR_EVER),
        ("/assets/gone.js", 404, None, "no-store"),
        ("/api/items", 404, None, None),
        ("/missing.png", 404, None, None),
        ("/.git/config", 404, None, None),
        ("/%2e%2e/secret", 200, "page", "no-store"),
    ],
)
def test_answers(dist: Path, path: str, status: int, body: str | None, keep: str | None) -> None:
    async def ask() -> tuple[int, str, str | None, str | None]:
        async with TestClient(TestServer(application(dist, {"X-Frame-Options": "DENY"}))) as client:
            response = await client.get(path)
            kept, framed = response.headers.get("Cache-Control"), response.headers.get("X-Frame-Options")
            return response.status, await response.text(), kept, framed

    found = asyncio.run(ask())
    assert found[0] == status
    assert body is None or found[1] == body
    assert "outside" not in found[1]
    assert found[2:] == (keep, "DENY")
