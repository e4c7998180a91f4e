"""The load balancer: listeners and targets from the API, and the health of targets from its own checks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from ops.core.aws import Aws
from rehearsal.elb import elbv2
from rehearsal.elb.elbv2 import TargetGroup, View
from rehearsal.health import (
    DEREGISTERING,
    REFUSED,
    TIMED_OUT,
    Cause,
    Health,
    TargetHealth,
    wrong_code,
)
from rehearsal.network import Network
from rehearsal.pace import Pace

TargetId = tuple[str, int]
"""IP address and port."""


@dataclass
class Target:
    """A registered target."""

    health: TargetHealth
    checking: asyncio.Task[None]


class LoadBalancer:
    """All load balancers that have a target group of the rehearsed services."""

    def __init__(self, aws: Aws, pace: Pace, network: Network, http: ClientSession) -> None:
        self.view = View()
        self._aws, self._pace, self._network, self._http = aws, pace, network, http
        self._targets: dict[str, dict[TargetId, Target]] = {}
        self._draining: defaultdict[str, dict[TargetId, float]] = defaultdict(dict)
        """Until when each deregistered target is shown as one."""
        self._turns: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)
        self._reading = asyncio.Lock()

    async def refresh(self, group_arns: Iterable[str]) -> None:
        """Read everything again, so that a new rule or setting takes effect."""
        async with self._reading:
            self.view = await asyncio.to_thread(elbv2.read, self._aws, group_arns)
        for arn in {*self.view.groups, *self._targets}:
            await self._refresh_targets(arn)

    async def _refresh_targets(self, arn: str) -> None:
        async with self._reading:
            group = self.view.groups.get(arn)
            wanted = set(await asyncio.to_thread(self._registered, arn)) if group else set[TargetId]()
            have = self._targets.setdefault(arn, {})
            for target in {*have} - wanted:
                have.pop(target).checking.cancel()
            for target in wanted - {*have}:
                assert group is not None
                health = TargetHealth(group.healthy_threshold, group.unhealthy_threshold)
                have[target] = Target(health, asyncio.create_task(self._check(arn, target, health)))
            if group is None:
                del self._targets[arn]

    def _registered(self, arn: str) -> list[TargetId]:
        found = self._aws.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        registered = [each["Target"] for each in found if each["TargetHealth"]["State"] != "draining"]
        return [(each["Id"], each["Port"]) for each in registered]

    async def register(self, arn: str, address: str, port: int) -> None:
        targets = [{"Id": address, "Port": port}]
        self._draining[arn].pop((address, port), None)
        await asyncio.to_thread(self._aws.client("elbv2").register_targets, TargetGroupArn=arn, Targets=targets)
        await self._refresh_targets(arn)

    async def deregister(self, arn: str, address: str, port: int) -> float:
        """Send a target no new request; returns the configured seconds that those under way may take."""
        targets = [{"Id": address, "Port": port}]
        # The target group may be gone, and the target with it.
        with contextlib.suppress(Exception):
            await asyncio.to_thread(self._aws.client("elbv2").deregister_targets, TargetGroupArn=arn, Targets=targets)
        target = self._targets.get(arn, {}).pop((address, port), None)
        if target is not None:
            target.checking.cancel()
        group = self.view.groups.get(arn)
        delay = group.deregistration_delay if group else 0
        # AWS shows the state for the whole delay, also where no request is under way.
        now = time.monotonic()
        self._draining[arn] = {each: until for each, until in self._draining[arn].items() if until > now}
        self._draining[arn][address, port] = now + self._pace.wait(delay)
        return delay

    async def deregister_strangers(self) -> None:
        """Targets of tasks that ended without anybody to deregister them."""
        for arn, targets in self._targets.items():
            for address, port in [*targets]:
                if self._network.where(address, port) is None:
                    await self.deregister(arn, address, port)

    def health(self, arn: str, address: str, port: int) -> Health:
        target = self._targets.get(arn, {}).get((address, port))
        return target.health.state if target else Health.INITIAL

    def failure(self, arn: str, address: str, port: int) -> Cause | None:
        """Why a target is unhealthy; None if it is not."""
        target = self._targets.get(arn, {}).get((address, port))
        return target.health.cause if target and target.health.state is Health.UNHEALTHY else None

    def described(self) -> dict[str, list[dict[str, Any]]]:
        """Every target of every target group, as DescribeTargetHealth has it."""
        now = time.monotonic()
        found: dict[str, list[dict[str, Any]]] = {}
        for arn, targets in self._targets.items():
            found[arn] = [_described(id_, each.health.state, each.health.cause) for id_, each in targets.items()]
            found[arn] += [
                _described(id_, "draining", DEREGISTERING)
                for id_, until in self._draining[arn].items()
                if now < until and id_ not in targets
            ]
        return found

    def pick(self, groups: list[str]) -> int | None:
        """The loopback port of the next healthy target in turn; None if there is none.

        Where all registered targets are unhealthy AWS sends to any of them ("fail open"); here that is the 503 of
        an empty target group, which tells a person more than the errors of broken targets.
        """
        group = random.choice(groups) if groups else ""
        healthy = [
            port
            for id_, target in self._targets.get(group, {}).items()
            if target.health.state is Health.HEALTHY and (port := self._network.where(*id_)) is not None
        ]
        return healthy[next(self._turns[group]) % len(healthy)] if healthy else None

    async def _check(self, arn: str, target: TargetId, health: TargetHealth) -> None:
        """The first check is made at once, the next ones in the group's interval."""
        while True:
            group = self.view.groups.get(arn)
            if group is not None:
                health.record(await self._failure(group, target))
            await asyncio.sleep(self._pace.wait(group.interval if group else 1))

    async def _failure(self, group: TargetGroup, target: TargetId) -> Cause | None:
        """Check a target once; why it failed, if it did."""
        address, own_port = target
        port = self._network.where(address, group.port or own_port)
        if port is None:
            return REFUSED
        try:
            async with self._http.get(
                f"http://127.0.0.1:{port}{group.path}",
                timeout=ClientTimeout(total=group.timeout),
                headers={"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"},
                allow_redirects=False,
            ) as response:
                return None if response.status in group.codes else wrong_code(response.status)
        except TimeoutError:
            return TIMED_OUT
        except (ClientError, OSError):
            return REFUSED


def _described(target: TargetId, state: str, cause: Cause | None) -> dict[str, Any]:
    """Reason and Description are left out of a healthy target."""
    why = {"Reason": cause.reason, "Description": cause.description} if cause else {}
    address, port = target
    return {"Id": address, "Port": port, "State": state, **why}
