"""Every forged backup, restored once; `make faults` counts them."""

from __future__ import annotations

import pytest
from faults import hostile


@pytest.mark.parametrize("case", hostile.CASES)
def test_nothing_of_a_forged_backup_is_taken_but_text(case: str) -> None:
    hostile.live_through(case)
