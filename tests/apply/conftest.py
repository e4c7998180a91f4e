"""An embedded AWS apart from the session's, for what would disturb the stacks that are applied there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from environments.settings import Settings
from rehearsal.aws import process
from tests.apply.faults import Account

Tell = Callable[[str], None]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Settings]) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("faults"), settings)
    yield account
    process.stop(account.work)


@pytest.fixture
def small(account: Account) -> Iterator[Account]:
    """A place in it where nothing was applied yet."""
    account.forget()
    yield account
    account.forget()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print past the capture, for the record."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)

    return tell
