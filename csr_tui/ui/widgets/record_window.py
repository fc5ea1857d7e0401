"""A stretch of a list of records, read by key as it is looked at, with the number of each row in the whole list."""

from __future__ import annotations

from itertools import chain

from csr_tui.core.record import Record
from csr_tui.storage import Anchor, Query, RecordStore

PAGE = 50
REACH = 4 * PAGE
"""Rows so near to those that are there are reached by key; what is further away is jumped to."""
MOST = 20 * PAGE
"""So many rows are kept; those on the side that is being left are let go of."""


def _place(rows: tuple[Record, ...], record_id: str) -> int | None:
    return next((at for at, record in enumerate(rows) if record.id == record_id), None)


class RecordWindow:
    """Rows that follow one another; where it was jumped into the middle of the list, their numbers are an estimate.

    The estimate is put right when an end of the list comes into reach: `offset_error` says by how much the numbers are
    wrong, and `renumber` sets them right, once whoever shows the rows is ready to move along with them.
    """

    def __init__(
        self, store: RecordStore, query: Query, *, near: Anchor | None = None, first: int = 0, empty: bool = False
    ) -> None:
        """The rows from the one after `near` on, which is about the row number `first`; else from the top.

        An `empty` one has none, and nothing is read.
        """
        self._store = store
        self._query = query
        self._first = first if near is not None else 0
        self._rows: tuple[Record, ...] = ()
        self._ends = (near is None, False)
        self._sure = near is None
        self._edges: dict[bool, tuple[Record, ...]] = {}
        if empty:
            self._ends = (True, True)
        elif near is None:
            self._go_to_top()
        else:
            self._rows = self._below(near)
        self.count = len(self._rows) if all(self._ends) else store.count(query)

    def at(self, index: int) -> Record | None:
        """The record in a row; None where there is no such row."""
        if not self._has(index) and 0 <= index < self.count:
            self._go_to(index)
        return self.here(index)

    def here(self, index: int) -> Record | None:
        """The same, of the rows that were read already."""
        return self._rows[index - self._first] if self._has(index) else None

    def index_of(self, record_id: str) -> int | None:
        """The row of a record among those that are here, or that the list begins with."""
        if (here := _place(self._rows, record_id)) is not None:
            return self._first + here
        return None if self._ends[0] else _place(self._store.page(self._query, limit=PAGE), record_id)

    def before(self, index: int) -> Anchor | None:
        """The place just before a row; None for the top, and for a row that was not read."""
        if index == self._first and self._rows and not self._ends[0]:
            self._extend_up()
        above = index - 1 - self._first
        return Anchor.of(self._rows[above], self._query.sort) if 0 <= above < len(self._rows) else None

    def prefetch(self, top: int, bottom: int) -> bool:
        """Read one page that may be wanted next: around the rows that show, then at the ends of the list.

        False where all of that is there already.
        """
        if not self._ends[0] and top - self._first < PAGE:
            self._extend_up()
        elif not self._ends[1] and self._first + len(self._rows) - bottom < PAGE:
            self._extend_down()
        elif (missing := next((way for way in (True, False) if way not in self._edges), None)) is not None:
            self._edge(backwards=missing)
        else:
            return False
        return True

    def nearby(self, top: int, bottom: int) -> tuple[Record, ...]:
        """What was read of that."""
        around = self._rows[max(0, top - PAGE - self._first) : max(0, bottom + PAGE - self._first)]
        return (*around, *chain(*self._edges.values()))

    @property
    def offset_error(self) -> int:
        """How far the rows are from where they belong."""
        top, bottom = self._ends
        if self._sure:
            return 0
        if top:
            return -self._first
        if bottom:
            return self.count - len(self._rows) - self._first
        lowest, highest = 1, self.count - 1 - len(self._rows)  # there is a row at least above, and one below
        if highest < lowest or lowest <= self._first <= highest:
            return 0
        wanted = min(PAGE, highest) if self._first < lowest else max(lowest, highest + 1 - PAGE)
        return wanted - self._first

    def renumber(self) -> None:
        """Give the rows their numbers."""
        self._first += self.offset_error
        self._sure = self._sure or any(self._ends)

    def _has(self, index: int) -> bool:
        return 0 <= index - self._first < len(self._rows)

    def _go_to(self, index: int) -> None:
        if self._rows and 0 < self._first - index <= REACH:
            while index < self._first and not self._ends[0]:
                self._extend_up()
        elif self._rows and 0 <= index - self._first - len(self._rows) < REACH:
            while not self._has(index) and not self._ends[1]:
                self._extend_down()
        else:
            self._jump(index)

    def _extend_up(self) -> None:
        rows = self._store.page(
            self._query, anchor=Anchor.of(self._rows[0], self._query.sort), limit=PAGE, backwards=True
        )
        kept = self._rows[: MOST - len(rows)]
        self._ends = (len(rows) < PAGE, self._ends[1] and len(kept) == len(self._rows))
        self._first -= len(rows)
        self._rows = (*rows, *kept)

    def _extend_down(self) -> None:
        rows = self._below(Anchor.of(self._rows[-1], self._query.sort))
        gone = max(0, len(self._rows) + len(rows) - MOST)
        self._ends = (self._ends[0] and not gone, self._ends[1])
        self._first += gone
        self._rows = (*self._rows[gone:], *rows)

    def _below(self, anchor: Anchor | None) -> tuple[Record, ...]:
        rows = self._store.page(self._query, anchor=anchor, limit=PAGE)
        self._ends = (self._ends[0], len(rows) < PAGE)
        return rows

    def _go_to_top(self) -> None:
        self._rows = self._edge(backwards=False)
        self._first, self._ends, self._sure = 0, (True, len(self._rows) < PAGE), True

    def _edge(self, *, backwards: bool) -> tuple[Record, ...]:
        """The first or the last page of the list, read once."""
        if backwards not in self._edges:
            self._edges[backwards] = self._store.page(self._query, limit=PAGE, backwards=backwards)
        return self._edges[backwards]

    def _jump(self, index: int) -> None:
        """Near an end the rows are numbered from there; elsewhere the store finds a place that is about right.

        All is read before anything is changed: where reading fails, the rows are still those that were there.
        """
        if index < REACH:
            self._go_to_top()
            while not self._has(index) and not self._ends[1]:
                self._extend_down()
        elif index >= self.count - REACH:
            self._rows = self._edge(backwards=True)
            self._first, self._ends = self.count - len(self._rows), (len(self._rows) < PAGE, True)
            self._sure = True
            while index < self._first and not self._ends[0]:
                self._extend_up()
        else:
            found = self._store.page(self._query, anchor=self._store.approximate_anchor(self._query, index), limit=PAGE)
            self._rows = found or self._edge(backwards=True)
            self._first, self._ends, self._sure = index, (False, len(found) < PAGE), False
