"""The columns of the desk: their titles, their widths, and what a record shows in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from itertools import accumulate

from rich.cells import set_cell_size
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.storage import Query, Sort
from csr_tui.ui.needs import Assessment, Need, need_of, state_name
from csr_tui.ui.widgets.line_list import in_cells
from csr_tui.ui.widgets.record_strips import Cell
from csr_tui.ui.words import ago, expiry_text, key_name

SIGN = 3
"""Cells of the sign, behind the mark of a selected row."""

ENOUGH = 30
"""Cells that the domain has before columns come in that a narrow window does without."""


class Column(Enum):
    """Title, order, cells at least and at most; the domain takes what the others leave."""

    DOMAIN = "Domain", Sort.DOMAIN, 16, 44
    ENDS = "Ends", Sort.EXPIRY, 11, 11
    STATE = "State", Sort.STATE, 17, 25
    KEY = "Key", Sort.KEY, 10, 10
    CHANGED = "Changed", Sort.CHANGED, 11, 11
    TAGS = "Tags", Sort.TAGS, 12, 24
    NAMES = "Names", Sort.NAMES, 14, 40
    ORGANIZATION = "Organization", Sort.ORGANIZATION, 16, 30
    ISSUER = "Issuer", Sort.ISSUER, 16, 30

    def __init__(self, title: str, sort: Sort, least: int, most: int) -> None:
        self.title = title
        self.sort = sort
        self.least = least
        self.most = most


SEARCHED = {Column.DOMAIN, Column.TAGS, Column.NAMES, Column.ORGANIZATION}


@lru_cache(maxsize=8)
def layout(width: int) -> dict[Column, int]:
    """The cells of each column that a list so wide shows; a wider one has all of them, and none is narrower in it."""
    sizes = {column: column.least for column in (Column.DOMAIN, Column.ENDS, Column.STATE)}
    free = width - 1 - SIGN - sum(sizes.values())
    for column in (Column.CHANGED, Column.KEY, *list(Column)[5:]):
        if free - column.least < (9 if column in {Column.CHANGED, Column.KEY} else ENOUGH - 16):
            break
        sizes[column], free = column.least, free - column.least
    for column in (Column.DOMAIN, Column.STATE, *list(Column)[5:]):
        if column in sizes:
            more = min(free, column.most - sizes[column])
            sizes[column], free = sizes[column] + more, free - more
    sizes[Column.DOMAIN] += free
    return {column: sizes[column] for column in Column if column in sizes}


class Columns(Static):
    """The titles above the list, as wide as its columns; a click on one orders it by that."""

    listed: reactive[Query] = reactive(Query)

    @dataclass
    class Chosen(Message):
        """The list is wanted in this order; in the same once more, the other way round."""

        sort: Sort

    def render(self) -> str:
        titles = (in_cells(self._title(column), size) for column, size in layout(self.size.width).items())
        return " " * (1 + SIGN) + "".join(titles)

    def marks(self, sort: Sort) -> bool:
        """Whether the column of this order is wide enough to be here."""
        return any(column.sort is sort for column in layout(self.size.width))

    def _title(self, column: Column) -> str:
        if column.sort is not self.listed.sort:
            return column.title
        return f"{column.title} {'↓' if self.listed.descending else '↑'}"

    def on_click(self, event: events.Click) -> None:
        sizes = layout(self.size.width)
        ends_at = accumulate(sizes.values(), initial=1 + SIGN)
        next(ends_at)
        column = next((column for column, end in zip(sizes, ends_at, strict=True) if event.x < end), None)
        if column is not None:
            self.post_message(self.Chosen(column.sort))


def cells(record: Record, assessment: Assessment | None, now: datetime, width: int, search: str = "") -> list[Cell]:
    """A record's row, with the words of a search marked; `assessment` is None while the rules are not loaded."""
    need = need_of(record, now, assessment)
    row = [Cell(set_cell_size(need.sign, SIGN), need.style)]
    for column, size in layout(width).items():
        cell = _cell(column, size, record, assessment, need, now)
        row += _mark(cell, search) if search and column in SEARCHED else (cell,)
    return row


def _mark(cell: Cell, search: str) -> Iterator[Cell]:
    """The cell in pieces, the words of a search marked; nothing is where folding the case changes the length."""
    folded = cell.text.casefold()
    words = [re.escape(word) for word in sorted(search.casefold().split(), key=len, reverse=True)]
    if len(folded) != len(cell.text) or not words:
        yield cell
        return
    at = 0
    for found in re.finditer("|".join(words), folded):
        if found.start() > at:
            yield cell._replace(text=cell.text[at : found.start()])
        yield Cell(cell.text[found.start() : found.end()], "record-list--match")
        at = found.end()
    yield cell._replace(text=cell.text[at:])


def _cell(column: Column, size: int, record: Record, assessment: Assessment | None, need: Need, now: datetime) -> Cell:
    match column:
        case Column.DOMAIN:
            domain = (
                escaped(host_names.to_unicode(record.subject.domain)) if record.subject.domain else "(no domain yet)"
            )
            return Cell(in_cells(domain, size), "record-list--plain" if record.subject.domain else "record-list--muted")
        case Column.ENDS:
            return Cell(in_cells(expiry_text(record.not_after, now) if record.not_after else "", size), need.style)
        case Column.STATE:
            return Cell(in_cells(state_name(record, assessment), size), need.style)
        case Column.KEY:
            return Cell(in_cells(key_name(record), size))
        case Column.CHANGED:
            text = ago(record.updated_at, now) if record.updated_at else ""
        case Column.TAGS:
            text = " ".join(map(str, record.tags))
        case Column.NAMES:
            text = " ".join(map(host_names.to_unicode, record.names))
        case Column.ORGANIZATION:
            text = record.subject.organization
        case Column.ISSUER:
            text = record.issuer
    return Cell(in_cells(escaped(text), size), "record-list--muted")
