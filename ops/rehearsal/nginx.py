"""An image that runs nginx: with this machine's nginx, or without one, a small server of the same rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ops.rehearsal.task_definition import NotRunnable


def find_nginx() -> str | None:
    """Debian keeps it where only root's PATH looks."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))


def command(image: Path, port: int, scratch: Path) -> tuple[str, ...]:
    """The command for the image's dist/ on this loopback port; raises NotRunnable if it is not built."""
    dist = image / "dist"
    if not (dist / "index.html").is_file():
        raise NotRunnable(f"CannotPullContainerError: {dist} has no index.html: `npm run build` in {image} makes it")
    nginx = find_nginx()
    if nginx is None:
        headers = image / "nginx" / "security-headers.conf"
        return (sys.executable, "-m", "ops.rehearsal.static_site", str(dist), str(headers), str(port))
    _write_configuration(nginx, image / "nginx", dist, port, scratch)
    # Run by root, the workers would be somebody else, who need not be able to read dist/.
    user = " user root;" if os.getuid() == 0 else ""
    return (nginx, "-p", str(scratch), "-c", str(scratch / "nginx.conf"), "-g", f"daemon off;{user}")


def _write_configuration(nginx: str, source: Path, dist: Path, port: int, scratch: Path) -> None:
    """The image's own configuration, with only its paths, port and address moved."""
    answer = subprocess.run([nginx, "-V"], capture_output=True, text=True, check=False)
    found = re.search(r"--conf-path=(\S+)", answer.stderr)
    mime_types = (Path(found[1]).parent if found else Path("/etc/nginx")) / "mime.types"
    moves = {
        "nginx.conf": {
            "/etc/nginx/mime.types": f'"{mime_types}"',
            # Relative: to this file's directory, which is nginx's prefix too.
            "/etc/nginx/conf.d/*.conf": "default.conf",
            "/tmp/": "",
        },
        "default.conf": {
            "listen 80 ": f"listen 127.0.0.1:{port} ",
            # This machine may have no IPv6.
            "listen [::]:80 default_server;": "",
            "/usr/share/nginx/html": f'"{dist}"',
            "/etc/nginx/": "",
        },
        "security-headers.conf": {},
    }
    for name, replacements in moves.items():
        text = (source / name).read_text(encoding="utf-8")
        for old, new in replacements.items():
            if old not in text:
                raise NotRunnable(f"CannotStartContainerError: {source / name} has no {old!r} to move to loopback")
            text = text.replace(old, new)
        (scratch / name).write_text(text, encoding="utf-8")
