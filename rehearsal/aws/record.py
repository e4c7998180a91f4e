"""The record of the emulator's process; the commands read it without loading the emulator."""

from __future__ import annotations

from ops.core.emulator_record import HEALTH_PATH, Record, answers, is_process, read

__all__ = ["HEALTH_PATH", "Record", "answers", "is_process", "read"]
