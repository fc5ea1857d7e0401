"""Screens that are left before they are ready, or twice: nothing crashes, and no other screen is closed for them."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import Button
from ui.driver import drive

from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.keyring import KeyringScreen
from csr_tui.ui.screens.menu import Menu
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.vault import VaultState, VaultStatus

if TYPE_CHECKING:
    from csr_tui.ui.app import CsrTui


async def test_a_page_that_is_left_while_it_is_mounted_is_nobodys(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.pause()
        for _ in range(5):
            await pilot.press("n")
            app.pop_screen()
            app._draft = None
            app._new()
            app.pop_screen()
            app._draft = None
        await pilot.pause()
        app._new()


async def test_what_a_worker_finds_for_a_page_that_is_gone_goes_nowhere(app: CsrTui) -> None:
    asked, told = threading.Event(), threading.Event()

    def look(**_: object) -> VaultStatus:
        asked.set()
        told.wait()
        return VaultStatus(VaultState.OPEN, "A keyring", "It is there.")

    app._desk_context.vault.status = look  # type: ignore[method-assign]
    async with drive(app) as pilot:
        await pilot.press("n", "f8")
        await pilot.see(KeyStep)
        app.push_screen(KeyringScreen(app._desk_context.vault))
        await pilot.pause()
        app.pop_screen()
        told.set()
        app.pop_screen()
        await pilot.pause(0.1)
        assert app.screen_stack == [app._desk]


async def test_an_answer_twice_or_from_below_closes_its_own_window_alone(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.pause()
        answers: list[bool | None] = []
        below, window = Confirm("One?", "", yes="Yes"), Confirm("Two?", "", yes="Yes")
        app.push_screen(below, answers.append)
        app.push_screen(window, answers.append)
        await pilot.pause()
        button = window.query("#yes, Button").last(Button)
        window.post_message(Button.Pressed(button))
        window.post_message(Button.Pressed(button))
        await pilot.pause()
        assert (answers, app.screen) == ([True], below)
        app.push_screen(Menu("", ()))
        await pilot.pause()
        below.dismiss(False)
        await pilot.pause()
        assert (answers, app.screen_stack) == ([True, False], [app._desk])


@pytest.mark.parametrize("under", [False, True])
async def test_a_screen_that_is_resized_faster_than_it_can_follow_comes_to_rest(app: CsrTui, under: bool) -> None:
    async with drive(app, size=(120, 40)) as pilot:
        await pilot.settle()
        desk = app.screen
        if under:
            await pilot.press("n")
            await pilot.settle()
        for size in (Size(62, 15), app.size, Size(62, 15), app.size):
            desk.post_message(events.Resize(size, size))
            desk.call_later(lambda: None)  # what lies between keeps Textual from joining them
        await asyncio.sleep(0.3)
        sizes = set()
        for _ in range(20):
            sizes.add(desk.size)
            await asyncio.sleep(0.01)
        assert sizes == {app.size}
