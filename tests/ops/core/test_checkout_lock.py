"""The lock of a checkout."""

from __future__ import annotations

import threading
from pathlib import Path

from ops.core.checkout_lock import prepare_alone


def test_only_one_command_prepares_at_a_time(tmp_path: Path):
    order: list[str] = []

    def second() -> None:
        with prepare_alone(tmp_path / "lock", lambda pid: order.append(f"waits for {pid}")):
            order.append("second")

    with prepare_alone(tmp_path / "lock", lambda _pid: order.append("never")):
        thread = threading.Thread(target=second)
        thread.start()
        while not order:
            thread.join(0.01)
        order.append("first")
    thread.join()
    assert [entry.split()[0] for entry in order] == ["waits", "first", "second"]
