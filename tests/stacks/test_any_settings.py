"""Whatever settings are in order make stacks that hold every invariant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given, note

import main
from environments.load import load
from environments.settings import Settings
from tests.cloud import Cloud
from tests.profiles import one_in
from tests.stacks import invariants
from tests.stacks.any_settings import account_files
from tests.stacks.settings_in_stack import settings_in
from tests.support import Output, read_stack

Files = dict[str, str]


@dataclass(frozen=True)
class Made:
    """What the generator makes of an account's files."""

    settings: dict[str, Settings]
    stacks: dict[str, Output]
    """Of the environments, by name, and the bootstrap stack."""
    bytes_: dict[str, bytes]


Make = Callable[[Files], Made]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write the files and run the generator on them."""
    directory, outdir = tmp_path / "environments", tmp_path / "out"
    directory.mkdir()

    def make(files: Files) -> Made:
        for old in directory.iterdir():
            old.unlink()
        for name, text in files.items():
            (directory / name).write_text(text)
            note(f"{name}:\n{text}")
        main.synthesize(directory, outdir)
        settings = {each.environment: each for each in load(directory)}
        names = ("bootstrap", *settings)
        return Made(
            settings,
            {name: read_stack(outdir, name) for name in names},
            {name: (outdir / "stacks" / name / "cdk.tf.json").read_bytes() for name in names},
        )

    return make


def test_settings_in_order_make_stacks_that_hold_every_invariant(make: Make) -> None:
    @given(account_files())
    def holds(files: Files) -> None:
        made = make(files)
        assert {f"{name}.tfvars" for name in made.settings} == {name for name in files if name.endswith(".tfvars")}
        for stack in made.stacks.values():
            assert invariants.broken(stack) == {}
        assert invariants.broken_in_account(made.stacks) == {}
        for name, settings in made.settings.items():
            got = settings_in(made.stacks[name])
            assert got == {key: attrgetter(key)(settings) for key in got}

    holds()


def test_the_same_settings_make_the_same_bytes(make: Make) -> None:
    @one_in(5)
    @given(account_files())
    def repeats(files: Files) -> None:
        assert make(files).bytes_ == make(files).bytes_

    repeats()


@pytest.mark.apply("faults")
def test_terraform_finds_what_any_settings_make_valid(make: Make, cloud: Cloud) -> None:
    stacks: set[bytes] = set()
    directory = cloud.stacks / "any-settings"
    directory.mkdir()
    terraform = cloud.terraform(directory.name)

    @one_in(8)
    @given(account_files())
    def is_valid(files: Files) -> None:
        for content in make(files).bytes_.values():
            (directory / "cdk.tf.json").write_bytes(content)
            if not stacks:
                # The providers of all of them are the same.
                terraform.init(backend=False)
            terraform.validate()
            stacks.add(content)

    is_valid()
    assert len(stacks) >= 4
