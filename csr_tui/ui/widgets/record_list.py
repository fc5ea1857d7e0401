"""A list of records that fetches only the rows it shows, so its cost does not grow with the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from csr_tui.storage import Anchor, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style
    from textual import events

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore

PAGE = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row: its text, and the component class that colours it."""

    text: str
    style: str = "record-list--plain"


class RecordList(ScrollView, can_focus=True):
    """Rows are drawn by `draw(record, width) -> cells`; pages come from the store by key, nearest page first."""

    DEFAULT_CSS = """
    RecordList {
        background: $background;
        scrollbar-size-vertical: 1;
        & > .record-list--plain { color: $foreground; }
        & > .record-list--muted { color: $muted; }
        & > .record-list--good { color: $success; }
        & > .record-list--bad { color: $error; }
        & > .record-list--warn { color: $warning; }
        & > .record-list--cursor { background: $panel; text-style: bold; }
        &:focus > .record-list--cursor { background: $chosen; }
    }
    """
    COMPONENT_CLASSES = {
        "record-list--plain",
        "record-list--muted",
        "record-list--good",
        "record-list--bad",
        "record-list--warn",
        "record-list--cursor",
    }
    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.pageup"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.pagedown"),
        Binding("home", "move_to(0)", "First", show=False, id="list.first"),
        Binding("end", "move_to(-1)", "Last", show=False, id="list.last"),
        Binding("enter", "open", "Open", show=False, id="list.open"),
    ]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=True)

    @dataclass
    class Highlighted(Message):
        """The cursor is on another record, or on none."""

        record: Record | None

    @dataclass
    class Opened(Message):
        """Enter or a second click on a record."""

        record: Record

    def __init__(self, store: RecordStore, draw: Callable[[Record, int], Sequence[Cell]], *, id: str) -> None:
        super().__init__(id=id)
        self._store = store
        self._draw = draw
        self._query = Query()
        self._count = 0
        self._pages: dict[int, tuple[Record, ...]] = {}

    @property
    def count(self) -> int:
        """How many records answer to the query."""
        return self._count

    @property
    def current(self) -> Record | None:
        """The record under the cursor."""
        return self._at(self.cursor) if self._count else None

    def show(self, query: Query, *, keep: str | None = None) -> None:
        """List what answers to `query`; the cursor stays on the record `keep` where it is near the top."""
        self._query = query
        self._pages.clear()
        self._count = self._store.count(query)
        self.virtual_size = Size(self.size.width, self._count)
        first = self._page(0) if self._count else ()
        where = next((index for index, record in enumerate(first) if record.id == keep), None)
        last = max(0, self._count - 1)
        self.cursor = where if where is not None else min(self.cursor, last)
        self.refresh()
        self.post_message(self.Highlighted(self.current))

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self._count)

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.size.width
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        record = self._at(index)
        if record is None:
            return Strip.blank(width, self.rich_style)
        under = self.get_component_rich_style("record-list--cursor") if index == self.cursor else self.rich_style
        segments = [
            Segment(cell.text, under + _ink(self.get_component_rich_style(cell.style, partial=True)))
            for cell in self._draw(record, width)
        ]
        return Strip(segments).adjust_cell_length(width, under)

    def action_move(self, by: int) -> None:
        self.action_move_to(min(max(self.cursor + by, 0), self._count - 1))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 1))

    def action_move_to(self, index: int) -> None:
        if not self._count:
            return
        self.cursor = index if index >= 0 else self._count - 1
        self._scroll_to_cursor()
        self.post_message(self.Highlighted(self.current))

    def action_open(self) -> None:
        if record := self.current:
            self.post_message(self.Opened(record))

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if index < self._count:
            self.action_move_to(index)
            if event.chain > 1:
                self.action_open()

    def _scroll_to_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def _at(self, index: int) -> Record | None:
        page = self._page(index // PAGE)
        at = index % PAGE
        return page[at] if at < len(page) else None

    def _page(self, number: int) -> tuple[Record, ...]:
        if number not in self._pages:
            self._pages[number] = self._fetch(number)
        return self._pages[number]

    def _fetch(self, number: int) -> tuple[Record, ...]:
        """Reach a page from whichever known place is nearest: the top, the end, or a page seen before."""
        before = max((known for known in self._pages if known < number and self._pages[known]), default=None)
        after = min((known for known in self._pages if known > number and self._pages[known]), default=None)
        size = min(PAGE, self._count - number * PAGE)
        end = self._count - number * PAGE - size
        ways: list[tuple[int, Anchor | None, bool]] = [(number * PAGE, None, False), (end, None, True)]
        if before is not None:
            ways.append(((number - before - 1) * PAGE, Anchor.of(self._pages[before][-1]), False))
        if after is not None:
            ways.append(((after - number - 1) * PAGE, Anchor.of(self._pages[after][0]), True))
        skip, anchor, backwards = min(ways, key=lambda way: way[0])
        return self._store.page(self._query, anchor=anchor, skip=skip, limit=size, backwards=backwards)


def _ink(style: Style) -> Style:
    """The colour of the letters alone, so that the row keeps its own background."""
    from rich.style import Style

    return Style(color=style.color, bold=style.bold)
