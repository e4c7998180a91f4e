"""Addresses that a person can type."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


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
