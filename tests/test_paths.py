"""Where exports go: to a folder that can be made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from csr_tui import paths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("documents", [True, False])
def test_exports_go_into_the_documents_or_where_there_are_none_into_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: bool
) -> None:
    monkeypatch.delenv("CSR_TUI_HOME", raising=False)
    monkeypatch.delenv("XDG_DOCUMENTS_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    if documents:
        (tmp_path / "Documents").mkdir()

    exports = paths.find().exports

    assert exports == tmp_path / ("Documents" if documents else "") / "csr-tui"
    assert exports.parent.is_dir()


def test_scratch_folders_of_killed_processes_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("csr-tui-scratch-left", "csr-tui-scratch-used", "csr-tui-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "nginx.conf").touch()
    for name in ("csr-tui-scratch-left", "csr-tui-mine"):
        os.utime(tmp_path / name, (0, 0))

    with paths.scratch() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700

    assert sorted(one.name for one in tmp_path.iterdir()) == ["csr-tui-mine", "csr-tui-scratch-used"]


def test_a_home_of_nobody_is_a_folder_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CSR_TUI_HOME", "~no-such-user/csr")

    assert paths.find().data == tmp_path / "~no-such-user" / "csr" / "data"
