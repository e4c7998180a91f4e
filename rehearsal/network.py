"""The IP addresses of tasks in the VPC: each container port of an address is a loopback port."""

from __future__ import annotations

import ipaddress
import itertools
import socket
from dataclasses import dataclass, field

# The first four addresses of a subnet are AWS's.
FIRST_HOST = 4


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Network:
    """Gives every task an address out of its subnets, so that targets are registered as on AWS."""

    _ports: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    _counter: itertools.count[int] = field(default_factory=itertools.count)

    def attach(self, subnets: list[str], ports: tuple[int, ...]) -> tuple[str, dict[int, int]]:
        """A free address of one of the CIDRs in turn, and the loopback port of each container port."""
        for number in self._counter:
            subnet = ipaddress.ip_network(subnets[number % len(subnets)])
            usable = subnet.num_addresses - FIRST_HOST - 1
            address = str(subnet[FIRST_HOST + number // len(subnets) % usable])
            if not any(taken == address for taken, _ in self._ports):
                # 0: the address is taken, also by a task without ports.
                mapping = {port: free_port() for port in ports}
                self._ports.update({(address, port): here for port, here in (mapping or {0: 0}).items()})
                return address, mapping
        raise AssertionError("a counter has no end")

    def detach(self, address: str) -> None:
        """Free the address; from now on nothing listens there."""
        for key in [key for key in self._ports if key[0] == address]:
            del self._ports[key]

    def where(self, address: str, port: int) -> int | None:
        """The loopback port; None if no task has this address."""
        return self._ports.get((address, port))
