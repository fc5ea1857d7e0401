"""The views of the desk: what each lists, and how many records that are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from csr_tui.core.record import State
from csr_tui.core.text import counted
from csr_tui.core.validity import SOON
from csr_tui.storage import Query, RecordStore, Sort

MOST_FOUND = 1_000
"""What a search, a tag or an expiry finds is listed up to here, so that a store of any size answers at once."""


LEFT_OUT = "Not all: drafts and certificates that expired long ago may be missing."
"""Of what needs somebody, where there is too much."""

EMPTY = """Nothing here yet.

N starts a request, M creates requests from a table.

Five steps, about a minute: subject, names, algorithm, key, review. Each field is checked as you leave it, and the \
draft saves as you type. Key and CSR are generated on this machine.

To start from a CSR, in a shell: csr-tui new --from FILE"""


class View(Enum):
    """In the order of their keys, 1 to 6."""

    ALL = "All"
    NEEDS = "Needs you"
    WAITING = "CSR ready"
    ISSUED = "Issued"
    DRAFTS = "Drafts"
    TRASH = "Trash"

    @property
    def about(self) -> str:
        """For help and palette."""
        if self is View.NEEDS:
            return (
                f"Expired, expiring within {SOON} days, damaged or not as requested, without a renewal; drafts with "
                "errors; submissions without a reply; orders to prove, and those that failed"
            )
        match self:
            case View.ALL:
                return "List every record"
            case View.WAITING:
                return "List requests with a CSR and without a certificate"
        return f"List {self.value.lower()}"

    @property
    def words(self) -> str:
        """The text of an empty view."""
        if self is View.NEEDS:
            return (
                f"Nothing needs you. Certificates that expired, expire within {SOON} days, are damaged or differ from "
                "their request, without a renewal, are listed here, with drafts that have errors, submissions that got "
                "no reply, and orders whose names you have to prove, that failed or whose outcome is unknown."
            )
        if self is View.ALL:
            return EMPTY
        return "The trash is empty." if self is View.TRASH else "No records in this view."

    def query(self, now: datetime) -> Query:
        """What it lists, in the order it begins with: needs by urgency, the others by change."""
        state = {View.WAITING: State.GENERATED, View.ISSUED: State.ISSUED, View.DRAFTS: State.DRAFT}.get(self)
        needs = self is View.NEEDS
        return Query(
            state=state,
            trashed=self is View.TRASH,
            needs_by=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=SOON + 1) if needs else None,
            sort=Sort.EXPIRY if needs else Sort.CHANGED,
            most=MOST_FOUND,
        )


def count(store: RecordStore, now: datetime) -> dict[View, int]:
    """From the tally, or up to MOST_FOUND: whatever the size of the store."""
    return {view: store.count(view.query(now)) for view in View}


def list_title(query: Query, listed: int) -> str:
    """How many records are listed, and which ones where that is the most."""
    which = ""
    if listed == query.most and not query.whole:
        dates = query.needs_by or query.expiring_before
        which = "the first " if dates is not None and query.tag is None and not query.search else "the last "
    return f"{which}{counted(listed, 'record')}{' found' if query.search else ''}"


class ViewTabs(Static):
    """One line with the views; a click on one chooses it."""

    @dataclass
    class Chosen(Message):
        view: View

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._shown: tuple[View, Mapping[View, int]] = (View.ALL, {})

    def show(self, current: View, counts: Mapping[View, int]) -> None:
        self._shown = current, counts
        self.refresh()

    def render(self) -> Content:
        current, counts = self._shown
        styles = {True: "bold $accent reverse", False: "$muted"}
        pad = " " * self._pad
        return Content(" ").join(
            Content.styled(f"{pad}{text}{pad}", styles[view is current]) for view, text in self._texts(counts)
        )

    @property
    def _pad(self) -> int:
        return 1 if self.size.width >= 78 else 0

    def _texts(self, counts: Mapping[View, int]) -> list[tuple[View, str]]:
        return [(view, f"{view.value} {_short(view, counts[view])}" if view in counts else view.value) for view in View]

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        edge = 0
        for view, text in self._texts(self._shown[1]):
            edge += len(text) + 2 * self._pad + 1
            if at is not None and at.x < edge:
                self.post_message(self.Chosen(view))
                return


class QuerySummary(Static):
    """One line that describes what is listed; a click changes it."""

    @dataclass
    class Clicked(Message):
        """The person wants something else listed."""

    def on_click(self) -> None:
        self.post_message(self.Clicked())


def _short(view: View, number: int) -> str:
    """In at most five cells."""
    if view is View.NEEDS and number >= MOST_FOUND:
        return f"{MOST_FOUND:,}+"
    return f"{number:,}" if number < 10_000 else f"{number // 1_000}k" if number < 1_000_000 else f"{number / 1e6:.1f}M"
