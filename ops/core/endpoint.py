"""Which AWS is reached: the emulator has an endpoint and credentials that are no real account's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ops.core.errors import UserError

ENDPOINT = "AWS_ENDPOINT_URL"
EMULATOR_URL = re.compile(r"http://127\.0\.0\.1:[1-9]\d{0,4}")
# Moto takes any; these can never be a real account's.
EMULATOR_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}


def guard_emulator(environment: Mapping[str, str]) -> None:
    """Refuse an environment in which the SDKs would call the real AWS: an empty endpoint means the default one."""
    url = environment.get(ENDPOINT, "")
    if not EMULATOR_URL.fullmatch(url):
        raise UserError(f"{ENDPOINT} is {url!r}; expected http://127.0.0.1:<port>: refused, the real AWS would answer")
    others = sorted(key for key in environment if key.startswith(f"{ENDPOINT}_"))
    if others:
        raise UserError(f"{', '.join(others)} set beside {ENDPOINT}: unset it, it sends one service elsewhere")
    wrong = sorted(key for key, value in EMULATOR_CREDENTIALS.items() if environment.get(key) != value)
    if wrong:
        raise UserError(f"{', '.join(wrong)} may hold real credentials; the emulator is only given its own")
