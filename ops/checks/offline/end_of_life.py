"""Until when the versions in use are supported: a warning from 90 days before the end on.

A failure after it only where someone asks for that: no passing of time may turn an unchanged commit red.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from environments.aws_limits import OLDEST_POSTGRES_MINOR
from ops.checks.offline.findings import (
    Finding,
    fail,
    passed,
    warn,
)
from ops.checks.offline.subjects import Checkout, Environment

LOOKED = date(2026, 11, 24)
"""The day on which the tables below were compared with their sources."""
WARN_DAYS = 90

POSTGRES = {
    "13": date(2026, 2, 28),
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
    "18": date(2031, 2, 28),
}
"""End of RDS standard support; Extended Support after it is enrolled by itself and charged for each vCPU and hour.
"Release calendars for Amazon RDS for PostgreSQL", RDS end of standard support date; of 18, the last of the February
after the community's own end (2030-11-14), as it is of all others."""
NODE = {
    "18": date(2025, 4, 30),
    "19": date(2023, 6, 1),
    "20": date(2026, 4, 30),
    "21": date(2024, 6, 1),
    "22": date(2027, 4, 30),
    "23": date(2025, 6, 1),
    "24": date(2028, 4, 30),
    "25": date(2026, 6, 1),
    "26": date(2029, 4, 30),
}
"""https://github.com/nodejs/Release, schedule.json, "end"."""
TERRAFORM = {
    "1.11": date(2027, 2, 27),
    "1.12": date(2027, 5, 14),
    "1.13": date(2027, 8, 20),
    "1.14": date(2027, 11, 19),
    "1.15": date(2028, 4, 29),
}
"""Two years from the release: HashiCorp, "Support Period and End-of-Life (EOL) Policy"; the days of release are of
https://endoflife.date/terraform. New fixes are made for the newest only."""
IMAGES: Mapping[str, Mapping[str, date]] = {"node": NODE}

DOCKERFILES = ("app/api/Dockerfile", "app/frontend/Dockerfile")
TERRAFORM_ACTION = ".github/actions/terraform/action.yml"


def files_are_supported(checkout: Checkout) -> Iterator[Finding]:
    for file in DOCKERFILES:
        seen: set[str] = set()
        for place in checkout.find_all(file, r"^FROM (?:--\S+ )?([\w./-]+):([\w.-]+)"):
            image, tag = place.groups
            if f"{image}:{tag}" not in seen:
                yield _image(place.where, image, tag, checkout)
            seen.add(f"{image}:{tag}")
    terraform = checkout.find(TERRAFORM_ACTION, r"terraform_version: \"?(\d+\.\d+)\.\d+", "terraform_version")
    yield _until(terraform.where, "Terraform", terraform.groups[0], TERRAFORM, checkout)


def database_is_supported(environment: Environment) -> Iterator[Finding]:
    checkout = environment.checkout
    file = f"environments/{environment.settings.environment}.tfvars"
    place = checkout.find(file, r"^(db_engine_version)\s*=", "db_engine_version")
    for database in environment.stack.all("aws_db_instance").values():
        version = str(database["engine_version"])
        major, _, minor = version.partition(".")
        oldest = OLDEST_POSTGRES_MINOR.get(int(major), 0)
        if minor and int(minor) < oldest:
            yield fail(place.where, f"got {version}, which AWS has withdrawn, expected {major} or {major}.{oldest}")
        else:
            yield _until(place.where, "PostgreSQL on RDS", major, POSTGRES, checkout)


def _image(where: str, image: str, tag: str, checkout: Checkout) -> Finding:
    version = re.match(r"\d+", tag)
    if version is None:
        return passed(where, f"{image}:{tag} names no version: each build takes the newest")
    if image not in IMAGES:
        return warn(where, f"no end is known of {image}:{tag}: add its dates to {__name__}")
    return _until(where, image, version[0], IMAGES[image], checkout)


def _until(where: str, product: str, version: str, ends: Mapping[str, date], checkout: Checkout) -> Finding:
    newer = [each for each in ends if _number(each) > _number(version)]
    lasting = [each for each in newer if (ends[each] - checkout.today).days > WARN_DAYS]
    move = f"expected {' or '.join(lasting)}" if lasting else "look for a newer one"
    if version not in ends:
        if newer == list(ends):
            return Finding(checkout.ended, where, f"got {product} {version}, whose support ended; {move}")
        return warn(where, f"no end is known of {product} {version} as of {LOOKED}: add it to {__name__}")
    days = (ends[version] - checkout.today).days
    if days < 0:
        ended = f"got {product} {version}, whose support ended on {ends[version]}; {move}"
        return Finding(checkout.ended, where, ended)
    if days <= WARN_DAYS:
        return warn(where, f"got {product} {version}, whose support ends on {ends[version]}, in {days} days; {move}")
    return passed(where, f"{product} {version} is supported until {ends[version]}")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
