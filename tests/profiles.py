"""How long property tests look: `--hypothesis-profile=long` looks further, at other examples each time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.support import ROOT

QUICK = settings(
    max_examples=25,
    # The same examples everywhere and every time.
    derandomize=True,
    database=None,
    # An example may synthesize stacks, on a machine that others use too.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
LONG = settings(QUICK, max_examples=500, derandomize=False, print_blob=True)


def register() -> None:
    settings.register_profile("quick", QUICK)
    settings.register_profile("long", LONG)
    settings.load_profile("quick")
    set_hypothesis_home_dir(ROOT / ".cache/hypothesis")


def one_in(examples: int) -> settings:
    """Fewer of the profile's examples, for what takes longer."""
    return settings(max_examples=settings().max_examples // examples)
