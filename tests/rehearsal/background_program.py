"""A program for the tests of background processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ops.core.files import write_atomically
from ops.core.process_record import ProcessRecord


@dataclass
class Record(ProcessRecord):
    pid: int
    instance: str


def main() -> None:
    """Behave as told: "ends" at once, is "silent" of its record, is "deaf" to SIGTERM or "serves"."""
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    behaviour = options["--behaviour"]
    print(f"this program {behaviour}", os.getpid(), flush=True)
    if behaviour == "ends":
        sys.exit(3)
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour != "silent":
        write_atomically(Path(options["--record"]), Record(os.getpid(), options["--instance"]).to_json())
    time.sleep(60)


if __name__ == "__main__":
    main()
