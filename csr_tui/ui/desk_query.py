"""What the desk lists: a view, narrowed by a filter, in an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from csr_tui.storage import Query, Sort
from csr_tui.ui.desk_state import DeskState
from csr_tui.ui.widgets.views import View

MOST_SORTED = 5_000
"""Records in an order without an index: a page of them takes 10 ms."""


class DeskQuery:
    """The view and its query; each view keeps its order while the program runs. A change answers whether it is one."""

    def __init__(self, state: DeskState, now: Callable[[], datetime]) -> None:
        self._now = now
        self._orders: dict[View, tuple[Sort, bool]] = {}
        self.view = state.view
        self.query = replace(
            (query := state.view.query(now())),
            sort=state.sort or query.sort,
            reverse=state.reverse,
            origin=state.origin,
            tag=state.tag,
            usage=state.usage,
            expiring_before=state.expiring_before,
        )

    def state(self, theme: str) -> DeskState:
        query = self.query
        return DeskState(
            self.view, query.sort, query.reverse, query.origin, query.tag, query.usage, query.expiring_before, theme
        )

    def current(self) -> Query:
        """The query, where it depends on the time as of now."""
        if self.query.needs_by is not None:
            self.query = replace(self.query, needs_by=self.view.query(self._now()).needs_by)
        return self.query

    def bound(self, query: Query, count: int) -> Query:
        """The query or, where so many records are too many for an order without an index, that in the view's own."""
        if query.sort.is_indexed or count <= MOST_SORTED:
            return query
        self.query = replace(self.query, sort=self.view.query(self._now()).sort, reverse=False)
        return replace(query, sort=self.query.sort, reverse=False)

    def is_plain(self, query: Query) -> bool:
        """Whether a query is the view's own, in whichever order."""
        return replace(query, sort=Sort.CHANGED, reverse=False) == replace(
            self.view.query(self._now()), sort=Sort.CHANGED, needs_by=query.needs_by
        )

    @property
    def is_in_own_order(self) -> bool:
        return (self.query.sort, self.query.reverse) == (self.view.query(self._now()).sort, False)

    def filter(self, query: Query) -> bool:
        """Another state is another view, but for the trash and for what needs somebody."""
        if self.view not in {View.NEEDS, View.TRASH}:
            self.view = next(view for view in View if view.query(self._now()).state is query.state)
        return self._list(replace(query, trashed=self.query.trashed, needs_by=self.query.needs_by))

    def show(self, view: View) -> bool:
        """List a view in its own order, without other filters."""
        self._orders[self.view] = self.query.sort, self.query.reverse
        query = view.query(self._now())
        sort, reverse = self._orders.get(view, (query.sort, query.reverse))
        self.view = view
        return self._list(replace(query, sort=sort, reverse=reverse))

    def next_order(self) -> bool:
        orders = tuple(Sort)
        order = orders[(orders.index(self.query.sort) + 1) % len(orders)]
        return self._list(replace(self.query, sort=order, reverse=False))

    def reverse(self) -> bool:
        return self._list(replace(self.query, reverse=not self.query.reverse))

    def order_by(self, sort: Sort) -> bool:
        """Order by this, or reverse where that is the order."""
        again = sort is self.query.sort
        return self._list(replace(self.query, sort=sort, reverse=again and not self.query.reverse))

    def _list(self, query: Query) -> bool:
        changed = query != self.query
        self.query = query
        return changed
