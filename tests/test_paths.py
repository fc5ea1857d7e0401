"""Where exports go: to a folder that can be made."""

from __future__ import annotations

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
