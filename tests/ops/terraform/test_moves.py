"""Moves of a port or to another major version need one setting more."""

from __future__ import annotations

from ops.terraform import moves
from ops.terraform.moves import INGRESS
from tests.support import Json


def moving(address: str, before: Json, after: Json) -> Json:
    changes = {"actions": ["update"], "before": before, "after": after}
    return {"address": address, "type": address.split(".")[0], "change": changes}


def service(port: int) -> Json:
    return {"load_balancer": [{"container_port": port}]}


def closing(port: int) -> Json:
    change = {"actions": ["delete"], "before": {"from_port": port}, "after": None}
    return {"address": f"{INGRESS}.it", "type": INGRESS, "change": change}


def test_a_port_does_not_close_in_the_apply_that_leaves_it():
    moved = moving("aws_ecs_service.it", service(8080), service(8082))
    assert (
        "previous_port = 8080" in moves.unprepared({"resource_changes": [moved, closing(8080)]})["aws_ecs_service.it"]
    )
    assert moves.unprepared({"resource_changes": [moved]}) == {}
    stays = moving("aws_ecs_service.it", service(8082), service(8082))
    assert moves.unprepared({"resource_changes": [stays, closing(8080)]}) == {}


def test_another_major_version_does_not_wait_for_the_maintenance_window():
    def upgrade(before: str, after: str, *, at_once: bool | None) -> Json:
        wanted = {"engine_version": after, "apply_immediately": at_once}
        return {"resource_changes": [moving("aws_db_instance.it", {"engine_version": before}, wanted)]}

    assert "db_apply_immediately = true" in moves.unprepared(upgrade("15", "16", at_once=None))["aws_db_instance.it"]
    assert moves.unprepared(upgrade("15", "16", at_once=True)) == {}
    assert moves.unprepared(upgrade("15.4", "15.7", at_once=None)) == {}
