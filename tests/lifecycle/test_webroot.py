"""Files of proofs below the folder of a web server."""

from __future__ import annotations

from pathlib import Path

import pytest

from csr_tui.core.order import NameProof
from csr_tui.errors import FileError
from csr_tui.lifecycle import webroot


@pytest.mark.parametrize("folder", ["a\0b", "/nowhere", "\ud800"])
def test_a_folder_that_no_system_has_is_refused_and_nothing_is_removed_there(folder: str) -> None:
    proof = NameProof("www.example.org", "http-01", "http://www.example.org/x/token", "VALUE", "", folder=folder)

    webroot.remove([proof])

    with pytest.raises(FileError, match="is not a folder"):
        webroot.check(Path(folder))
