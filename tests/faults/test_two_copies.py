"""Two copies of the program on one store: no edit is lost, and neither is told that the other one is there.

`make faults` has them make 1,000 edits each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.keyrings import Folder
from faults.scenarios import Broken
from faults.storm import edited_by_two

if TYPE_CHECKING:
    from pathlib import Path


def test_two_copies_that_edit_one_record_lose_no_edit(tmp_path: Path) -> None:
    edited_by_two(Folder(tmp_path), 100)


def test_the_harness_catches_a_copy_that_overwrites_the_other(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="edits are lost"):
        edited_by_two(Folder(tmp_path), 100, bug="last writer wins")
