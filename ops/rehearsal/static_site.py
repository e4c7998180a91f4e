"""Serves a built page with the rules of app/frontend/nginx/default.conf, for machines without nginx.

`python -m ops.rehearsal.static_site <dist> <security-headers.conf> <port>`
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from aiohttp import web

ADD_HEADER = re.compile(r'^add_header (\S+) "([^"]*)" always;', re.MULTILINE)
FOR_EVER = "public, max-age=31536000, immutable"


def application(dist: Path, headers: dict[str, str]) -> web.Application:
    """The whole server."""
    root = dist.resolve()

    def existing(path: str) -> Path | None:
        file = (root / path.lstrip("/")).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None

    def choose(path: str) -> tuple[Path | None, str | None]:
        """The file, None for 404, and what the answer says about keeping it."""
        if path.startswith("/assets/"):
            file = existing(path)
            return file, FOR_EVER if file else "no-store"
        if path.startswith("/api/"):
            return None, None
        file = existing(path)
        if path != "/index.html" and (file or re.search(r"/\.|\.[^/]+$", path)):
            return file, None
        return existing("/index.html"), "no-store"

    async def answer(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse
        if request.path == "/health":
            response = web.Response(text="ok\n")
        elif request.method not in ("GET", "HEAD"):
            response = web.Response(status=405, text="405 Not Allowed\n")
        else:
            file, keep = choose(request.path)
            response = web.FileResponse(file) if file else web.Response(status=404, text="404 Not Found\n")
            if keep:
                response.headers["Cache-Control"] = keep
        response.headers.update(headers)
        if request.path != "/health":
            print(json.dumps({"method": request.method, "uri": request.path_qs, "status": response.status}), flush=True)
        return response

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    return site


def main() -> None:
    dist, headers, port = sys.argv[1:]
    found = dict(ADD_HEADER.findall(Path(headers).read_text(encoding="utf-8")))
    web.run_app(application(Path(dist), found), host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
