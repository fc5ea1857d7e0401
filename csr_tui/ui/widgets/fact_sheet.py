"""Headed lists of facts, in two columns where there is room for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

LABEL = 11
"""Cells of a label."""

TWO = 74
"""Cells from which on there are two columns."""

GAP = 2


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, if any, and rows of a label and a value; one without a label has the whole width."""

    heading: str
    rows: tuple[tuple[str, Content], ...]
    style: str = "bold $primary"
    labels: str = "$muted"


Column: TypeAlias = "Sequence[Section]"


class FactSheet(Static):
    """Long values continue under their own beginning."""

    DEFAULT_CSS = """
    FactSheet { width: 1fr; height: auto; }
    """

    def __init__(self, id: str) -> None:  # Textual's
        super().__init__(id=id)
        self._columns: tuple[Column, ...] = ()

    def show(self, *columns: Column) -> None:
        """Show these columns, one below the other where there is no room beside it."""
        self._columns = columns
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        if width < TWO or len(self._columns) < 2:
            return list(_column([section for column in self._columns for section in column], width))
        half = (width - GAP) // 2
        left, right = (list(_column(column, half)) for column in self._columns)
        return [
            one.pad_right(half + GAP - one.cell_length) + other
            for one, other in zip_longest(left, right, fillvalue=Content(""))
        ]


def _column(sections: Column, width: int) -> Iterator[Content]:
    for number, section in enumerate(sections):
        if number:
            yield Content("")
        if section.heading:
            yield from Content.styled(section.heading, section.style).wrap(width)
        for label, value in section.rows:
            indent = max(LABEL, len(label) + 1) if label else 0
            for line, part in enumerate(value.wrap(max(8, width - indent))):
                head = Content.styled("" if line else f"{label:<{indent}}", section.labels) if label else Content("")
                yield head.pad_right(max(0, indent - head.cell_length)) + part.rstrip()
