"""Errors that end a command with a message and an exit code instead of a traceback."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot go on; the message is what the person reads."""

    exit_code = 1


class UserError(CommandError):
    """Caused by what the person gave or lacks; the message says what, got, expected and what to do."""

    exit_code = 2


class TerraformFailed(CommandError):
    """Terraform ended with an error; the message carries its own words and the log's path."""


class Interrupted(CommandError):
    """Ctrl-C, after Terraform ended and let go of its lock."""

    exit_code = 130
