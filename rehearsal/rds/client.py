"""Runs one statement on a PostgreSQL on loopback: as much of its protocol as that takes, since there may be no client
on this machine.

Source: "Message Flow" and "Message Formats", PostgreSQL documentation.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

from rehearsal.ecs.task_definition import NotRunnable

PROTOCOL = 3 << 16
TIMEOUT = 10.0
"""Seconds."""
CLEARTEXT_PASSWORD = 3


def execute(port: int, user: str, password: str, statement: str) -> None:
    """Run a statement in the database postgres; raises NotRunnable with what the server says."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            parameters = "".join(f"{each}\0" for each in ("user", user, "database", "postgres", ""))
            _send(connection, b"", struct.pack("!i", PROTOCOL) + parameters.encode())
            for kind, body in _messages(connection):
                if kind == b"R" and struct.unpack("!i", body[:4]) == (CLEARTEXT_PASSWORD,):
                    _send(connection, b"p", f"{password}\0".encode())
                elif kind == b"E":
                    raise NotRunnable(f"PostgreSQL: {_message(body)}")
                elif kind == b"Z" and statement:
                    _send(connection, b"Q", f"{statement}\0".encode())
                    statement = ""
                elif kind == b"Z":
                    return
    except OSError as error:
        raise NotRunnable(f"PostgreSQL: {error}") from None
    raise NotRunnable("PostgreSQL: the connection ended")


def _send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    connection.sendall(kind + struct.pack("!i", len(body) + 4) + body)


def _messages(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    with connection.makefile("rb") as stream:
        while head := stream.read(5):
            yield head[:1], stream.read(struct.unpack("!i", head[1:])[0] - 4)


def _message(body: bytes) -> str:
    """The field M of an ErrorResponse."""
    fields = {each[:1]: each[1:] for each in body.split(b"\0")}
    return fields.get(b"M", b"").decode(errors="replace")
