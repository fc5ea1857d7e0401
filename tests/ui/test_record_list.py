"""The list: what is shown, told, drawn and dragged, however far into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import add
from typing import TYPE_CHECKING

import pytest
from ui.driver import drive
from ui.lists import MANY

from csr_tui.errors import StorageError
from csr_tui.storage import Anchor, Query, RecordStore, Sort
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.widgets.record_list import RecordList
from csr_tui.ui.widgets.record_strips import Cell
from csr_tui.ui.widgets.record_window import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.geometry import Region
    from textual.strip import Strip

    from csr_tui.core.record import Record
    from csr_tui.ui.app import CsrTui


@pytest.fixture
def app(many: RecordStore, app: CsrTui) -> CsrTui:
    from csr_tui.ui.app import CsrTui

    return CsrTui(many, app._desk_context.vault, exports=app._desk_context.exports)


async def test_end_and_page_keys_reach_the_right_records(app: CsrTui, ids: dict[Sort, list[str]]) -> None:
    wanted = ids[Sort.CHANGED]
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        records = pilot.records
        height = records.size.height
        for keys, place in (
            (("end",), MANY - 1),
            (("pageup", "pageup"), MANY - 1 - 2 * (height - 1)),
            (("up",), MANY - 2 - 2 * (height - 1)),
            (("home",), 0),
            (("pagedown",), height - 1),
        ):
            await pilot.press(*keys)
            await pilot.settle()
            assert records.cursor == place
            assert pilot.current.id == wanted[place]
            assert records.scroll_offset.y <= place < records.scroll_offset.y + height
            assert pilot.current.subject.domain in app.export_screenshot()


async def test_dragging_to_the_middle_and_paging_home_arrives_at_the_first_record(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "approximate_anchor", lambda *_: Anchor.of(many.get(ids[Sort.CHANGED][600])))
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        records = pilot.records
        records.scroll_to(y=500, animate=False, force=True)
        await pilot.settle()
        records.action_move_to(510)
        await pilot.settle()
        at = ids[Sort.CHANGED].index(pilot.current.id)
        assert at == 611
        step = records.size.height - 1
        for expected in range(at - step, 0, -step):
            records.action_page(-1)
            await pilot.settle()
            assert pilot.current.id == ids[Sort.CHANGED][expected]
        records.action_page(-1)
        await pilot.settle()

        assert (records.cursor, pilot.current.id) == (0, ids[Sort.CHANGED][0])


async def test_a_reload_deep_in_the_list_stays_where_it_is(app: CsrTui, ids: dict[Sort, list[str]]) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        pilot.records.action_move_to(700)
        await pilot.settle()
        await pilot.press("f5")
        await pilot.settle()

        assert pilot.records.cursor == 700
        assert pilot.current.id == ids[Sort.CHANGED][700]


def is_assessed(desk: Desk, record_id: str) -> bool:
    return any(known == record_id for known, _ in desk._assessments.known)


async def test_when_no_key_is_pressed_for_a_while_the_last_page_is_read_and_judged(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        for key, last in (("end", ids[Sort.CHANGED][-1]), ("f5", ids[Sort.CHANGED][-PAGE - 10])):
            await pilot.until(partial(is_assessed, pilot.on(Desk), last))
            await pilot.press(key)
            await pilot.settle()

        assert pilot.current.id == ids[Sort.CHANGED][-1]


async def test_a_page_that_cannot_be_read_ahead_is_nobodys_trouble(
    app: CsrTui, many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def fail(*args: object, **named: object) -> None:
        tried.append(args)
        raise StorageError("The disk is gone.")

    async with drive(app, size=(80, 24)) as pilot:
        monkeypatch.setattr(many, "page", fail)
        await pilot.until(lambda: bool(tried))
        await pilot.press("down")
        await pilot.until(lambda: len(tried) > 1)
        monkeypatch.undo()

        assert pilot.records.cursor == 1
        assert app.is_running


async def test_what_cannot_be_read_is_told_once_and_what_was_listed_stays(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The disk did not answer.")

    async with drive(app, size=(80, 24), notifications=True) as pilot:
        await pilot.settle()
        records = pilot.records
        with monkeypatch.context() as patch:
            patch.setattr(many, "page", fail)
            patch.setattr("csr_tui.ui.widgets.record_list.MOST_SELECTED", MANY)
            records.action_move_to(MANY // 2)
            await pilot.settle()
            assert (records.current, len(app._notifications)) == (None, 1)
            for told, key in enumerate(("f5", "o", "ctrl+a"), 2):
                await pilot.press(key)
                await pilot.settle()
                assert len(app._notifications) == told
            assert {said.message for said in app._notifications} == {"The disk did not answer."}
            await pilot.press("home")
            await pilot.settle()
            assert pilot.current.id == ids[Sort.CHANGED][0]
        await pilot.press("end")
        await pilot.settle()
        assert pilot.current.id == ids[Sort.CHANGED][-1]


async def test_the_bar_pages_where_it_is_clicked_and_is_dragged_and_no_row_is_meant_by_that(app: CsrTui) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        records = pilot.records
        (width, height), bar = records.size, records.size.width - 1
        middle = MANY // 2
        records.scroll_to(y=middle, animate=False)
        await pilot.settle()
        for place, top in ((height - 1, middle + height), (0, middle), (height // 2, middle)):
            await pilot.click(records, offset=(bar, place))
            await pilot.settle()
            assert (records.scroll_offset.y, records.cursor) == (top, 0)
        await pilot.click(records, offset=(bar, height // 2), times=2)
        await pilot.settle()
        assert pilot.records is records

        records.scroll_to(y=0, animate=False)
        await pilot.settle()
        await pilot.mouse_down(records, offset=(bar, 0))
        await pilot.hover(records, offset=(width // 2, 5))
        await pilot.settle()
        assert records.scroll_offset.y == round(5 * MANY / height)
        await pilot.mouse_up(records, offset=(width // 2, 5))
        await pilot.hover(records, offset=(width // 2, 9))
        await pilot.settle()
        assert (records.scroll_offset.y, records.cursor) == (round(5 * MANY / height), 0)

        await pilot.click(records, offset=(width // 2, 9))
        await pilot.settle()
        assert records.cursor == round(5 * MANY / height) + 9


async def test_nothing_is_read_while_lines_are_drawn(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading: list[bool] = []
    painting = False
    page, paint = many.page, RecordList.render_lines

    def read(
        query: Query | None = None, *, anchor: Anchor | None = None, limit: int = 50, backwards: bool = False
    ) -> tuple[Record, ...]:
        reading.append(painting)
        return page(query, anchor=anchor, limit=limit, backwards=backwards)

    def render_lines(self: RecordList, crop: Region) -> list[Strip]:
        nonlocal painting
        painting = True
        try:
            return paint(self, crop)
        finally:
            painting = False

    monkeypatch.setattr(many, "page", read)
    monkeypatch.setattr(RecordList, "render_lines", render_lines)
    async with drive(app, size=(80, 40)) as pilot:
        await pilot.settle()
        records = pilot.records
        for key in ("end", "pageup", "home", "pagedown"):
            await pilot.press(key)
            await pilot.settle()
        records.scroll_to(y=MANY // 2, animate=False)
        await pilot.settle()
        assert records.cursor < 40
        assert pilot.current.id == ids[Sort.CHANGED][records.cursor]
        await pilot.resize_terminal(80, 60)
        await pilot.settle()
        shown = [records.draw_line(row, 80).text.strip() for row in range(MANY // 2, MANY // 2 + records.size.height)]

    assert all(shown)
    assert len(reading) > 5
    assert not any(reading)


async def test_what_fits_has_no_bar_and_all_of_its_width(store: RecordStore, draft: Callable[..., Record]) -> None:
    from support import MemoryKeyring

    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

    draft()
    app = CsrTui(store, Vault(backend=MemoryKeyring()), exports=store.path.parent)
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        records = pilot.records
        assert not records.show_vertical_scrollbar
        for number in range(records.size.height):
            draft(f"h{number}.example.com")
        await pilot.press("f5")
        await pilot.settle()

        assert records.show_vertical_scrollbar
        lines = records.render_lines(records.size.region)
        assert {line.cell_length for line in lines} == {records.size.width}
        assert lines[3].text.index("draft") == pilot.text("#columns").index("State")


async def test_a_row_is_drawn_once_until_it_says_something_else(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore
) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        records = pilot.records
        drawn: list[str] = []
        draw = records._strips._cells

        def drawing(record: Record, width: int) -> Sequence[Cell]:
            drawn.append(record.id)
            return draw(record, width)

        records._strips._cells = drawing
        last, shown = many.get(ids[Sort.CHANGED][-1]), set(ids[Sort.CHANGED][-records.size.height :])
        await pilot.press("f5")
        await pilot.until(lambda: last.id in drawn)
        await pilot.settle()

        drawn.clear()
        await pilot.press("end")
        await pilot.settle()
        assert last.subject.domain in app.export_screenshot()
        assert shown & set(drawn) == {last.id}  # it has the cursor

        await pilot.press("up", "space")
        await pilot.settle()
        assert records.draw_line(MANY - 2, 80).text[0] == "•"
        records.clear()
        assert records.draw_line(MANY - 2, 80).text[0] == " "

        app.theme = next(name for name in app.available_themes if name != app.theme)
        await pilot.settle()
        (_, _, domain, *_) = records.draw_line(MANY - 2, 80)
        assert domain.style is not None
        assert domain.style.color is not None
        assert domain.style.color.name == app.theme_variables["foreground"].lower()


def says(records: RecordList, text: str) -> bool:
    """Whether the second row does."""
    return text in records.draw_line(1, 80).text


async def test_how_long_ago_a_record_was_changed_is_true_after_a_while_too(
    app: CsrTui, many: RecordStore, ids: dict[Sort, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.ui.widgets.record_list.AGE", 0.1)
    second = many.get(ids[Sort.CHANGED][1])
    assert second.updated_at is not None
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.until(lambda: bool(pilot.on(Desk)._assessments.known))
        for hours in (3, 4):
            pilot.on(Desk)._now = partial(add, second.updated_at, timedelta(hours=hours))
            await pilot.until(partial(says, pilot.records, f"{hours} h ago"))


async def test_a_store_that_cannot_be_read_from_the_start_is_told_and_can_be_tried_again(
    app: CsrTui, ids: dict[Sort, list[str]], many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The disk did not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(many, "page", fail)
        patch.setattr(many, "count", fail)
        async with drive(app, size=(80, 24), notifications=True) as pilot:
            await pilot.settle()
            assert [said.message for said in app._notifications] == ["The disk did not answer."]
            assert pilot.records.count == 0
            patch.undo()
            await pilot.press("f5")
            await pilot.settle()
            assert pilot.current.id == ids[Sort.CHANGED][0]


async def test_the_cursor_is_seen_still_when_the_terminal_is_made_smaller(app: CsrTui) -> None:
    async with drive(app, size=(80, 50)) as pilot:
        await pilot.settle()
        records = pilot.records
        for key in ("end", "pageup"):
            await pilot.press(key)
            await pilot.resize_terminal(80, 24)
            await pilot.settle()
            assert 0 <= records.cursor - records.scroll_offset.y < records.size.height
            await pilot.resize_terminal(80, 50)
            await pilot.settle()

        records.scroll_to(y=0, animate=False)
        await pilot.settle()
        await pilot.resize_terminal(80, 24)
        await pilot.settle()
        assert records.scroll_offset.y == 0


async def test_what_another_program_took_away_is_not_selected_any_more(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    from support import MemoryKeyring

    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

    kept, gone = draft("a.example.com"), draft("b.example.com")
    app = CsrTui(store, Vault(backend=MemoryKeyring()), exports=store.path.parent)
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+a")
        with RecordStore(store.path) as other:
            other.trash(gone.id)
            changed = other.save(replace(kept, remark="another"))
        await pilot.press("f5")
        await pilot.settle()

        assert pilot.records.selected == (changed,)
        assert "1 selected" in app.export_screenshot().replace("&#160;", " ")
