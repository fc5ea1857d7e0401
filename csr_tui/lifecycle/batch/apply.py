"""Many requests at once: every row is checked first, then come drafts, keys and files; stopped, it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui import export
from csr_tui.core import batch, bundle, table_file
from csr_tui.core.batch import Row
from csr_tui.core.findings import Finding
from csr_tui.core.record import Record, State
from csr_tui.core.table_file import Table
from csr_tui.errors import Hint, StateError
from csr_tui.files import read_file
from csr_tui.lifecycle.batch.generate_many import (
    AT_ONCE,
    FEW,
    PRELOAD,
    BatchGeneration,
    BatchOptions,
    BatchResult,
    Progress,
    chunks,
    workers,
)
from csr_tui.lifecycle.batch.processes import Workers, processors
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.storage import RecordStore

MOST_LEFT_OUT = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """Every row, checked; `stored` are the records that earlier runs made of them, `judged` the rows each by itself."""

    judged: tuple[Row, ...]
    rows: tuple[Row, ...]
    stored: Mapping[str, Record]

    @property
    def good(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.errors)

    @property
    def bad(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.errors)


def read(path: Path) -> Table:
    """A table, or requests in TOML; FileError or InvalidError where it cannot be had."""
    data = read_file(path, table_file.LARGEST, why=": apply it in parts")
    return table_file.read(data)


def plan(store: RecordStore, source: Table, options: BatchOptions, *, progress: Progress) -> Plan:
    """Check every row by itself, against the others, against the store, and against the files in the way."""
    judged = []
    for number, line in enumerate(source.lines):
        progress("checking", number, len(source.lines))
        judged.append(batch.evaluate(source, line))
    progress("checking", len(source.lines), len(source.lines))
    return replan(store, judged, options)


def prepare_pool(source: Table) -> AbstractContextManager[Workers | None]:
    """Processes for `run`, which get ready while the rows are checked; None where there may be too little to do."""
    return Workers(processors(), preload=PRELOAD) if len(source.lines) >= FEW else nullcontext()


def replan(store: RecordStore, judged: Sequence[Row], options: BatchOptions) -> Plan:
    """The plan for rows that are judged one by one already."""
    rows = batch.assign_ids(judged)
    there: dict[str, Record] = {}
    asking: dict[str, str] = {}
    for some in chunks(rows):
        there |= store.batch.known([row.record.id for row in some])
        asking |= store.batch.by_domain([row.record.subject.domain for row in some if row.record.subject.domain])
    compared = [_beside(row, asking, there) for row in rows]
    rows = tuple(_in_the_way(compared, there, options.folder) if options.folder is not None else compared)
    return Plan(tuple(judged), rows, there)


def run(
    store: RecordStore,
    vault: Vault,
    plan: Plan,
    options: BatchOptions,
    *,
    pool: Workers | None = None,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
    reached: Reached = lambda _: None,
) -> tuple[BatchResult, ...]:
    """Make the good rows of a plan, whose ends are in their order; what is made already is passed over.

    `pool` are processes that were started while the rows were checked; without one, they are started now.
    VaultError, PasswordError or FileError, before anything is kept, where no key could be locked, or no file written.
    `stopped` is asked between commits: then what is made stays, the rest are drafts, and the same call goes on there.
    """
    if options.folder is not None:
        export.prepare(options.folder)
    rows = plan.good
    ends = {row.record.id: BatchResult(plan.stored.get(row.record.id, row.record)) for row in rows}
    if not options.generate:
        for chunk in chunks(rows, progress, "storing drafts", stopped):
            _stored(store, chunk, plan, ends, reached)
        return tuple(ends.values())
    with workers([end.record for end in ends.values()]) if pool is None else nullcontext(pool) as pool:
        asked = [row.record for row in rows]
        generation = BatchGeneration(
            store, vault, asked, options, pool, progress=progress, stopped=stopped, reached=reached
        )
        some_rows = chunks(rows, stopped=stopped, first=2 * AT_ONCE)
        generation.run((_stored_drafts(store, chunk, ends) for chunk in some_rows), ends)
        for chunk in chunks([row for row in rows if not ends[row.record.id].record.revision]):
            _stored(store, chunk, plan, ends, reached)
        if options.folder is not None:
            from csr_tui.lifecycle.batch import export_many
            from csr_tui.lifecycle.exporting import ExportRequest

            request = ExportRequest(options.folder, password=options.typed)
            export_many.write_files(store, vault, ends, request, pool, progress=progress, stopped=stopped)
    return tuple(ends.values())


def _stored(
    store: RecordStore, rows: Sequence[Row], plan: Plan, ends: dict[str, BatchResult], reached: Reached
) -> None:
    """Each of these rows has a draft now."""
    for record, added in store.batch.add([row.record for row in rows if row.record.id not in plan.stored]):
        ends[record.id] = replace(ends[record.id], record=record, added=added)
    reached(Point.DRAFTS_STORED)
    _leave_trash(rows, ends)


def _stored_drafts(store: RecordStore, rows: Sequence[Row], ends: dict[str, BatchResult]) -> list[Record]:
    """The records of these rows: as they are stored, where they are by now, and else as they would be."""
    new = [row.record.id for row in rows if not ends[row.record.id].record.revision]
    for record in store.batch.known(new).values():
        ends[record.id] = BatchResult(record)
    _leave_trash(rows, ends)
    return [ends[row.record.id].record for row in rows]


def _leave_trash(rows: Sequence[Row], ends: dict[str, BatchResult]) -> None:
    """What is in the trash ends there."""
    for row in rows:
        record = ends[row.record.id].record
        if record.trashed_at is not None:
            error = StateError("It is in the trash.", hint=Hint.RESTORE, record=record.id)
            ends[record.id] = replace(ends[record.id], error=error)


def leave_out(path: Path, source: Table, plan: Plan) -> Path:
    """Write the bad rows to a file beside `path`, each with its first error, and never over another; where that is."""
    rows = tuple((row.line, row.errors[0].labelled) for row in plan.bad)
    data = table_file.left_out(source, rows).encode()
    for number in range(1, MOST_LEFT_OUT):
        name = f"{path.stem}.bad{f'-{number}' if number > 1 else ''}.csv"
        target = path.with_name(name)
        if not target.exists() or (target.is_file() and target.read_bytes() == data):
            break
    export.write(path.parent, (bundle.BundleFile(name, data, private=False),))
    return target


def _beside(row: Row, asking: Mapping[str, str], stored: Mapping[str, Record]) -> Row:
    """A warning where another record has the same domain."""
    other = asking.get(row.record.subject.domain)
    if other is None or other == row.record.id or row.record.id in stored:
        return row
    finding = Finding.warning("domain-repeated", "domain", f"Record {other} has the same domain.")
    return replace(row, findings=(*row.findings, finding))


def _in_the_way(rows: Sequence[Row], stored: Mapping[str, Record], folder: Path) -> Iterator[Row]:
    """An error where the files of a row could not be written: another row's, or others that are there."""
    taken: dict[str, int] = {}
    for row in rows:
        stem = bundle.stem(row.record.subject.domain)
        before = taken.setdefault(stem.casefold(), row.line.number)
        known = stored.get(row.record.id)
        why = ""
        if before != row.line.number:
            why = f"Its files would have the same names as those of line {before}: write one of them to another folder."
        elif (known is None or known.state is State.DRAFT) and (folder / f"{stem}.key").exists():
            why = f"{folder / f'{stem}.key'} exists and belongs to another key. Choose another folder."
        yield replace(row, findings=(Finding.error("file-in-the-way", "domain", why), *row.findings)) if why else row
