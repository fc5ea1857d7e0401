"""What every screen has to do, at the smallest size, the usual one and a large one, with colours and without."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from textual._context import visible_screen_stack
from textual.color import Color
from textual.screen import ModalScreen
from textual.widgets import Button
from textual.widgets._footer import FooterKey
from ui.driver import Driver, drive
from ui.test_themes import ratio
from ui.windows import DIALOGS, PLAIN

from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.screens.too_small import COLUMNS, LINES
from csr_tui.ui.widgets.page import Page
from csr_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual._compositor import Compositor
    from textual.geometry import Region
    from textual.screen import Screen
    from textual.widget import Widget

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

TEXT, HINT, LINE = 7.0, 4.5, 3.0
"""The least contrast by WCAG 2.2: AAA for text, AA for what is muted or marked, and 1.4.11 for lines."""

contrast = cache(ratio)


class Cell(NamedTuple):
    """What a terminal is told about one character."""

    text: str
    ink: str
    paper: str
    marks: tuple[bool | None, ...]


def cells(screen: Screen[object], region: Region | None = None) -> Iterator[Cell]:
    """What the terminal is sent for a part of the screen, with the windows below it left out."""
    x, y, width, height = region or screen.region
    for strip in screen._compositor.render_strips()[y : y + height]:
        for segment in strip.crop(x, x + width):
            style = segment.style
            assert style is not None
            ink, paper = (
                "default" if color is None or color.is_default else color.triplet.hex if color.triplet else color.name
                for color in (style.color, style.bgcolor)
            )
            for text in segment.text:
                yield Cell(text, ink, paper, (style.reverse, style.bold, style.underline, style.dim))


def _note_update(compositor: Compositor, *, screen_stack: list[Screen[object]]) -> None:
    """Without drawing what no terminal gets: `cells` draws all of it."""
    visible_screen_stack.set(screen_stack)
    compositor._dirty_regions.clear()


def seen(screen: Screen[object], widget: Widget) -> Region:
    """What can be seen of a widget."""
    found = screen._compositor.visible_widgets.get(widget)
    assert found is not None, f"{widget!r} cannot be seen"
    region, clip = found
    return region.intersection(clip)


@pytest.mark.parametrize(
    ("size", "theme"), [((COLUMNS, LINES), ""), ((80, 24), "csr-light"), ((120, 40), "csr-dark")], ids=str
)
@pytest.mark.parametrize("screens", [PLAIN, DIALOGS], ids=["screens", "windows"])
async def test_a_screen_is_readable_and_shows_its_focus_and_its_notices_and_is_reached_to_its_end_by_key(
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    screens: dict[str, Callable[[RecordStore, Vault], Screen[object]]],
    size: tuple[int, int],
    theme: str,
) -> None:
    """One run of the program for many screens; without a theme there are no colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("textual._compositor.Compositor.render_update", _note_update)
    if not theme:
        monkeypatch.setenv("NO_COLOR", "1")
    app = CsrTui(store, vault, exports=tmp_path)
    faults: list[str] = []

    async with drive(app, size=size) as pilot:
        app.theme = theme or app.theme
        await pilot.settle()
        for name, build in screens.items():
            await app.push_screen(build(store, vault))
            await pilot.settle()
            screen = app.screen
            faults += [f"{name}: {fault}" for fault in (*(faint(screen) if theme else ()), *cut(screen))]
            try:
                await assert_it_can_be_used(pilot, screen, smallest=not theme, large=size == (120, 40))
            except AssertionError as error:
                faults.append(f"{name}: {error}")
            while app.screen is not app.screen_stack[0] and not isinstance(app.screen, Desk):
                app.pop_screen()

    assert not faults, "\n".join(faults)


async def assert_it_can_be_used(pilot: Driver, screen: Screen[object], *, smallest: bool, large: bool) -> None:
    if pilot.app.no_color:
        assert {(cell.ink, cell.paper) for cell in cells(screen)} == {("default", "default")}
    if isinstance(screen, Dialog):
        assert_it_opens_at_its_beginning(screen)
    if smallest:
        await assert_a_notice_covers_nothing(pilot, screen)
    if not large:
        await assert_each_focus_is_seen(pilot, screen)
    if smallest:
        await assert_every_line_is_reached(pilot, screen)


