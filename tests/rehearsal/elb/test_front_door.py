"""What the front door does with requests, in front of targets that behave and that do not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp import ClientResponse, ClientSession, web

from rehearsal.elb import front_door
from rehearsal.elb.elbv2 import Listener, View
from rehearsal.elb.front_door import FrontDoor
from rehearsal.elb.load_balancer import LoadBalancer
from rehearsal.elb.rules import Rule
from rehearsal.network import free_port

IDLE_SECONDS = 0.3
FORWARD = {"Type": "forward", "TargetGroupArn": "group"}
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class OneTarget:
    """The load balancer's side, without an API."""

    def __init__(self, port: int | None, action: dict[str, Any]) -> None:
        rules = (Rule(None, {}, (action,)),)
        self.view = View((Listener("arn", "HTTP", 80, rules, IDLE_SECONDS, True),))
        self._port = port

    def pick(self, groups: list[str]) -> int | None:
        return self._port


@asynccontextmanager
async def door(port: int | None, action: dict[str, Any] = FORWARD) -> AsyncGenerator[str]:
    async with front_door.client() as http:
        opened = FrontDoor(cast("LoadBalancer", OneTarget(port, action)), http)
        await opened.follow()
        try:
            yield opened.urls()["HTTP:80"].replace("localhost", "127.0.0.1")
        finally:
            await opened.close()


@asynccontextmanager
async def target(handler: Handler) -> AsyncGenerator[int]:
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def ask(handler: Handler, method: str = "GET", path: str = "/", **options: Any) -> tuple[ClientResponse, bytes]:
    async def run() -> tuple[ClientResponse, bytes]:
        async with (
            target(handler) as port,
            door(port) as url,
            ClientSession(auto_decompress=False) as client,
            client.request(method, url + path, **options) as response,
        ):
            return response, await response.read()

    return asyncio.run(run())


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """What arrived."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = (await request.read()).decode()
    return web.json_response({"method": request.method, "path": request.raw_path, "headers": headers, "body": body})


def echoed(**options: Any) -> dict[str, Any]:
    return json.loads(ask(echo, **options)[1])


def test_the_target_learns_who_asked_and_how() -> None:
    headers = echoed(headers={"X-Forwarded-For": "203.0.113.7"})["headers"]
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == f"127.0.0.1:{headers['x-forwarded-port']}"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_path_query_and_body_arrive_as_they_were_sent() -> None:
    found = echoed(method="POST", path="/a%2Fb?x=%20y", data="hello")
    assert (found["method"], found["path"], found["body"]) == ("POST", "/a%2Fb?x=%20y", "hello")
    assert found["headers"]["content-length"] == "5"


def test_headers_of_the_connection_and_invalid_ones_stop_here() -> None:
    sent = {"Connection": "close, X-Private", "X-Private": "1", "TE": "trailers", "x_under": "1", "X-Fine": "1"}
    headers = echoed(headers=sent)["headers"]
    assert headers["x-fine"] == "1"
    assert not {"x-private", "te", "x_under"} & {*headers}


def test_a_body_is_passed_on_while_it_comes() -> None:
    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "x-own"})
        await response.prepare(request)
        for part in (b"one", b"two"):
            await response.write(part)
            await asyncio.sleep(IDLE_SECONDS / 2)
        return response

    response, body = ask(slowly)
    assert (response.status, body, response.headers["Content-Encoding"]) == (200, b"onetwo", "x-own")


@pytest.mark.parametrize("status", [204, 301, 304, 404, 500])
def test_the_targets_own_status_is_not_touched(status: int) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    assert ask(answer, allow_redirects=False)[0].status == status


def test_a_target_that_is_too_slow_is_504() -> None:
    async def never(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    assert ask(never)[0].status == 504


def test_a_target_that_hangs_up_is_502() -> None:
    async def hang_up(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert ask(hang_up, "POST")[0].status == 502


def alone(port: int | None, action: dict[str, Any] = FORWARD, path: str = "/") -> ClientResponse:
    async def run() -> ClientResponse:
        async with (
            door(port, action) as url,
            ClientSession() as client,
            client.get(url + path, allow_redirects=False) as response,
        ):
            return response

    return asyncio.run(run())


def test_a_target_that_does_not_listen_is_502() -> None:
    assert alone(free_port()).status == 502


def test_no_healthy_target_is_503() -> None:
    assert alone(None).status == 503


def test_a_redirect_replaces_the_parts_it_names() -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    response = alone(None, {"Type": "redirect", "RedirectConfig": config}, "/items?page=2")
    assert (response.status, response.headers["Location"]) == (301, "https://127.0.0.1/items?page=2")
