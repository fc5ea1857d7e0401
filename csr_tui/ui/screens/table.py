"""The rows of a table before they are applied: what is wrong with each, to be mended in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from csr_tui.core import batch
from csr_tui.core.batch import Row
from csr_tui.core.table_file import Table
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.apply import Plan
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.storage import RecordStore
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.table_dialogs import Make, Mend
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.line_list import in_cells
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.widgets.row_list import RowList, columns
from csr_tui.ui.words import with_sign


@dataclass(frozen=True, slots=True)
class TableChoice:
    """What is to be made of which rows; which lines were `mended` here, and the row under the cursor."""

    plan: Plan
    options: BatchOptions
    mended: frozenset[int]
    row: int


class TableTitles(Static):
    """The titles above the rows, as wide as their columns."""

    def render(self) -> str:
        titles = ("  Line", "Domain", "Key", "Findings")
        return "".join(in_cells(title, size) for title, size in zip(titles, columns(self.size.width), strict=True))


class TableScreen(PagedScreen[TableChoice]):
    """Answers with what is to be made, or with None."""

    HELP = (
        "Every row of the file is checked. The findings of the row under the cursor are listed below; Enter edits "
        "the row here, and the file does not change. N goes to the next row with errors. G creates drafts, or keys "
        "and CSRs too, and their files. You choose whether rows with errors are skipped."
    )
    BINDINGS = [
        Binding("g", "make", "Create …", id="many.make", tooltip="Create drafts, or keys and CSRs, from the rows"),
        Binding(
            "enter,m",
            "mend",
            "Edit",
            key_display="Enter",
            id="many.mend",
            tooltip="Edit this row; the file does not change",
        ),
        Binding("n", "next_bad", "Next error", id="many.next", tooltip="Go to the next row with errors"),
        Binding("escape", "leave", "Back", id="many.leave", tooltip="Go back to the desk without creating requests"),
    ]

    rows = getters.query_one("#rows", RowList)
    status = getters.query_one("#status", Static)
    findings = getters.query_one("#findings-text", Static)

    def __init__(
        self,
        store: RecordStore,
        path: Path,
        source: Table,
        plan: Plan,
        exports: Path,
        *,
        mended: frozenset[int] = frozenset(),
        row: int | None = None,
    ) -> None:
        super().__init__()
        self._store = store
        self._path = path
        self._source = source
        self._plan = plan
        self._exports = exports
        self._mended = mended
        self._row = row

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(escaped(self._path.name), id="heading", markup=False)
            yield Static("", id="status", markup=False)
        with Vertical(id="many"):
            yield TableTitles(id="titles")
            yield RowList(self._plan.rows, id="rows")
            with Page(id="findings"):
                yield MarkedText("", id="findings-text")
        yield KeyBar()

    def on_mount(self) -> None:
        self._say()
        if self._row is not None:
            self.call_after_refresh(self.rows.action_move_to, self._row)
        elif self._plan.bad:
            self.call_after_refresh(self.rows.action_move_to, self._plan.rows.index(self._plan.bad[0]))

    def _say(self) -> None:
        plan = self._plan
        fresh = sum(row.record.id not in plan.stored for row in plan.good)
        self.status.update(
            f"{len(plan.rows):,} rows: {fresh:,} new, {len(plan.good) - fresh:,} existing, "
            f"{len(plan.bad):,} with errors"
        )

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        lines = [with_sign(finding.level, finding.labelled) for finding in event.row.findings]
        self.findings.update(Content("\n").join(lines) if lines else Content.styled("✓ No findings.", "$success"))

    @on(RowList.Opened)
    def action_mend(self) -> None:
        self._mend(self.rows.cursor)

    @work(group="many", exclusive=True, description="editing a row")
    async def _mend(self, number: int) -> None:
        line = await self.app.push_screen_wait(Mend(self._source, self._plan.rows[number]))
        if line is None:
            return
        self._mended |= {line.number}
        before = self._plan.judged
        judged = (*before[:number], batch.evaluate(self._source, line), *before[number + 1 :])
        plan = await self._replanned(judged, BatchOptions())
        self._show(plan or replace(self._plan, judged=judged, rows=batch.assign_ids(judged)))

    async def _replanned(self, judged: tuple[Row, ...], options: BatchOptions) -> Plan | None:
        """The plan for these rows as the store is now; None where that cannot be read, which is told."""
        try:
            return await run_blocking(lambda: apply.replan(self._store, judged, options))
        except CsrTuiError as error:
            advice.report(self, error)
            return None

    def _show(self, plan: Plan) -> None:
        self._plan = plan
        self.rows.show(plan.rows)
        self._say()

    def action_next_bad(self) -> None:
        bad = [number for number, row in enumerate(self._plan.rows) if row.errors]
        if not bad:
            self.notify("No row has errors.")
            return
        self.rows.action_move_to(next((number for number in bad if number > self.rows.cursor), bad[0]))

    def action_make(self) -> None:
        self._make()

    @work(group="many", exclusive=True, description="choosing the results of a table")
    async def _make(self) -> None:
        plan = await self._replanned(self._plan.judged, BatchOptions())
        if plan is None:
            return
        options = await self.app.push_screen_wait(Make(len(plan.good), len(plan.bad), self._path, self._exports))
        if options is None:
            return
        bad = len(plan.bad)
        if options.folder is not None:
            plan = await self._replanned(self._plan.judged, options)
        if plan is None:
            return
        if len(plan.bad) > bad:
            self._show(plan)
            self.action_next_bad()
            self.notify(
                "Some rows would export to the same files. They are marked; no request was created.",
                severity="error",
            )
            return
        self.dismiss(TableChoice(plan, options, self._mended, self.rows.cursor))

    def action_leave(self) -> None:
        self._leave()

    @work(group="leaving", exclusive=True, description="asking before edited rows are discarded")
    async def _leave(self) -> None:
        plan = self._plan
        left = sum(row.line.number in self._mended and row.record.id not in plan.stored for row in plan.rows)
        text = (
            f"{'1 row was' if left == 1 else f'{left:,} rows were'} edited here, and no request was created from "
            f"{'it' if left == 1 else 'them'} yet. The file {self._path.name} is unchanged."
        )
        if not left or await self.app.push_screen_wait(Confirm("Discard your edits?", text, yes="Discard")):
            self.dismiss(None)
