"""The emulator's process: mended moto on a loopback port, which it writes into its record once it listens."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from ops.core.emulator_record import HEALTH_PATH, Record
from ops.core.files import write_atomically
from rehearsal.aws import calls, mail, running
from rehearsal.aws.calls import CALLS_PATH
from rehearsal.aws.copies import COPY_PATH, fork
from rehearsal.aws.mail import MAIL_PATH
from rehearsal.aws.replays import replay
from rehearsal.aws.running import RUNNING_PATH, Snapshot

MOTO_SETTINGS = {
    # AWS-managed policies can be attached only where they exist.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Seconds until a certificate counts as validated; the default is 60.
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # The platform starts no instances, and the default images bring two thousand snapshots into the account.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}


def own_paths_first(
    application: Any, record: Record, follow: Callable[[Snapshot], None], copy: Callable[[dict[str, Any]], None]
) -> Any:
    """The WSGI application with the paths that only the emulator has.

    They answer with the emulator's identity, the mail that it sent and the calls that it got. `follow` gets the
    snapshot that a rehearsal sends, `copy` the request for a copy.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        status, content = "200 OK", {"instance": record.instance, "account_id": record.account_id}
        path = environ.get("PATH_INFO")
        if path == RUNNING_PATH:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            try:
                follow(running.take(body))
            except (ValueError, KeyError) as error:
                status, content = "400 Bad Request", {"error": repr(error)}
        elif path == MAIL_PATH:
            content = mail.sent()
        elif path == CALLS_PATH:
            content = calls.asked()
        elif path == COPY_PATH:
            copy(environ)
        elif path != HEALTH_PATH:
            return application(environ, start_response)
        text = json.dumps(content).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
        return [text]

    return answer


def stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.aws.server")
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--instance", required=True)
    parser.add_argument("--account-id", required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # moto reads its settings at import.
    os.environ.update(MOTO_SETTINGS, MOTO_ACCOUNT_ID=arguments.account_id)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from rehearsal.aws import patches
    from rehearsal.aws.patches.running import roll_back
    from rehearsal.aws.requests import strict

    patches.apply()
    moto = replay(strict(DomainDispatcherApplication(create_backend_app)))

    def serve(record: Record, path: Path, port: int = 0) -> None:
        def in_copy(copied: Record, where: Path) -> None:
            server.socket.close()
            serve(copied, where)

        def copy(environ: dict[str, Any]) -> None:
            fork(environ, record, in_copy)

        application = own_paths_first(moto, record, roll_back, copy)
        server = make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)
        record.port = server.server_port
        os.environ["MOTO_PORT"] = str(record.port)
        write_atomically(path, record.to_json())
        server.serve_forever()

    record = Record(pid=os.getpid(), port=0, instance=arguments.instance, account_id=arguments.account_id)
    serve(record, arguments.record, arguments.port)


if __name__ == "__main__":
    main()
