"""Addresses that a person can type."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

import lazy_bindings
from stacks import base
from tests import support
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


@pytest.fixture(params=["Node", "Python"], autouse=True)
def named_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Node gives the addresses; where it was started without what that takes, Python does, and the same."""
    if request.param == "Python":
        monkeypatch.setattr(lazy_bindings, "addresses_in_node", lambda: False)
        monkeypatch.setattr(support, "BaseStack", importlib.reload(base).BaseStack)
    yield
    monkeypatch.undo()
    if request.param == "Python":
        importlib.reload(base)


def test_an_address_is_the_path_without_stack_default_and_hash(synth: Synth) -> None:
    def make(scope: Construct) -> None:
        SnsTopic(Construct(scope, "alarms"), "topic", name="a")
        SnsTopic(Construct(scope, "news"), "Default", name="b")

    assert set(synth(make).all("aws_sns_topic")) == {"alarms_topic", "news"}


def test_a_hyphen_of_an_environment_is_an_underscore_in_an_address(synth: Synth) -> None:
    stack = synth(lambda scope: SnsTopic(scope, "news_eu-west", name="a"))

    assert stack.addresses() == {"aws_sns_topic.news_eu_west"}


def test_two_elements_of_one_type_cannot_share_an_address(synth: Synth) -> None:
    def make(scope: Construct) -> None:
        SnsTopic(Construct(scope, "a_b"), "c", name="a")
        SnsTopic(Construct(scope, "a"), "b_c", name="b")

    with pytest.raises(Exception, match="would both be SnsTopic 'a_b_c'; rename one"):
        synth(make)
