"""A list of records that fetches only the rows it shows, so its cost does not grow with the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.storage import Query, RecordStore
from csr_tui.ui import advice
from csr_tui.ui.widgets.line_list import LineList
from csr_tui.ui.widgets.record_strips import Cell, RecordStrips
from csr_tui.ui.widgets.record_window import MOST, REACH, RecordWindow

MOST_SELECTED = 1_000

QUIET = 0.02
"""Seconds without a key after which what may be shown next is read, and drawn."""

AGE = 60
"""Seconds after which a row that says how old it is says something else."""

STYLES = ("plain", "muted", "good", "bad", "warn", "pressing", "unknown", "mark", "match", "cursor")


class RecordList(LineList, can_focus=True):
    """Rows are drawn by `draw(record, width) -> cells`, behind a mark in the first cell for those that are selected.

    There are none until it is told which to `show`.
    """

    DEFAULT_CSS = """
    RecordList {
        background: $background;
        & > .record-list--plain { color: $foreground; }
        & > .record-list--muted { color: $muted; }
        & > .record-list--good { color: $success; }
        & > .record-list--bad { color: $error; }
        & > .record-list--warn { color: $warning; }
        & > .record-list--pressing { color: $pressing; text-style: bold; }
        & > .record-list--unknown { color: $primary; text-style: bold; }
        & > .record-list--mark { color: $accent; }
        & > .record-list--match { color: $accent; text-style: bold underline; }
        & > .record-list--cursor { background: $panel; text-style: bold; }
        &:focus > .record-list--cursor { background: $chosen; }
    }
    """
    COMPONENT_CLASSES = {f"record-list--{name}" for name in STYLES}
    BINDINGS = [
        Binding(
            "space", "mark", "Select", show=False, id="list.mark", tooltip="Select or deselect this record (Ctrl+click)"
        ),
        Binding(
            "shift+down",
            "extend_selection(1)",
            "Select down",
            show=False,
            id="list.stretch_down",
            tooltip="Extend the selection down",
        ),
        Binding(
            "shift+up",
            "extend_selection(-1)",
            "Select up",
            show=False,
            id="list.stretch_up",
            tooltip="Extend the selection up",
        ),
        Binding(
            "ctrl+a", "mark_all", "Select all", show=False, id="list.mark_all", tooltip="Select all listed records"
        ),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor is on another record, or on none."""

        record: Record | None

    @dataclass
    class Opened(Message):
        """A second click on a record."""

        record: Record

    @dataclass
    class Selected(Message):
        """Other records are selected than before."""

        number: int

    def __init__(self, store: RecordStore, draw: Callable[[Record, int], Sequence[Cell]], *, id: str) -> None:
        super().__init__(id=id)
        self._store = store
        self._strips = RecordStrips(self, draw, most=MOST)
        self._query = Query()
        self._window = RecordWindow(store, self._query, empty=True)
        self._reported = ""
        self._selected: dict[str, Record] = {}
        self._ahead: Timer | None = None

    @property
    def count(self) -> int:
        """How many records answer to the query."""
        return self._window.count

    @property
    def listed(self) -> Query:
        return self._query

    @property
    def current(self) -> Record | None:
        """The record under the cursor."""
        record = self._record_at(self.cursor)
        self._read()
        return record

    @property
    def selected(self) -> tuple[Record, ...]:
        """What is selected, in the order of selecting."""
        return tuple(self._selected.values())

    def show(self, query: Query, *, keep: str | None = None) -> None:
        """List what answers to `query`, anew; the cursor goes to the record `keep` where that is near.

        The list stays about where it is while the query does; with another one it begins at its top, and where that
        asks for more than another order, nothing is selected any more. StorageError where it cannot be read.
        """
        same = query == self._query
        top = self.scroll_offset.y if same else 0
        window = RecordWindow(self._store, query, near=self._window.before(top) if top > REACH else None, first=top)
        found = window.index_of(keep) if keep else None
        if found is None and keep and same and (near := self._window.before(self.cursor)) is not None:
            around = RecordWindow(self._store, query, near=near, first=self.cursor)  # others came in above it
            if (found := around.index_of(keep)) is not None:
                window = around
        if replace(query, sort=self._query.sort, reverse=self._query.reverse) != self._query:
            self.clear()
        elif self._selected:
            self._select_what_is_left()
        self._query, self._window, self._reported = query, window, ""
        self.virtual_size = Size(0, self.count)
        self.cursor = min(self.cursor if same else 0, max(0, self.count - 1)) if found is None else found
        self.scroll_to_line(self.cursor)
        self._read()
        self.redraw()
        self.highlight()

    def redraw(self) -> None:
        """The same records have something else to show."""
        self._strips.clear()
        self.refresh()
        self._wait()

    def look_ahead(self) -> None:
        """From now on read what may be shown next while no key is pressed, and draw it."""
        self._ahead = self.set_interval(QUIET, self._read_ahead)
        self.set_interval(AGE, self.redraw)

    def clear(self) -> None:
        """Select nothing."""
        if self._selected:
            self._select({})

    def notify_style_update(self) -> None:
        self._strips.restyle()
        super().notify_style_update()

    def watch_cursor(self) -> None:
        self._wait()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._read()
        self._wait()

    def on_resize(self) -> None:
        self.fit(self.count, self.cursor)
        self._read()

    def draw_line(self, index: int, width: int) -> Strip:
        record = self._window.here(index)
        if record is None:
            return Strip.blank(width, self._strips.plain)
        selected = record.id in self._selected
        if index == self.cursor:
            cursor = self.get_component_rich_style("record-list--cursor")
            return self._strips.draw(record, width, cursor, selected=selected)
        return self._strips.strip(record, width, selected=selected)

    def highlight(self) -> None:
        self.post_message(self.Highlighted(self.current))

    def action_open(self) -> None:
        if record := self.current:
            self.post_message(self.Opened(record))

    def action_mark(self) -> None:
        self._toggle()
        self.action_move(1)

    def action_extend_selection(self, by: int) -> None:
        if record := self.current:
            self._select(self._selected | {record.id: record})
            self.action_move(by)
        if record := self.current:
            self._select(self._selected | {record.id: record})

    def action_mark_all(self) -> None:
        if self.count > MOST_SELECTED:
            self.notify(
                f"{self.count:,} records are too many to select at once; {MOST_SELECTED:,} is the most. "
                "Search or filter first.",
                severity="warning",
            )
            return
        try:
            records = self._store.page(self._query, limit=MOST_SELECTED)
        except CsrTuiError as error:
            advice.report(self, error)
        else:
            self._select({record.id: record for record in records})

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if index >= self.count:
            return
        if event.shift:
            self._select_through(index)
        self.action_move_to(index)
        if event.ctrl:
            self._toggle()
        elif event.chain > 1:
            self.action_open()

    def _read(self) -> None:
        """Have the rows that show before they are drawn: nothing is read while that is done."""
        top = self.scroll_offset.y
        for index in (top, top + self.size.height - 1):
            self._record_at(min(index, self.count - 1))
        if error := self._window.offset_error:
            self.call_after_refresh(self._renumber, error)

    def _record_at(self, index: int) -> Record | None:
        """The record in a row; None where there is none, or where it cannot be read: told once, for however many."""
        try:
            return self._window.at(index)
        except CsrTuiError as error:
            if advice.sentence(error) != self._reported:
                self._reported = advice.sentence(error)
                self.notify(escaped(self._reported), severity="error")
            return None

    def _toggle(self) -> None:
        if record := self.current:
            rest = {key: kept for key, kept in self._selected.items() if key != record.id}
            self._select(rest if record.id in self._selected else rest | {record.id: record})

    def _select_through(self, index: int) -> None:
        """Select from the cursor to a row that is on the screen as well."""
        lower, upper = sorted((self.cursor, index))
        rows = (self._record_at(row) for row in range(max(lower, upper - MOST_SELECTED), upper + 1))
        self._select(self._selected | {record.id: record for record in rows if record is not None})

    def _select_what_is_left(self) -> None:
        """As it is now; what is gone, into the trash or out of it, is not selected any more."""
        there = self._store.batch.known(list(self._selected))
        left = (
            there[key]
            for key, old in self._selected.items()
            if key in there and there[key].trashed_at == old.trashed_at
        )
        self._select({record.id: record for record in left})

    def _select(self, records: dict[str, Record]) -> None:
        if len(records) > MOST_SELECTED:
            self.notify(f"{MOST_SELECTED:,} records are the most to select.", severity="warning")
            return
        self._selected = records
        self.refresh()
        self.post_message(self.Selected(len(records)))

    def _wait(self) -> None:
        """What may be shown next is another page now, which is read after a while."""
        if self._ahead is not None:
            self._ahead.reset()

    def _read_ahead(self) -> None:
        """One page, and all that is not drawn yet; what cannot be read is told when somebody looks at it."""
        top, (width, height) = self.scroll_offset.y, self.size
        bottom = top + height
        try:
            more = self._window.prefetch(top, bottom)
        except CsrTuiError:
            more = False
        for record in self._window.nearby(top, bottom):
            self._strips.strip(record, width, selected=record.id in self._selected)
        if not more and self._ahead is not None:
            self._ahead.pause()

    def _renumber(self, error: int) -> None:
        """The rows turned out to stand elsewhere in the list: go on showing the same ones, under their true numbers."""
        if error == self._window.offset_error:
            top = self.scroll_offset.y
            self._window.renumber()
            self.set_reactive(RecordList.cursor, min(max(self.cursor + error, 0), max(0, self.count - 1)))
            self.scroll_to(y=top + error, animate=False, force=True)
            self.refresh()
