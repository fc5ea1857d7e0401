"""Several programs that change the profiles at once lose nothing, and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csr_tui import placing, profiles
from csr_tui.errors import FileError, StateError

if TYPE_CHECKING:
    from pathlib import Path

SAVING = """
import sys
from pathlib import Path
from csr_tui import profiles
path, mine = Path(sys.argv[1]), sys.argv[2]
for number in range(12):
    profiles.save(path, f"{mine}{number}", {"organization": mine})
    if number % 3 == 2:
        profiles.delete(path, f"{mine}{number}")
    profiles.set_default(path, f"{mine}0")
"""


def test_four_programs_at_once_lose_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "config" / "profiles.toml"
    running = [subprocess.Popen([sys.executable, "-c", SAVING, str(path), mine]) for mine in "abcd"]

    assert [process.wait() for process in running] == [0] * 4
    kept = {f"{mine}{number}" for mine in "abcd" for number in range(12) if number % 3 != 2}
    assert set(profiles.names(path)) == kept
    assert profiles.default(path) in {"a0", "b0", "c0", "d0"}
    assert {one.name for one in path.parent.iterdir()} == {"profiles.toml", ".profiles.toml.lock"}


def test_what_a_killed_save_left_is_removed_by_the_next_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    left = tmp_path / ".profiles.toml.0123456789abcdef.new"
    others = [tmp_path / name for name in (".profiles.toml.my.new", ".profiles.toml.0123456789abcdef.new.txt")]
    for one in (left, *others):
        one.write_text("x")

    profiles.save(path, "acme", {"organization": "Acme"})

    assert not left.exists()
    assert all(one.exists() for one in others)


def test_a_profile_that_another_program_just_began_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    profiles.save(path, "acme", {"organization": "theirs", "city": "Bonn"}, instead=False)

    with pytest.raises(StateError, match="already"):
        profiles.save(path, "acme", {"organization": "mine"}, instead=False)
    profiles.save(path, "acme", {"country": "DE"})
    assert profiles.read(path, "acme") == {"organization": "theirs", "city": "Bonn", "country": "DE"}
    profiles.save(path, "acme", {"organization": "mine"}, instead=True)
    assert profiles.read(path, "acme") == {"organization": "mine"}


def test_another_program_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "profiles.toml"
    profiles.save(path, "acme", {"organization": "Acme"})
    monkeypatch.setattr(placing, "PATIENCE", 0.0)
    lock = os.open(tmp_path / ".profiles.toml.lock", os.O_RDWR)

    with placing.one_writer(lock), pytest.raises(FileError, match="another csr-tui"):
        profiles.save(path, "acme", {"organization": "other"})

    os.close(lock)
    assert profiles.read(path, "acme") == {"organization": "Acme"}


def test_profiles_behind_a_link_are_locked_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    path = tmp_path / "profiles.toml"
    path.symlink_to(tmp_path / "dotfiles" / "mine.toml")

    profiles.save(path, "acme", {"organization": "Acme"})

    assert path.is_symlink()
    assert {one.name for one in (tmp_path / "dotfiles").iterdir()} == {"mine.toml", ".mine.toml.lock"}
