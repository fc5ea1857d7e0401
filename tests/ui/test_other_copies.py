"""Two copies of the program on one store: what one changes, the other lists, and neither loses anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core.record import Record
from csr_tui.storage import RecordStore
from csr_tui.ui.screens import desk
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.filter import FilterDialog
from csr_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.ui.app import CsrTui


async def test_two_copies_editing_one_record_lose_nothing(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        store.save(replace(store.get(record.id), remark="from the other copy"))
        app.screen.query_one("#organization", Field).input.value = "Typed here"
        await pilot.press("escape")
        await pilot.settle()

        assert "Your changes are saved as a separate draft" in pilot.said
    kept = {entry.remark: entry.subject.organization for entry in store.page()}
    assert kept == {"from the other copy": "Example Ltd", "": "Typed here"}


async def test_changes_of_another_copy_appear_and_cursor_and_selection_stay(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "OTHERS", 0.05)
    for number in range(120):
        draft(f"{number:03}.example.com")
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("end", *["up"] * 50, "space", "up")
        current, selected = pilot.current, pilot.records.selected
        with RecordStore(store.path) as other:
            for number in range(60):
                other.add(Record(f"other{number:05}"))
            await pilot.until(lambda: pilot.records.count == 180)

        assert pilot.current == current
        assert pilot.records.selected == selected
        assert " All 180 " in pilot.text("#views")


async def test_the_cursor_stays_on_its_record_however_often_the_list_changes(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    for number in range(120):
        draft(f"{number:03}.example.com")
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("end", *["up"] * 50)
        current = pilot.current
        for first in range(0, 60, 5):
            for number in range(first, first + 5):
                draft(f"other{number:03}.example.com")
            pilot.on(Desk).reload()
            assert pilot.current == current


async def test_changes_of_another_copy_wait_until_the_window_on_top_is_closed(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    draft()
    async with drive(app) as pilot:
        await pilot.settle()
        listing = pilot.on(Desk)
        await pilot.press("f")
        await pilot.see(FilterDialog)
        with RecordStore(store.path) as other:
            other.add(Record("other00000"))
            listing._look_for_changes()
            await pilot.settle()
            assert listing.records.count == 1
            await pilot.press("escape")
            await pilot.until(lambda: listing.records.count == 2)
