"""The columns of the desk: their titles, their widths, and what a record shows in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from csr_tui.core import names
from csr_tui.core.findings import Finding, Level
from csr_tui.core.record import Record, State
from csr_tui.core.text import visible
from csr_tui.storage import Sort
from csr_tui.ui.widgets.record_list import Cell
from csr_tui.ui.words import ago, ending, ends, key_name, state_name


class Columns(Static):
    """The titles above the list, as wide as its columns; a click on one that it can be ordered by does so."""

    sort: reactive[Sort] = reactive(Sort.CHANGED)

    @dataclass
    class Chosen(Message):
        """The list is wanted in this order."""

        sort: Sort

    def render(self) -> str:
        titles = ("Domain", "State", "Key", "Ends" if self.sort is Sort.EXPIRY else "Changed", "Findings")
        return " " + "".join(_fit(title, size) for title, size in zip(titles, _widths(self.size.width), strict=True))

    def on_click(self, event: events.Click) -> None:
        domain, state, key, changed, _ = _widths(self.size.width)
        if event.x <= domain:
            self.post_message(self.Chosen(Sort.DOMAIN))
        elif domain + state + key < event.x <= domain + state + key + changed:
            other = Sort.EXPIRY if self.sort is Sort.CHANGED else Sort.CHANGED
            self.post_message(self.Chosen(other))


def cells(record: Record, judged: tuple[Finding, ...] | None, sort: Sort, now: datetime, width: int) -> list[Cell]:
    """A record's row; `judged` is what the rules say of it, None where they were not asked."""
    widths = _widths(width)
    domain = visible(names.shown(record.subject.domain)) if record.subject.domain else "(no domain yet)"
    if sort is Sort.EXPIRY:
        when = ends(record.not_after, now) if record.not_after else ""
    else:
        when = ago(record.updated_at, now) if record.updated_at else ""
    return [
        Cell(_fit(domain, widths[0]), "record-list--plain" if record.subject.domain else "record-list--muted"),
        Cell(_fit(state_name(record), widths[1]), _ink(record, now)),
        Cell(_fit(key_name(record), widths[2])),
        Cell(_fit(when, widths[3]), "record-list--muted"),
        _ended(ending(record.not_after, now), widths[4]) if record.not_after else _found(judged, widths[4]),
    ]


def _found(judged: tuple[Finding, ...] | None, width: int) -> Cell:
    if judged is None:
        return Cell(_fit("", width))
    levels = [finding.level for finding in judged]
    wrong, warned = levels.count(Level.ERROR), levels.count(Level.WARNING)
    if wrong:
        return Cell(_fit(f"✗ {wrong}" + (f"  ! {warned}" if warned else ""), width), "record-list--bad")
    if warned:
        return Cell(_fit(f"! {warned}", width), "record-list--warn")
    return Cell(_fit("✓", width), "record-list--good")


def _ink(record: Record, now: datetime) -> str:
    """An unknown outcome stands out; its word says it too."""
    if record.damage:
        return "record-list--bad"
    if record.submission is not None and record.submission.outcome_unknown:
        return "record-list--warn"
    if record.not_after is not None and record.not_after <= now:
        return "record-list--bad"
    return "record-list--muted" if record.state is State.DRAFT else "record-list--good"


def _ended(mark: str, width: int) -> Cell:
    return Cell(_fit(mark, width), "record-list--bad" if mark.startswith("✗") else "record-list--warn")


def _widths(width: int) -> tuple[int, int, int, int, int]:
    """The columns' cells: what the others leave belongs to the domain, and where that is too little they go."""
    state, key, changed, found = 19, 11 if width >= 76 else 0, 12 if width >= 68 else 0, 9
    return (max(16, width - 1 - state - key - changed - found), state, key, changed, found)


def _fit(text: str, width: int) -> str:
    """Just `width` cells with a blank at the end, cut with an ellipsis where it has to be."""
    if not width:
        return ""
    if cell_len(text) >= width:
        return set_cell_size(text, width - 2) + "… "
    return set_cell_size(text, width)
