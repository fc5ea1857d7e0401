"""A terminal that is too small, or has room for a part of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.geometry import Region
from textual.widgets import Static
from ui.driver import drive

from csr_tui.core.record import Record
from csr_tui.storage import Query, RecordStore
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Text
from csr_tui.ui.screens.record import PlainText
from csr_tui.ui.screens.too_small import TooSmall

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.ui.app import CsrTui


async def test_a_small_window_says_so_and_loses_nothing(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft()

    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        await pilot.resize_terminal(60, 15)
        await pilot.settle()
        assert isinstance(app.screen, Desk)
        await pilot.resize_terminal(59, 15)
        await pilot.settle()
        assert isinstance(app.screen, TooSmall)
        await pilot.resize_terminal(80, 24)
        await pilot.settle()

        assert isinstance(app.screen, Desk)


async def test_a_window_that_opens_while_the_terminal_is_too_small_shows_when_it_is_not(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft()

    async with drive(app, size=(59, 15)) as pilot:
        await pilot.settle()
        pilot.on(TooSmall)
        window = Text("Found", "something")
        app.push_screen(window)
        await pilot.settle()
        await pilot.resize_terminal(80, 23)
        await pilot.settle()
        assert app.screen is window
        await pilot.press("escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)


async def test_the_palette_is_open_once_and_not_above_a_terminal_that_is_too_small(app: CsrTui) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+p")
        await pilot.settle()
        pilot.on(CommandPalette)
        await pilot.resize_terminal(40, 8)
        await pilot.settle()
        await pilot.press("ctrl+p")
        await pilot.settle()
        pilot.on(TooSmall)
        window = Text("Found", "something")
        app.push_screen(window)
        await pilot.press("ctrl+p")
        await pilot.settle()

        assert app.screen is window
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape")
        await pilot.settle()
        pilot.on(CommandPalette)


async def test_a_text_alone_names_the_way_back_in_the_narrowest_terminal(app: CsrTui) -> None:
    async with drive(app, size=(60, 15)) as pilot:
        await pilot.settle()
        app.push_screen(PlainText("text"))
        await pilot.settle()
        assert "Esc" in "".join(segment.text for segment in app.screen.query(Static).last().render_line(0))


async def test_in_a_terminal_that_is_too_small_q_saves_and_leaves(app: CsrTui, store: RecordStore) -> None:
    async with drive(app, size=(80, 23)) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.press(*"shop")
        await pilot.resize_terminal(40, 8)
        await pilot.settle()
        await pilot.press("q")
        await pilot.settle()

    assert [record.subject.domain for record in store.page(Query(), limit=9)] == ["shop"]
    assert app.return_code == 0


@pytest.mark.parametrize("width", [60, 72, 80])
async def test_the_desk_drops_columns_before_it_cuts_a_domain(
    app: CsrTui, draft: Callable[..., Record], width: int
) -> None:
    draft("checkout.example-shop.com")

    async with drive(app, size=(width, 15)) as pilot:
        await pilot.settle()
        (row,) = (line.text for line in pilot.records.render_lines(Region(0, 0, width, 1)))

    assert "checkout.example-shop.com " in row
    assert "draft, ready " in row
    assert len(row) == width
