"""The pictures are what the stacks' JSON says now, and can be read."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, Output
from tools.guide.diagrams import __main__, render
from tools.guide.diagrams.environments import differences
from tools.guide.diagrams.graph import Graph
from tools.guide.diagrams.layout import Box, Layout, Point
from tools.guide.diagrams.pictures import PAGE, page, pictures
from tools.guide.diagrams.stack import Json, Stack

NAMES = ["diagrams/architecture", "diagrams/network", "diagrams/security-groups"]
STALE = "run `make diagrams` and review the difference"
Change = Callable[[Json], Any]


@pytest.fixture(scope="module")
def shipped(stacks: dict[str, Output]) -> dict[str, Stack]:
    return {name: Stack(name, output.document) for name, output in stacks.items()}


@pytest.fixture(scope="module")
def drawn(shipped: dict[str, Stack]) -> dict[str, Graph]:
    return pictures(shipped)


@pytest.fixture
def draw_changed(stacks: dict[str, Output]) -> Callable[[Change], dict[str, str]]:
    """The pictures' sources after a change of production's resources."""

    def draw(change: Change) -> dict[str, str]:
        document = copy.deepcopy(stacks["production"].document)
        change(document["resource"])
        bootstrap = Stack("bootstrap", stacks["bootstrap"].document)
        graphs = pictures({"production": Stack("production", document), "bootstrap": bootstrap})
        return {name.removeprefix("diagrams/"): graph.text() for name, graph in graphs.items()}

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_source_is_what_the_stacks_say(name: str, drawn: dict[str, Graph]) -> None:
    assert (ROOT / "docs" / f"{name}.dot").read_text() == drawn[name].text(), STALE


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_picture_is_drawn_from_the_committed_source(name: str) -> None:
    source, picture = (ROOT / "docs" / f"{name}{suffix}" for suffix in (".dot", ".png"))
    assert render.digest(source.read_text()) in picture.read_bytes()[:200], STALE


def test_the_committed_page_of_environments_is_what_the_stacks_say(shipped: dict[str, Stack]) -> None:
    assert (ROOT / "docs" / PAGE).read_text() == page(shipped), STALE


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_small_enough_for_a_page(name: str) -> None:
    assert (ROOT / "docs" / f"{name}.png").stat().st_size < 300_000


def test_sources_name_icons_that_exist_and_no_path(drawn: dict[str, Graph]) -> None:
    for graph in drawn.values():
        icons = {node.icon for node in graph.content.nodes()}
        assert [icon for icon in icons if not render.icon_file(icon).is_file()] == []
        assert not any(path in graph.text() for path in (str(ROOT), "site-packages", "/resources/"))


@pytest.mark.parametrize("name", NAMES)
def test_no_node_covers_another_and_no_edge_crosses_an_icon(name: str, drawn: dict[str, Graph]) -> None:
    layout = Layout(drawn[name])
    boxes = {id_: box for id_, (_, box) in layout.nodes.items()}
    assert [pair for pair in itertools.combinations(boxes, 2) if overlap(boxes[pair[0]], boxes[pair[1]])] == []
    for edge in drawn[name].edges:
        for id_ in boxes.keys() - {edge.tail, edge.head}:
            x, y = layout.at_icon(id_)
            near = [at for at in points(layout.path(edge)) if max(abs(at[0] - x), abs(at[1] - y)) < layout.icon / 2]
            assert near == [], f"{edge} crosses {id_}"


def test_a_new_bucket_shows_by_itself(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    source = draw_changed(lambda resources: resources["aws_s3_bucket"].update(uploads={"bucket": "uploads"}))
    assert '"S3\\nuploads" icon="aws.storage.SimpleStorageServiceS3Bucket"' in source["architecture"]


def test_a_resource_of_a_type_never_seen_shows_by_itself(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    source = draw_changed(lambda resources: resources.update(aws_sqs_queue={"jobs": {"name": "jobs"}}))
    assert '"sqs queue\\njobs" icon="aws.general.General"' in source["architecture"]


def test_a_new_grant_of_a_role_is_an_edge(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    def grant(resources: Json) -> None:
        statement = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["${aws_sqs_queue.jobs.arn}"]}
        resources["aws_sqs_queue"] = {"jobs": {"name": "jobs"}}
        resources["aws_iam_role_policy"]["send_jobs"] = {
            "role": "${aws_iam_role.frontend_task_role.name}",
            "policy": json.dumps({"Statement": [statement]}),
        }

    assert (
        '"production aws_ecs_service.frontend_service" -> "production aws_sqs_queue.jobs"'
        in draw_changed(grant)["architecture"]
    )


def test_a_new_path_of_the_load_balancer_is_an_edge(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    def route(resources: Json) -> None:
        rule = copy.deepcopy(resources["aws_lb_listener_rule"]["load_balancer_api"])
        rule["condition"] = [{"path_pattern": {"values": ["/hooks/*"]}}]
        resources["aws_lb_listener_rule"]["hooks"] = rule

    assert '_service.backend_service" [label="/hooks/*"]' in draw_changed(route)["architecture"]


def test_the_database_is_reached_only_if_both_sides_open_its_port(
    draw_changed: Callable[[Change], dict[str, str]],
) -> None:
    edge = '"production aws_ecs_service.backend_service" -> "production aws_db_instance.database" [label="tcp 5432"]'
    assert edge in draw_changed(lambda resources: None)["architecture"]
    source = draw_changed(lambda resources: resources["aws_vpc_security_group_egress_rule"].pop("ecs_to_rds_5432"))
    assert '-> "production aws_db_instance.database"' not in source["architecture"]
    assert '[label="tcp 5432\\nrds_from_ecs_5432" style="dotted"]' in source["security-groups"]


def test_a_subnet_leads_where_its_route_table_does(
    shipped: dict[str, Stack], draw_changed: Callable[[Change], dict[str, str]]
) -> None:
    def route(resources: Json) -> None:
        resources["aws_route"]["vpc_private_nat_b"]["nat_gateway_id"] = "${aws_nat_gateway.vpc_nat_a.id}"

    way = '"aws_route_table.vpc_private_routes_b" -> "aws_nat_gateway.vpc_nat_'
    assert f'{way}b"' in draw_changed(lambda resources: None)["network"]
    assert f'{way}a"' in draw_changed(route)["network"]


def test_environments_differ_by_arguments_not_by_names_and_tags() -> None:
    def stack(name: str, **arguments: object) -> Stack:
        common = {"name": f"p-{name}", "tags": {"Size": len(name)}, "family": f"p-{name}", "engine": "postgres"}
        return Stack(name, {"resource": {"aws_x": {"y": {**common, **arguments}}}})

    definitions = [json.dumps([{"name": "c", "env": [{"name": "N", "value": n}, {"name": "M"}]}]) for n in "12"]
    pair = [
        stack("dev", size=1, definition=definitions[0]),
        stack("live", size=2, definition=definitions[1], more=True),
    ]
    assert list(differences("aws_x.y", pair)) == [
        ("size", ["`1`", "`2`"]),
        ("definition.env.N.value", ["`1`", "`2`"]),
        ("more", ["not set", "`true`"]),
    ]


def test_a_resource_of_one_environment_only_is_told() -> None:
    pair = [Stack("dev", {"resource": {}}), Stack("live", {"resource": {"aws_x": {"y": {"size": 1}}}})]
    assert list(differences("aws_x.y", pair)) == [("", ["does not exist", "exists"])]


def test_without_graphviz_the_message_says_what_to_install(
    tmp_path: Path, shipped: dict[str, Stack], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "synthesized", lambda: shipped)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert __main__.main(tmp_path) == 2
    assert capsys.readouterr().err == (
        "diagrams: neato is missing: install graphviz and fonts-liberation (Debian's names), then repeat\n"
    )
    assert list(tmp_path.rglob("*.*")) == []


def test_an_environment_that_is_not_there_is_told(
    tmp_path: Path, shipped: dict[str, Stack], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "synthesized", lambda: {"bootstrap": shipped["bootstrap"]})
    assert __main__.main(tmp_path) == 2
    assert "no environment is named production" in capsys.readouterr().err


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def points(path: list[Point]) -> list[Point]:
    """On the curve, dense enough to find an icon."""
    found: list[Point] = []
    for start in range(0, len(path) - 1, 3):
        for step in range(51):
            t = step / 50
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
            parts = list(zip(weights, path[start : start + 4], strict=True))
            found.append((sum(w * at[0] for w, at in parts), sum(w * at[1] for w, at in parts)))
    return found
