"""A desk that stays open for weeks: screens that were opened and left hold nothing."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from textual.strip import Strip
from textual.widget import Widget
from ui.driver import drive

if TYPE_CHECKING:
    from csr_tui.ui.app import CsrTui


def alive() -> tuple[int, int]:
    """Widgets and painted lines, counted once all that can go has gone."""
    gc.collect()
    objects = gc.get_objects()
    return sum(isinstance(one, Widget) for one in objects), sum(type(one) is Strip for one in objects)


@pytest.mark.parametrize("keys", [("f1", "escape"), ("n", "f8", "ctrl+s"), ("v", "escape")])
async def test_a_screen_that_is_opened_and_left_leaves_nothing_behind(app: CsrTui, keys: tuple[str, ...]) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        for times in (3, 8):
            before = alive()
            for _ in range(times):
                await pilot.press(*keys)
            await pilot.settle()
        # What a thread or a timer still holds goes a moment later.
        await pilot.until(
            lambda: all(now <= then + more for now, then, more in zip(alive(), before, (8, 200), strict=True))
        )
