"""The page that a package index shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from csr_tui import __version__

ROOT = Path(__file__).parents[1]
REPOSITORY = "https://code.example.org/csr-tui"


@pytest.mark.parametrize("repository", ["", REPOSITORY])
def test_the_page_of_a_package_index_has_no_picture_that_is_missing_there(
    monkeypatch: pytest.MonkeyPatch, repository: str
) -> None:
    monkeypatch.setenv("CSR_TUI_REPOSITORY", repository)

    core = ProjectMetadata(str(ROOT), PluginManager()).core

    targets = re.findall(r"\]\(([^)]+)\)", core.readme)
    assert all(target.startswith(f"{REPOSITORY}/") for target in targets)
    assert bool(targets) is ("Homepage" in core.urls) is bool(repository)
    assert (f"{REPOSITORY}/raw/v{__version__}/screenshots/desk.png" in targets) is bool(repository)
    assert "The desk: every request in one list" in core.readme
