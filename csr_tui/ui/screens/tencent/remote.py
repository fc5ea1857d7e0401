"""The account's own records at Tencent Cloud, a page at a time: to follow, adopt or delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.text import Text
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import DataTable, Static

from csr_tui.core import host_names
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.tencent.account_requests import ListedRequest, Listing
from csr_tui.tencent.inventory import RemoteRequest
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.live_screen import LiveScreen
from csr_tui.ui.widgets.key_bar import KeyBar

BEIJING = timedelta(hours=8)
ROWS = 50
"""Records on a page: one call."""

STATUS = {0: "draft", 1: "generated"}


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take this one into the store."""

    csr_id: int
    offset: int


@dataclass(frozen=True, slots=True)
class Delete:
    items: tuple[RemoteRequest, ...]
    offset: int


class RemoteScreen(LiveScreen[Adopt | Delete]):
    """Space marks, so that several can be deleted at once; nothing is done from here without being asked again."""

    HELP = (
        "All CSR records of the Tencent Cloud account. Enter adopts the record under the cursor: a draft becomes a "
        "linked draft here; a generated one is downloaded with its CSR, and with its key if Tencent Cloud provides "
        "it. Space marks records; D deletes the marked ones at Tencent Cloud."
    )
    BINDINGS = [
        Binding("a", "adopt", "Adopt", id="remote.adopt", tooltip="Adopt the record under the cursor"),
        Binding("space", "mark", "Mark", id="remote.mark", tooltip="Mark or unmark the record"),
        Binding(
            "d,delete", "delete", "Delete", id="remote.delete", tooltip="Delete the marked records at Tencent Cloud"
        ),
        Binding("n", "turn(1)", "Next page", id="remote.next", tooltip="Show the next page"),
        Binding("b", "turn(-1)", "Previous page", id="remote.back", tooltip="Show the previous page"),
        Binding("f5,ctrl+r", "reload", "Again", show=False, id="remote.reload", tooltip="Reload the list"),
        Binding("escape,q", "leave", "Desk", id="remote.leave", tooltip="Back to the desk"),
    ]

    table = getters.query_one("#remote", DataTable)
    status = getters.query_one("#status", Static)

    def __init__(self, page: Callable[[int, int], Listing], where: str, place: str, *, offset: int = 0) -> None:
        super().__init__(classes="remote")
        self._page = page
        self._where, self._place = where, place
        self._offset = offset
        self._total = 0
        self._rows: tuple[ListedRequest, ...] = ()
        self._marked: set[int] = set()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(escaped(f"Records at {self._place} ({self._where})"), id="heading", markup=False)
            yield Static("", id="status", markup=False)
        yield DataTable(id="remote", cursor_type="row", zebra_stripes=False)
        yield KeyBar()

    def on_mount(self) -> None:
        for title in ("", "CSR", "Domain", "Key", "Status", "Here", "Created UTC", "Remark"):
            self.table.add_column(Text(title))
        self._load()

    @work(group="remote", exclusive=True, description="listing the account's records")
    async def _load(self) -> None:
        self.status.update("Loading …")
        offset = self._offset
        try:
            listing = await run_blocking(lambda: self._page(offset, ROWS))
        except CsrTuiError as error:
            self.status.update("No reply. F5 tries again.")
            advice.report(self, error)
            return
        self._rows, self._total = listing.rows, listing.total
        self.table.clear()
        for row in self._rows:
            self.table.add_row(*(Text(cell) for cell in self._cells(row)))
        last = offset + len(self._rows)
        self.status.update(f"{offset + 1} to {last} of {self._total:,}" if self._rows else "No records there.")

    def _cells(self, row: ListedRequest) -> tuple[str, ...]:
        item = row.item
        return (
            "•" if item.csr_id in self._marked else " ",
            str(item.csr_id),
            escaped(host_names.to_unicode(item.subject.domain))[:26],
            escaped(f"{item.key.algorithm} {item.key.parameter}")[:16],
            STATUS.get(-1 if item.status is None else item.status, "?"),
            row.record_id or "",
            _day(item.created),
            escaped(item.remark)[:40],
        )

    @property
    def _current(self) -> ListedRequest | None:
        at = self.table.cursor_row
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def action_mark(self) -> None:
        if (row := self._current) is not None:
            self._marked ^= {row.item.csr_id}
            self.table.update_cell_at((self.table.cursor_row, 0), Text(self._cells(row)[0]))  # type: ignore[arg-type]  # any text
            self.table.action_cursor_down()

    def action_turn(self, by: int) -> None:
        offset = self._offset + by * ROWS
        if 0 <= offset < self._total:
            self._offset = offset
            self._marked.clear()
            self._load()

    def action_reload(self) -> None:
        self._load()

    @on(DataTable.RowSelected)
    def action_adopt(self) -> None:
        if (row := self._current) is not None:
            self.dismiss(Adopt(row.item.csr_id, self._offset))

    def action_delete(self) -> None:
        marked = tuple(row.item for row in self._rows if row.item.csr_id in self._marked)
        if not marked and (row := self._current) is not None:
            marked = (row.item,)
        if marked:
            self.dismiss(Delete(marked, self._offset))

    def action_leave(self) -> None:
        self.dismiss(None)


def _day(created: str) -> str:
    """The day in UTC, as all other days are shown; the service gives the time of UTC+8, without saying so."""
    try:
        return f"{datetime.strptime(created, '%Y-%m-%d %H:%M:%S') - BEIJING:%Y-%m-%d}"  # noqa: DTZ007  # see above
    except (ValueError, OverflowError):
        return escaped(created)[:10]
