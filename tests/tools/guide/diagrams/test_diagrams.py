"""The pictures are what the stacks' JSON says now, and can be read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphviz import Digraph

from tests.support import ROOT, Output
from tools.guide.diagrams import __main__
from tools.guide.diagrams.__main__ import PAGE, page, pictures
from tools.guide.diagrams.drawing import ICONS, digest
from tools.guide.diagrams.stack import Json, Stack

NAMES = ["diagrams/architecture", "diagrams/network", "diagrams/security-groups"]
STALE = "run `make diagrams` and review the difference"
Change = Callable[[Json], Any]


@pytest.fixture(scope="module")
def shipped(stacks: dict[str, Output]) -> dict[str, Stack]:
    return {name: Stack(name, output.document) for name, output in stacks.items()}


@pytest.fixture(scope="module")
def drawn(shipped: dict[str, Stack]) -> dict[str, Digraph]:
    return pictures(shipped)


@pytest.fixture
def draw_changed(stacks: dict[str, Output]) -> Callable[[Change], dict[str, str]]:
    """The pictures' sources after a change of production's resources."""

    def draw(change: Change) -> dict[str, str]:
        document = copy.deepcopy(stacks["production"].document)
        change(document["resource"])
        bootstrap = Stack("bootstrap", stacks["bootstrap"].document)
        graphs = pictures({"production": Stack("production", document), "bootstrap": bootstrap})
        return {name.removeprefix("diagrams/"): graph.source for name, graph in graphs.items()}

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_source_is_what_the_stacks_say(name: str, drawn: dict[str, Digraph]) -> None:
    assert (ROOT / "docs" / f"{name}.dot").read_text() == drawn[name].source, STALE


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_picture_is_drawn_from_the_committed_source(name: str) -> None:
    source, picture = (ROOT / "docs" / f"{name}{suffix}" for suffix in (".dot", ".png"))
    assert digest(source.read_text()) in picture.read_bytes()[:200], STALE


def test_the_committed_page_of_environments_is_what_the_stacks_say(shipped: dict[str, Stack]) -> None:
    assert (ROOT / "docs" / PAGE).read_text() == page(shipped), STALE


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_small_enough_for_a_page(name: str) -> None:
    assert (ROOT / "docs" / f"{name}.png").stat().st_size < 300_000


def test_sources_name_icons_that_exist_and_no_path(drawn: dict[str, Digraph]) -> None:
    for graph in drawn.values():
        icons = re.findall(r'<img src="(.*?)"/>', graph.source)
        assert icons
        assert [icon for icon in icons if not (ICONS / icon).is_file()] == []
        assert not any(path in graph.source for path in (str(ROOT), "site-packages", "/resources/"))


@pytest.mark.parametrize("name", NAMES)
def test_each_node_is_added_once(name: str, drawn: dict[str, Digraph]) -> None:
    nodes = re.findall(r"^\t+(.+) \[label=<<", drawn[name].source, re.MULTILINE)
    assert nodes
    assert sorted(nodes) == sorted(set(nodes))


def test_a_new_bucket_shows_by_itself(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    source = draw_changed(lambda resources: resources["aws_s3_bucket"].update(uploads={"bucket": "uploads"}))
    assert node(source["architecture"], "production aws_s3_bucket.uploads") == ["S3", "uploads"]
    assert "aws/storage/simple-storage-service-s3-bucket.png" in source["architecture"]


def test_a_resource_of_a_type_never_seen_shows_by_itself(draw_changed: Callable[[Change], dict[str, str]]) -> None:
    source = draw_changed(lambda resources: resources.update(aws_sqs_queue={"jobs": {"name": "jobs"}}))
    assert node(source["architecture"], "production aws_sqs_queue.jobs") == ["sqs queue", "jobs"]
    assert "aws/general/general.png" in source["architecture"]


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
    assert '[label="tcp 5432\nrds_from_ecs_5432" style=dotted]' in source["security-groups"]


def test_a_subnet_leads_where_its_route_table_does(
    shipped: dict[str, Stack], draw_changed: Callable[[Change], dict[str, str]]
) -> None:
    def route(resources: Json) -> None:
        resources["aws_route"]["vpc_private_nat_b"]["nat_gateway_id"] = "${aws_nat_gateway.vpc_nat_a.id}"

    way = '"aws_route_table.vpc_private_routes_b" -> "aws_nat_gateway.vpc_nat_'
    assert f'{way}b"' in draw_changed(lambda resources: None)["network"]
    assert f'{way}a"' in draw_changed(route)["network"]


def test_without_graphviz_the_message_says_what_to_install(
    tmp_path: Path, shipped: dict[str, Stack], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "synthesized", lambda: shipped)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert __main__.main(tmp_path) == 2
    assert capsys.readouterr().err == (
        "diagrams: dot is missing: install graphviz and fonts-liberation (Debian's names), then repeat\n"
    )
    assert list(tmp_path.rglob("*.*")) == []


def test_an_environment_that_is_not_there_is_told(
    tmp_path: Path, shipped: dict[str, Stack], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "synthesized", lambda: {"bootstrap": shipped["bootstrap"]})
    assert __main__.main(tmp_path) == 2
    assert "no environment is named production" in capsys.readouterr().err


def node(source: str, id_: str) -> list[str]:
    """The lines below a node's icon."""
    (label,) = re.findall(rf'^\t+"{re.escape(id_)}" \[label=<(.*)>\]$', source, re.MULTILINE)
    return [text for text in re.split("<[^>]*>", label) if text]