def assert_it_opens_at_its_beginning(screen: Screen[object]) -> None:
    """Its title and its buttons are seen, and of these only the one that Enter presses is filled."""
    title, focused, buttons = screen.query_one(".dialog-title"), screen.focused, list(screen.query(Button))

    assert seen(screen, title).height == title.region.height
    assert all(seen(screen, button).size == button.region.size for button in buttons if button.display)
    assert screen.query_one(Page).scroll_offset.y == 0
    if isinstance(focused, Button):
        assert [one for one in buttons if one.styles.background == focused.styles.background] == [focused]
        assert focused.variant == "primary" or len(buttons) == 1


async def assert_a_notice_covers_nothing(pilot: Driver, screen: Screen[object]) -> None:
    """It has a line of its own on what is open, and the next key takes it away."""
    pilot.app.notify("The disk did not answer.", severity="error", markup=False)
    await pilot.settle()
    line = screen.query_one(StatusLine)

    assert "The disk did not answer." in "".join(cell.text for cell in cells(screen, seen(screen, line)))
    assert not screen.query("Toast")
    for button in screen.query(Button):
        assert not button.display or seen(screen, button).size == button.region.size
        assert not line.region.overlaps(button.region)
    await pilot.press("f12")
    await pilot.settle()
    assert not line.display


async def assert_each_focus_is_seen(pilot: Driver, screen: Screen[object]) -> None:
    """Tab leads to nothing that is out of sight, and what has the focus looks otherwise than without it."""
    for _ in screen.focus_chain:
        widget = screen.focused
        assert widget is not None
        region = seen(screen, widget)
        assert region.area, f"{widget!r} is out of sight"
        with_focus = list(cells(screen, region))
        screen.set_focus(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await pilot.until(lambda: with_focus != list(cells(screen, region)))  # noqa: B023  # awaited here
        assert with_focus != list(cells(screen, region)), f"{widget!r} looks the same without the focus"
        screen.set_focus(widget, scroll_visible=False)
        await pilot.press("tab")


async def assert_every_line_is_reached(pilot: Driver, screen: Screen[object]) -> None:
    """With the keys for a page and for the ends; what is still below is counted."""
    pages = list(screen.query(Page))
    await pilot.press("ctrl+home")
    assert [page.scroll_offset.y for page in pages] == [0] * len(pages)
    for page in pages:
        counted = str(page.border_subtitle or "")
        assert counted.startswith(f"↓ {page.max_scroll_y} more line") if page.max_scroll_y else not counted
    for way in ("ctrl+pagedown", "ctrl+end"):
        for _ in range(40):
            if all(page.scroll_offset.y == page.max_scroll_y for page in pages):
                break
            await pilot.press(way)
        else:
            raise AssertionError(f"{way} does not come to the end")
        assert not any(page.border_subtitle for page in pages)
        await pilot.press("ctrl+home")


def faint(screen: Screen[object]) -> set[str]:
    """Characters that are hard to tell from what is behind them; what a window dims below it does not count."""
    region = screen.children[0].region if isinstance(screen, ModalScreen) else None
    chosen, muted = (Color.parse(screen.app.theme_variables[name]).hex.lower() for name in ("chosen", "muted"))
    found: dict[tuple[str, str, float], str] = {}
    for cell in cells(screen, region):
        if cell.text.isspace():
            continue
        ink, paper = cell.ink, cell.paper
        line = "\u2500" <= cell.text <= "\u259f"
        least = LINE if line else HINT if paper == chosen or ink == muted else TEXT
        if contrast(ink, paper) < least:
            key = (ink, paper, round(contrast(ink, paper), 1))
            found[key] = found.get(key, "") + cell.text
    return {f"{text!r} is {key}" for key, text in found.items()}


def cut(screen: Screen[object]) -> list[str]:
    """Keys, buttons and the title, of which a part is out of sight, and what has the focus, where it is too wide."""
    whole = [*screen.query(FooterKey), *screen.query(Button), *screen.query(".dialog-title")]
    shown = [
        one for one in whole if one.visible and one.display and all(above.display for above in one.ancestors_with_self)
    ]
    faults = [one for one in shown if seen(screen, one).size != one.region.size]
    if (focused := screen.focused) is not None and seen(screen, focused).width != focused.region.width:
        faults.append(focused)
    return [f"{one!r} is cut" for one in faults]
