"""How the desk was left is how it begins, whatever became of the file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core.record import Origin, Tag
from csr_tui.storage import Sort
from csr_tui.ui.app import CsrTui
from csr_tui.ui.desk_state import DeskState, read, write
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.widgets.views import View

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

LEFT = DeskState(
    View.ISSUED,
    Sort.EXPIRY,
    reverse=True,
    origin=Origin.TENCENT,
    tag=Tag("team", "a=b"),
    usage="client",
    expiring_before=datetime(2027, 1, 1, tzinfo=UTC),
    theme="csr-light",
)


def test_what_is_written_is_read_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"

    write(path, LEFT)

    assert read(path) == LEFT
    assert path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["desk.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "\udcff",
        "[" * 60_000,
        '{"view": 7, "sort": ["x"], "tag": "=x", "expiring_before": "soon", "origin": "moon", "usage": "web"}',
        '{"view": "GONE", "sort": "color", "expiring_before": "2027-01-01T00:00:00", "theme": {}}',
    ],
)
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desk.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert read(path) == DeskState()


def test_a_pipe_in_its_place_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "desk.json")

    assert read(tmp_path / "desk.json") == DeskState()


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "desk.json").mkdir()

    write(tmp_path / "desk.json", LEFT)
    write(tmp_path / "missing" / "desk.json", LEFT)

    assert [path.name for path in tmp_path.iterdir()] == ["desk.json"]


async def test_the_next_run_has_the_view_the_order_and_the_theme(
    store: RecordStore, vault: Vault, tmp_path: Path
) -> None:
    def app() -> CsrTui:
        return CsrTui(store, vault, exports=tmp_path, state_file=tmp_path / "desk.json")

    async with drive(app()) as pilot:
        await pilot.settle()
        pilot.app.theme = "csr-light"
        await pilot.press("5", "o", "O", "ctrl+q")
        await pilot.settle()
    async with drive(app()) as pilot:
        await pilot.settle()
        listed = pilot.on(Desk).records.listed

        assert (listed.state, listed.sort, listed.reverse) == ("draft", Sort.DOMAIN, True)
        assert pilot.app.theme == "csr-light"


async def test_a_theme_that_is_gone_is_the_usual_one(store: RecordStore, vault: Vault, tmp_path: Path) -> None:
    write(tmp_path / "desk.json", DeskState(theme="gone"))

    app = CsrTui(store, vault, exports=tmp_path, state_file=tmp_path / "desk.json")
    async with drive(app) as pilot:
        await pilot.settle()

        assert pilot.app.theme == app._usual_theme.name


def test_what_another_desk_changed_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    write(path, DeskState(theme="csr-light"))

    write(path, DeskState(reverse=True))

    assert read(path) == DeskState(theme="csr-light", reverse=True)


def test_a_link_in_a_circle_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.symlink_to(path)

    write(path, DeskState(theme="csr-light"))

    assert read(path) == DeskState(theme="csr-light")
