"""One jsii process and one synthesis of the shipped stacks for the whole session."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import lazy_bindings

lazy_bindings.install()

import pytest  # noqa: E402
from constructs import Construct  # noqa: E402

import main  # noqa: E402
from environments.load import load  # noqa: E402
from environments.settings import Settings  # noqa: E402
from ops.core.emulator_record import Record  # noqa: E402
from ops.core.paths import Work  # noqa: E402
from rehearsal.aws import process  # noqa: E402
from stacks.platform import PlatformStack  # noqa: E402
from tests import profiles, shared_apply  # noqa: E402
from tests.clients import aws, client, work  # noqa: E402
from tests.cloud import applied, bootstrapped, cloud, local_state  # noqa: E402
from tests.lanes import pytest_collection_modifyitems, pytest_ignore_collect  # noqa: E402
from tests.support import ROOT, Output, read_stack, synth_construct, synth_stack  # noqa: E402

__all__ = [
    "applied",
    "aws",
    "bootstrapped",
    "client",
    "cloud",
    "local_state",
    "pytest_collection_modifyitems",
    "pytest_ignore_collect",
    "work",
]
profiles.register()
# A suite that a shell started in the background ignores SIGINT, and so would each program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="record the present output as the golden one")
    parser.addoption("--lane", help="only the tests that are marked apply(LANE), see tests/lanes.py")


@pytest.fixture(scope="session")
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    return request.config.getoption("--rewrite-golden")


@pytest.fixture(scope="session")
def settings() -> dict[str, Settings]:
    """The shipped settings, by environment."""
    return {each.environment: each for each in load(ROOT / "environments")}


@pytest.fixture(scope="session")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped stacks, synthesized."""
    directory = tmp_path_factory.mktemp("cdktf.out")
    main.synthesize(ROOT / "environments", directory)
    return directory


@pytest.fixture(scope="session")
def stacks(outdir: Path) -> dict[str, Output]:
    """The JSON of every shipped stack, by name."""
    return {path.name: read_stack(outdir, path.name) for path in sorted((outdir / "stacks").iterdir())}


@pytest.fixture(scope="session")
def staging(stacks: dict[str, Output]) -> Output:
    return stacks["staging"]


@pytest.fixture(scope="session")
def synth_platform(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Settings], Output]:
    """Synthesize a platform stack of other settings."""

    def synth(settings: Settings) -> Output:
        directory = tmp_path_factory.mktemp("platform")
        return synth_stack(directory, lambda app: PlatformStack(app, settings.environment, settings))

    return synth


@pytest.fixture
def synth(tmp_path: Path) -> Callable[[Callable[[Construct], object]], Output]:
    """Synthesize constructs in an empty stack."""
    return lambda make: synth_construct(tmp_path, make)


@pytest.fixture(scope="session")
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Settings]
) -> Iterator[Record]:
    """The embedded AWS, one for the session."""
    lane = request.config.getoption("--lane")
    shared = shared_apply.folder(lane) if lane != shared_apply.APPLYING else None
    work = shared_apply.take(shared, lane) if shared else Work(tmp_path_factory.mktemp("emulator"))
    yield process.start(work, settings["staging"].account_id)
    process.stop(work)
