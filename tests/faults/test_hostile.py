"""Every forged backup, restored once; `make faults` counts them."""

from __future__ import annotations

import pytest
from faults import hostile


@pytest.mark.parametrize("case", hostile.CASES)
def test_nothing_of_a_forged_backup_is_taken_but_text(case: str) -> None:
    hostile.live_through(case)


@pytest.mark.parametrize("case", hostile.LIVE)
def test_a_forged_store_in_the_place_of_ours_swallows_no_key(case: str) -> None:
    hostile.made_in(case)
