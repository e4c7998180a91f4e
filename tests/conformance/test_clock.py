"""A commit that is green stays green: nothing that a test reads is overtaken by the clock."""

from __future__ import annotations

import re
import ssl
import subprocess
from datetime import date

from ops.checks.offline.end_of_life import LOOKED
from tests.support import ROOT

DAY = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
CERTIFICATE = "^-----BEGIN CERTIFICATE-----$"


def _grep(*arguments: str) -> list[str]:
    command = ["git", "grep", "--untracked", "-IE", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_date_in_a_test_is_past_on_every_day_that_the_test_runs() -> None:
    """One that has to lie ahead is counted from now."""
    found = _grep("-no", DAY, "--", "tests", "app/*/test")
    assert [each for each in found if date.fromisoformat(each.rpartition(":")[2]) > LOOKED] == []


def test_a_certificate_in_the_tree_does_not_end_in_this_century() -> None:
    files = _grep("-l", CERTIFICATE)
    assert files == ["app/api/test/support/another-authority.pem"]
    for file in files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(ROOT / file)
        ends = [str(each["notAfter"]) for each in context.get_ca_certs()]
        # Only certificates of authorities are listed.
        assert len(ends) == len(re.findall(CERTIFICATE, (ROOT / file).read_text(), re.MULTILINE))
        assert [end for end in ends if int(end.split()[3]) < 2100] == []
