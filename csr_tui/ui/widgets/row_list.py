"""The rows of a table that is to be applied, each with what there is to say of it; only what shows is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from csr_tui.core import host_names
from csr_tui.core.batch import Row
from csr_tui.core.findings import Level
from csr_tui.core.text import escaped
from csr_tui.ui.widgets.line_list import LineList, in_cells
from csr_tui.ui.words import key_name

MARKS = {Level.ERROR: ("✗", "row-list--bad"), Level.WARNING: ("!", "row-list--warn")}

STYLES = ("plain", "muted", "good", "bad", "warn", "cursor")


class RowList(LineList, can_focus=True):
    """The first error or warning stands at the end of its row."""

    DEFAULT_CSS = """
    RowList {
        background: $background;
        & > .row-list--plain { color: $foreground; }
        & > .row-list--muted { color: $muted; }
        & > .row-list--good { color: $success; }
        & > .row-list--bad { color: $error; }
        & > .row-list--warn { color: $warning; }
        & > .row-list--cursor { background: $panel; text-style: bold; }
        &:focus > .row-list--cursor { background: $chosen; }
    }
    """
    COMPONENT_CLASSES = {f"row-list--{name}" for name in STYLES}

    @dataclass
    class Highlighted(Message):
        row: Row

    @dataclass
    class Opened(Message):
        """A second click on a row."""

        row: Row

    def __init__(self, rows: Sequence[Row], *, id: str) -> None:
        super().__init__(id=id)
        self._rows = rows

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def current(self) -> Row:
        """The row under the cursor; a table has one at least."""
        return self._rows[self.cursor]

    def show(self, rows: Sequence[Row]) -> None:
        """The same rows, judged anew."""
        self._rows = rows
        self.refresh()
        self.highlight()

    def on_mount(self) -> None:
        self.highlight()

    def on_resize(self) -> None:
        self.fit(self.count, self.cursor)

    def draw_line(self, index: int, width: int) -> Strip:
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        under = self.get_component_rich_style("row-list--cursor") if index == self.cursor else self.rich_style
        segments = [
            Segment(text, under + Style(color=self.get_component_rich_style(style, partial=True).color))
            for text, style in _cells(self._rows[index], width)
        ]
        return Strip(segments).adjust_cell_length(width, under)

    def highlight(self) -> None:
        self.post_message(self.Highlighted(self.current))

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if index >= self.count:
            return
        self.action_move_to(index)
        if event.chain > 1:
            self.post_message(self.Opened(self.current))


def columns(width: int) -> tuple[int, int, int, int]:
    """Cells of line number, domain and key; what is left is for the finding."""
    domain = max(20, min(44, width // 3))
    return (8, domain, 12, max(8, width - 20 - domain))


def _cells(row: Row, width: int) -> list[tuple[str, str]]:
    line, domain, key, found = columns(width)
    first = next((finding for finding in row.findings if finding.level in MARKS), None)
    mark, style = MARKS[first.level] if first is not None else ("✓", "row-list--good")
    text = f"{mark} {first.labelled}" if first is not None else mark
    name = host_names.to_unicode(row.record.subject.domain) or "(no domain)"
    return [
        (in_cells(f"{row.line.number:>6}", line), "row-list--muted"),
        (in_cells(escaped(name), domain), "row-list--plain"),
        (in_cells(escaped(key_name(row.record)), key), "row-list--muted"),
        (in_cells(escaped(text), found), style),
    ]
