"""The lines of records as they are drawn, each once for a revision, a width and a theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from csr_tui.core.record import Record


class Cell(NamedTuple):
    """A piece of a row: its text, and the component class that colours it."""

    text: str
    style: str = "record-list--plain"


class RecordStrips:
    """Draws what `cells(record, width)` gives, in the styles of a widget, and keeps the last `most` of them."""

    def __init__(self, widget: Widget, cells: Callable[[Record, int], Sequence[Cell]], *, most: int) -> None:
        self._widget = widget
        self._cells = cells
        self._strips: LRUCache[tuple[str, int, bool, int], Strip] = LRUCache(most)
        self._styles: dict[tuple[str, Style], Style] = {}
        self._plain: Style | None = None

    def clear(self) -> None:
        """The same records have something else to show."""
        self._strips.clear()

    def restyle(self) -> None:
        """There is another theme."""
        self._strips.clear()
        self._styles.clear()
        self._plain = None

    @property
    def plain(self) -> Style:
        """How a row looks: Textual makes it anew whenever it is asked."""
        if self._plain is None:
            self._plain = self._widget.rich_style
        return self._plain

    def strip(self, record: Record, width: int, *, selected: bool) -> Strip:
        """A row without the cursor, drawn once."""
        key = record.id, record.revision, selected, width
        if (strip := self._strips.get(key)) is None:
            strip = self._strips[key] = self.draw(record, width, self.plain, selected=selected)
        return strip

    def draw(self, record: Record, width: int, under: Style, *, selected: bool) -> Strip:
        """A row on a background of its own."""
        mark = Cell("•" if selected else " ", "record-list--mark")
        segments = [Segment(cell.text, self._style(cell.style, under)) for cell in (mark, *self._cells(record, width))]
        return Strip(segments).adjust_cell_length(width, under)

    def _style(self, name: str, under: Style) -> Style:
        """How the letters of a cell look on their row, which keeps its own background."""
        if (name, under) not in self._styles:
            style = self._widget.get_component_rich_style(name, partial=True)
            self._styles[name, under] = under + Style(color=style.color, bold=style.bold, underline=style.underline)
        return self._styles[name, under]
