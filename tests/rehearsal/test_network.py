"""Addresses of tasks."""

from __future__ import annotations

from rehearsal.network import Network


def test_addresses_come_from_the_subnets_in_turn_and_are_taken_once() -> None:
    network = Network()
    subnets = ["10.1.2.0/29", "10.1.3.0/29"]
    addresses = [network.attach(subnets, (8080,))[0] for _ in range(6)]
    assert addresses == ["10.1.2.4", "10.1.3.4", "10.1.2.5", "10.1.3.5", "10.1.2.6", "10.1.3.6"]
    assert network.where("10.1.3.5", 8080) is not None
    network.detach("10.1.3.5")
    assert network.where("10.1.3.5", 8080) is None
    assert network.attach(subnets, ())[0] == "10.1.3.5"
