"""Every screen at each size and in each theme: every character has its contrast, and no button or focus is cut."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from textual.color import Color
from textual.screen import ModalScreen
from textual.widgets import Button
from textual.widgets._footer import FooterKey
from ui.driver import drive
from ui.test_every_screen import cells, seen
from ui.test_themes import ratio
from ui.windows import SCREENS

from csr_tui.ui.app import CsrTui

if TYPE_CHECKING:
    from pathlib import Path

    from textual.screen import Screen

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

TEXT, HINT, LINE = 7.0, 4.5, 3.0
"""The least contrast by WCAG 2.2: AAA for text, AA for what is muted or marked, and 1.4.11 for lines."""

contrast = cache(ratio)


@pytest.mark.parametrize(
    ("size", "theme"), [((60, 15), "csr-dark"), ((80, 24), "csr-light"), ((120, 40), "csr-dark")], ids=str
)
async def test_every_character_has_its_contrast_and_nothing_is_cut(
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    app = CsrTui(store, vault, exports=tmp_path)
    faults: list[str] = []

    async with drive(app, size=size) as pilot:
        app.theme = theme
        for name, build in SCREENS.items():
            await app.push_screen(build(store, vault))
            await pilot.settle()
            faults += [f"{name}: {fault}" for fault in (*faint(app.screen), *cut(app.screen))]
            app.pop_screen()

    assert not faults, "\n".join(faults)


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
