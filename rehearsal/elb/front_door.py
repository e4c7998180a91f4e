"""The load balancer's traffic: an HTTP server on loopback for each HTTP listener."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerTimeoutError,
    TCPConnector,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from rehearsal.elb.elbv2 import Listener
from rehearsal.elb.load_balancer import LoadBalancer
from rehearsal.elb.rules import Request, choose

PREFERRED_PORT = 8000
CONNECT_SECONDS = 10
"""The load balancer's own limit; source: "HTTP 504: Gateway timeout" in the ALB troubleshooting guide."""
VALID_HEADER = re.compile(r"[-A-Za-z0-9]+")
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
    *("transfer-encoding", "upgrade", "proxy-connection", "expect"),
}
NOT_INVENTED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
TEXTS = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}


def error(status: int) -> web.Response:
    body = f"<html><head><title>{status} {TEXTS[status]}</title></head><body>{status} {TEXTS[status]}</body></html>\n"
    return web.Response(status=status, text=body, content_type="text/html")


def passed_on(headers: Any, listener: Listener) -> CIMultiDict[str]:
    """The headers of a message without those of its one connection, and without invalid names if so set."""
    named = {name.strip().lower() for value in headers.getall("Connection", []) for name in value.split(",")}
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in HOP_BY_HOP | named
        and (not listener.drop_invalid_headers or VALID_HEADER.fullmatch(name))
    )


class FrontDoor:
    """Follows the listeners that the load balancer has."""

    def __init__(self, balancer: LoadBalancer, http: ClientSession) -> None:
        self._balancer, self._http = balancer, http
        self._servers: dict[str, tuple[web.ServerRunner, int]] = {}

    def urls(self) -> dict[str, str]:
        """Each listener that has a server, and its address here."""
        return {
            f"{listener.protocol}:{listener.port}": f"http://localhost:{self._servers[listener.arn][1]}"
            for listener in self._balancer.view.listeners
            if listener.arn in self._servers
        }

    def not_rehearsed(self) -> list[str]:
        """What the applied listeners have and this front door does not do."""
        listeners = self._balancer.view.listeners
        return [
            *(f"listener {each.protocol}:{each.port}" for each in listeners if each.protocol != "HTTP"),
            *(
                f"rule {rule.priority} of {each.protocol}:{each.port} ({', '.join(rule.conditions)})"
                for each in listeners
                for rule in each.rules
                if not rule.rehearsed
            ),
        ]

    async def follow(self) -> None:
        """Open and close servers, so that there is one for each HTTP listener."""
        wanted = [each for each in self._balancer.view.listeners if each.protocol == "HTTP"]
        for arn in {*self._servers} - {each.arn for each in wanted}:
            await self._servers.pop(arn)[0].cleanup()
        for listener in wanted:
            if listener.arn not in self._servers:
                self._servers[listener.arn] = await self._open(listener)

    async def close(self) -> None:
        for runner, _ in self._servers.values():
            await runner.cleanup()
        self._servers.clear()

    async def _open(self, listener: Listener) -> tuple[web.ServerRunner, int]:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(listener.arn, request)

        runner = web.ServerRunner(
            web.Server(handle, keepalive_timeout=listener.idle_timeout, access_log=None), shutdown_timeout=1
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", PREFERRED_PORT, reuse_address=True)
        try:
            await site.start()
        except OSError:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
        return runner, runner.addresses[0][1]

    async def _answer(self, arn: str, request: web.BaseRequest) -> web.StreamResponse:
        listener = next((each for each in self._balancer.view.listeners if each.arn == arn), None)
        if listener is None:
            return error(503)
        path = request.raw_path.partition("?")[0]
        rule = choose(listener.rules, Request(request.method, request.host, path))
        # Authentication actions would come before the last one; they need HTTPS.
        action: dict[str, Any] = rule.actions[-1] if rule else {"Type": "none"}
        match action["Type"]:
            case "forward" if rule is not None:
                port = self._balancer.pick(rule.target_groups)
                return error(503) if port is None else await self._forward(listener, request, port)
            case "redirect":
                return redirect(action["RedirectConfig"], request)
            case "fixed-response":
                fixed = action["FixedResponseConfig"]
                kind = fixed.get("ContentType") or "text/plain"
                return web.Response(
                    status=int(fixed["StatusCode"]), text=fixed.get("MessageBody") or "", content_type=kind
                )
            case _:
                return error(503)

    async def _forward(self, listener: Listener, request: web.BaseRequest, port: int) -> web.StreamResponse:
        headers = passed_on(request.headers, listener)
        client = request.remote or ""
        before = request.headers.get("X-Forwarded-For")
        headers["X-Forwarded-For"] = f"{before}, {client}" if before else client
        headers["X-Forwarded-Proto"] = "http"
        headers["X-Forwarded-Port"] = str(self._servers[listener.arn][1])
        headers.setdefault("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}")
        limits = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=listener.idle_timeout)
        response: web.StreamResponse | None = None
        try:
            async with self._http.request(
                request.method,
                URL(f"http://127.0.0.1:{port}{request.raw_path}", encoded=True),
                headers=headers,
                data=request.content if request.can_read_body else None,
                timeout=limits,
                skip_auto_headers=NOT_INVENTED,
                allow_redirects=False,
            ) as answer:
                response = web.StreamResponse(
                    status=answer.status, reason=answer.reason, headers=passed_on(answer.headers, listener)
                )
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
                return response
        except ServerTimeoutError:
            failure = 504
        except (ClientConnectorError, ClientError, OSError):
            failure = 502
        if response is None or not response.prepared:
            return error(failure)
        # The status is sent: all that is left is to cut the connection, so that nobody takes the part for the whole.
        if request.transport is not None:
            request.transport.abort()
        return response


def redirect(config: dict[str, str], request: web.BaseRequest) -> web.Response:
    """The address of the request with the given parts replaced."""
    path, _, query = request.raw_path.partition("?")
    host, _, port = request.host.partition(":")
    now = {"protocol": "http", "host": host, "port": port or "80", "path": path.removeprefix("/"), "query": query}

    def filled(key: str) -> str:
        text = config.get(key) or f"#{{{key.lower()}}}"
        return re.sub(r"#\{(\w+)\}", lambda match: now.get(match[1], ""), text)

    protocol, query = filled("Protocol").lower(), filled("Query")
    default = {"http": "80", "https": "443"}.get(protocol)
    port = "" if filled("Port") == default else f":{filled('Port')}"
    path = (config.get("Path") and filled("Path")) or f"/{now['path']}"
    location = f"{protocol}://{filled('Host')}{port}{path}{'?' + query if query else ''}"
    status = 301 if config["StatusCode"] == "HTTP_301" else 302
    return web.Response(status=status, headers={"Location": location})


@contextlib.asynccontextmanager
async def client() -> AsyncGenerator[ClientSession]:
    """The HTTP client for targets: it passes on what it gets, unpacks nothing and keeps no cookies."""
    # Shorter than the 65 s and 75 s of the targets, so that this side closes idle connections first.
    connector = TCPConnector(limit=0, keepalive_timeout=60)
    async with ClientSession(connector=connector, auto_decompress=False, cookie_jar=DummyCookieJar()) as session:
        yield session
