"""A disk that is full, or that may not be written to, from every point of every action on. A folder is the keyring."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from faults import disk
from faults.home import POINTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(("how", "programs"), [("full", ("unshare", "mount")), ("read-only", ("setpriv",))])
def test_at_every_write_the_person_is_told_and_nothing_is_lost(
    how: str, programs: tuple[str, ...], tmp_path: Path, require: Callable[..., None]
) -> None:
    require(*programs)

    result = subprocess.run(disk.command(how, tmp_path), capture_output=True, text=True, check=False)

    scenarios = sum(1 + len(points) for points in POINTS.values())
    *broken, last = result.stdout.splitlines()
    assert (broken, result.stderr) == ([], "")
    assert last.startswith(f"{scenarios} scenarios, ")
    assert int(last.split()[2]) > scenarios // 2
