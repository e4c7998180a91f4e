"""The emulator's process: mended moto on a loopback port, which it writes into its record once it listens."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from ops.emulator.record import HEALTH_PATH, Record
from ops.files import write_atomically

MOTO_SETTINGS = {
    # AWS-managed policies can be attached only where they exist.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Seconds until a certificate counts as validated; the default is 60.
    "MOTO_ACM_VALIDATION_WAIT": "1",
}


def health_first(application: Any, record: Record) -> Any:
    """The WSGI application with one more path, by which a client tells this emulator from another server."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("PATH_INFO") != HEALTH_PATH:
            return application(environ, start_response)
        body = json.dumps({"instance": record.instance, "account_id": record.account_id}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m ops.emulator.server")
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

    from ops.emulator import patches

    patches.apply()
    record = Record(pid=os.getpid(), port=0, instance=arguments.instance, account_id=arguments.account_id)
    application = health_first(DomainDispatcherApplication(create_backend_app), record)
    server = make_server("127.0.0.1", arguments.port, application, threaded=True, request_handler=MotoRequestHandler)
    record.port = server.server_port
    os.environ["MOTO_PORT"] = str(record.port)
    write_atomically(arguments.record, record.to_json())
    server.serve_forever()


if __name__ == "__main__":
    main()
