"""What all patches have in common."""

from __future__ import annotations

from rehearsal.aws import patches


def test_every_patch_is_applied_to_a_fresh_emulator_only_once():
    assert len(set(patches.PATCHES)) == len(patches.PATCHES)
