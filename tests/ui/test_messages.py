"""Messages: one line that shows the worst since the last key, and a window with the last ten."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input
from ui.driver import drive

from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.dialogs import Messages
from csr_tui.ui.screens.filter import FilterDialog
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.widgets.page import Page
from csr_tui.ui.widgets.status_line import StatusLine


def shown(app: CsrTui) -> str:
    return app.screen.query_one(StatusLine).render().plain


async def test_a_long_message_is_cut_in_the_line_but_whole_in_the_window(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        app.notify("start " + "word " * 30 + "end", markup=False)
        await pilot.settle()
        line = app.screen.query_one(StatusLine)
        assert (line.region.height, line.region.width) == (1, 80)
        assert "start" in shown(app)
        assert "…" in shown(app)
        assert "press !" in shown(app)

        await pilot.press("!")
        await pilot.settle()
        assert not line.display
        assert isinstance(app.screen, Messages)
        text = "".join(str(part.render()) for part in app.screen.query_one(Page).children)
        assert text.startswith("✓ start")
        assert text.endswith("end")


async def test_the_line_shows_the_worst_of_several_messages_and_counts_the_others(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        app.notify("The older error.", severity="error", markup=False)
        app.notify("The newer error.", severity="error", markup=False)
        app.notify("It is done.", markup=False)
        await pilot.settle()

        assert shown(app).startswith("✗ The newer error.")
        assert shown(app).endswith("2 more, press !")


async def test_the_window_lists_the_last_ten_messages_the_newest_first(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        for number in range(12):
            app.notify(f"Message {number}.", markup=False)
        await pilot.press("x", "!", "!", "!")
        await pilot.settle()

        listed = [str(part.render()) for part in app.screen.query_one(Page).children]
        assert listed == [f"✓ Message {number}." for number in range(11, 1, -1)]


async def test_a_window_shows_the_messages_above_it_too(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("f")
        await pilot.settle()
        app.notify("It was refused.", severity="error", markup=False)
        for key in ("!", "f3"):
            await pilot.press(key)
            await pilot.settle()
            assert isinstance(app.screen, Messages)

            await pilot.press(key)
            await pilot.settle()
            assert isinstance(app.screen, FilterDialog)


@pytest.mark.parametrize("key", ["!", "f3"])
async def test_a_field_takes_the_exclamation_mark_and_f3_reads_messages_there(app: CsrTui, key: str) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n", key)
        await pilot.settle()

        assert isinstance(app.screen, Messages) is (key == "f3")
        if key == "!":
            assert isinstance(app.focused, Input)
            assert app.focused.value == "!"
            app.notify("start " + "word " * 30, markup=False)
            await pilot.settle()
            assert shown(app).endswith("press F3")


async def test_a_click_that_takes_a_message_away_reaches_what_it_was_aimed_at(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        before = app.screen.query_one("#next").region
        app.notify("It was refused.", severity="error", markup=False)
        await pilot.settle()
        x, y = (aimed := app.screen.query_one("#next").region).offset
        for kind in (events.MouseDown, events.MouseUp):
            app.post_message(kind(None, x + 2, y, 0, 0, 1, False, False, False, x + 2, y))
            await pilot.settle()

        assert aimed.y < before.y
        assert isinstance(app.screen, NamesStep)
        assert not app.screen.query(StatusLine) or not app.screen.query_one(StatusLine).display
