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

        async def opened_and_left(times: int) -> tuple[int, int]:
            for _ in range(times):
                await pilot.press(*keys)
            await pilot.settle()
            return alive()

        before = await opened_and_left(3)
        after = await opened_and_left(8)

    assert after[0] <= before[0] + 8
    assert after[1] <= before[1] + 200
