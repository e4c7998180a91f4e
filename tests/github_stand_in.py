"""GitHub's REST API on loopback, as far as issues, comments and environments of one repository go."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


class GithubStandIn:
    """Issues and pull requests by number, each with its comments."""

    def __init__(self, repository: str) -> None:
        self.issues: dict[int, Json] = {}
        self.comments: dict[int, list[Json]] = {}
        self.environments: dict[str, Json] = {}
        self.token = ""
        """What a job gets that asks for an OIDC token."""
        self.refuse = False
        self._prefix = f"/repos/{repository}"
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or "{}")
                status, found = stand_in.request(self.command, self.path.partition("?")[0], body)
                text = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> GithubStandIn:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def request(self, method: str, path: str, body: Json) -> tuple[int, Any]:
        """Status and body of the answer."""
        if self.refuse:
            return 403, {"message": "Resource not accessible by integration"}
        path = path.removeprefix(self._prefix)
        if path == "/token":
            return 200, {"value": self.token}
        if path.startswith("/environments/"):
            found = self.environments.get(path.rpartition("/")[2])
            return (200, found) if found else (404, {"message": "Not Found"})
        match method, re.sub(r"\d+", "N", path):
            case "GET", "/issues":
                return 200, [each for each in self.issues.values() if each["state"] == "open"]
            case "POST", "/issues":
                number = max(self.issues, default=0) + 1
                self.issues[number] = self._issue(number, {"state": "open", **body})
                return 201, self.issues[number]
            case "GET" | "PATCH", "/issues/N":
                number = int(path.rpartition("/")[2])
                self.issues[number] |= body
                return 200, self._issue(number, self.issues[number])
            case "GET", "/issues/N/comments":
                return 200, self.comments.get(int(path.split("/")[2]), [])
            case "POST", "/issues/N/comments":
                number = int(path.split("/")[2])
                id_ = 1 + sum(len(each) for each in self.comments.values())
                url = f"{self.url}{self._prefix}/issues/comments/{id_}"
                comment = {"id": id_, "url": url, "html_url": f"{url}#html", **body}
                self.comments.setdefault(number, []).append(comment)
                return 201, comment
            case "PATCH", "/issues/comments/N":
                id_ = int(path.rpartition("/")[2])
                (comment,) = [each for comments in self.comments.values() for each in comments if each["id"] == id_]
                comment |= body
                return 200, comment
            case _:
                return 404, {"message": f"{method} {path}"}

    def _issue(self, number: int, values: Json) -> Json:
        url = f"{self.url}{self._prefix}/issues/{number}"
        return {"number": number, "url": url, "html_url": f"https://github.example/{number}", **values}
