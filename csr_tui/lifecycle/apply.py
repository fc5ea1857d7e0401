"""Many requests at once: every row is checked first, then come drafts, keys and files; stopped, it goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from csr_tui import export as files
from csr_tui.core import batch, bundle, table
from csr_tui.core.findings import Finding
from csr_tui.core.record import PasswordChoice, Protection, Record, State, new_id
from csr_tui.core.text import visible
from csr_tui.errors import CsrTuiError, FileError, StateError
from csr_tui.lifecycle import exporting, locks, passwords
from csr_tui.lifecycle.generate_many import Ended, Generation, chunks, worth_starting
from csr_tui.lifecycle.makers import Makers, processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from csr_tui.core.batch import Row
    from csr_tui.core.secret import Secret
    from csr_tui.core.table import Table
    from csr_tui.lifecycle.generate import Reached
    from csr_tui.lifecycle.generate_many import Progress
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

WRITERS = 8
"""Threads that write files: most of the time they wait for the disk, which syncs several as fast as one."""

MOST_LEFT_OUT = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of the rows: drafts, or keys too (`password` and `protection` go before a row's own choice),
    and files in `folder`. `typed` is the key password where the person gives one."""

    generate: bool = False
    password: PasswordChoice | None = None
    protection: Protection | None = None
    typed: Secret | None = None
    weak_ok: bool = False
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every row, checked; `there` are the records that earlier runs made of them, `judged` the rows each by itself."""

    judged: tuple[Row, ...]
    rows: tuple[Row, ...]
    there: Mapping[str, Record]

    @property
    def good(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.errors)

    @property
    def bad(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.errors)


def read(path: Path) -> Table:
    """A table, or TOML where the file's name says so; FileError or InvalidError where it cannot be had."""
    try:
        with path.open("rb") as file:
            data = file.read(table.LARGEST + 1)
    except OSError as error:
        raise FileError(f"{visible(str(path))} cannot be read: {error.strerror}.") from error
    if len(data) > table.LARGEST:
        raise FileError(f"{visible(str(path))} is larger than {table.LARGEST >> 20} MiB: apply it in parts.")
    return table.read_toml(data) if path.suffix.casefold() == ".toml" else table.read_csv(data)


def plan(store: RecordStore, source: Table, wish: Wish, *, progress: Progress) -> Plan:
    """Check every row by itself, against the others, against the store, and against the files in the way."""
    judged = []
    for number, line in enumerate(source.lines):
        progress("checking", number, len(source.lines))
        judged.append(batch.judged(source, line))
    progress("checking", len(source.lines), len(source.lines))
    return replan(store, judged, wish)


def replan(store: RecordStore, judged: Sequence[Row], wish: Wish) -> Plan:
    """The plan for rows that are judged one by one already."""
    rows = batch.arranged(judged)
    there: dict[str, Record] = {}
    asking: dict[str, str] = {}
    for some in chunks(rows):
        there |= store.batch.known([row.record.id for row in some])
        asking |= store.batch.asking_for([row.record.subject.domain for row in some if row.record.subject.domain])
    told = [_beside(row, asking, there) for row in rows]
    rows = tuple(_in_the_way(told, there, wish.folder) if wish.folder is not None else told)
    return Plan(tuple(judged), rows, there)


def run(
    store: RecordStore,
    vault: Vault,
    found: Plan,
    wish: Wish,
    *,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
    reached: Reached = lambda _: None,
) -> tuple[Ended, ...]:
    """Make the good rows of a plan; what is made already is passed over, so the same call goes on after a stop.

    VaultError, PasswordError or FileError, before anything is kept, where no key could be locked, or no file written.
    `stopped` is asked between commits: then what is made stays, and the rest is left.
    """
    if wish.folder is not None:
        files.prepare(wish.folder)
    rows = found.good
    chosen = [_choice(row.record, wish) for row in rows] if wish.generate else []
    for choice in set(chosen):
        locks.need_keyring(vault, choice)
    wanted = {choice: _lock(rows, chosen, choice, wish) for choice in dict.fromkeys(chosen)}
    ends = {row.record.id: Ended(row, found.there.get(row.record.id, row.record)) for row in rows}
    open_rows = [row for row in rows if row.record.id not in found.there]
    with ExitStack() as stack:
        worth_it = wish.generate and worth_starting([end.record for end in ends.values()])
        makers = stack.enter_context(Makers(processors())) if worth_it else None
        for some in chunks(open_rows, progress, "storing drafts", stopped):
            store.batch.add([row.record for row in some])
            kept = store.batch.known([row.record.id for row in some])
            for row in some:
                ends[row.record.id] = replace(ends[row.record.id], record=kept[row.record.id], added=True)
            reached("drafts stored")
        for end in ends.values():
            if end.record.trashed_at is not None:
                why = f"It is in the trash: csr-tui restore {end.record.id} brings it back, and purge lets it go."
                ends[end.row.record.id] = replace(end, error=StateError(why))
        if wish.generate:
            choices = dict(zip((row.record.id for row in rows), chosen, strict=True))
            batch_of_keys = Generation(store, vault, wanted, choices, makers, progress, stopped, reached)
            batch_of_keys.run(ends)
    if wish.folder is not None:
        _export(store, vault, ends, wish, wish.folder, progress, stopped)
    return tuple(ends.values())


def leave_out(path: Path, source: Table, found: Plan) -> Path:
    """Write the bad rows to a file beside `path`, each with its first error, and never over another; where that is."""
    rows = tuple((row.line, f"{row.errors[0].field}: {row.errors[0].message}") for row in found.bad)
    data = table.left_out(source, rows).encode()
    for number in range(1, MOST_LEFT_OUT):
        name = f"{path.stem}.bad{f'-{number}' if number > 1 else ''}.csv"
        there = path.with_name(name)
        if not there.exists() or (there.is_file() and there.read_bytes() == data):
            break
    files.write(path.parent, (bundle.BundleFile(name, data, private=False),))
    return there


def _beside(row: Row, asking: Mapping[str, str], there: Mapping[str, Record]) -> Row:
    """A warning where another record on the desk asks for the same domain."""
    other = asking.get(row.record.subject.domain)
    if other is None or other == row.record.id or row.record.id in there:
        return row
    finding = Finding.warning("domain", f"Record {other} on the desk asks for the same domain.")
    return replace(row, findings=(*row.findings, finding))


def _in_the_way(rows: Sequence[Row], there: Mapping[str, Record], folder: Path) -> Iterator[Row]:
    """An error where the files of a row could not be written: another row's, or others that are there."""
    taken: dict[str, int] = {}
    for row in rows:
        stem = bundle.stem(row.record.subject.domain)
        before = taken.setdefault(stem.casefold(), row.line.number)
        known = there.get(row.record.id)
        why = ""
        if before != row.line.number:
            why = f"Its files would have the names of those of line {before}: write one of them to another folder."
        elif (known is None or known.state is State.DRAFT) and (folder / f"{stem}.key").exists():
            why = f"{folder / f'{stem}.key'} is there already, and belongs to another key. Choose another folder."
        yield replace(row, findings=(Finding.error("domain", why), *row.findings)) if why else row


def _choice(record: Record, wish: Wish) -> locks.Choice:
    return locks.choose(record, password=wish.password, protection=wish.protection)


def _lock(rows: Sequence[Row], chosen: Sequence[locks.Choice], choice: locks.Choice, wish: Wish) -> locks.Lock:
    """One lock for all rows of a choice; its password has one name in the keyring, which tells that it is shared."""
    first = rows[chosen.index(choice)].record
    lock = locks.make(first, choice, wish.typed, weak_ok=wish.weak_ok)
    return lock if lock.ref is None else replace(lock, ref=f"batch-{new_id()}")


def _export(
    store: RecordStore,
    vault: Vault,
    ends: dict[str, Ended],
    wish: Wish,
    folder: Path,
    progress: Progress,
    stopped: Callable[[], bool],
) -> None:
    """The files of every generated row; a password that many share is fetched once."""
    ready = [end for end in ends.values() if end.error is None and end.record.state is not State.DRAFT]
    held: dict[tuple[Protection, str | None], Secret | CsrTuiError | None] = {}
    with ThreadPoolExecutor(WRITERS) as writers:
        for some in chunks(ready, progress, "writing files", stopped):
            for end in some:
                kept = (end.record.protection, end.record.secret_ref)
                if kept not in held:
                    held[kept] = _password(vault, end.record, wish.typed)
            opening = [held[end.record.protection, end.record.secret_ref] for end in some]
            for end in writers.map(lambda end, opens: _written(store, vault, end, folder, opens), some, opening):
                ends[end.row.record.id] = end
            files.sync(folder)


def _password(vault: Vault, record: Record, typed: Secret | None) -> Secret | CsrTuiError | None:
    """What opens the key, or why nothing does: a keyring that does not answer is not asked for every record."""
    try:
        return passwords.at_rest(vault, record, typed)
    except CsrTuiError as error:
        return error


def _written(store: RecordStore, vault: Vault, end: Ended, folder: Path, held: Secret | CsrTuiError | None) -> Ended:
    try:
        if isinstance(held, CsrTuiError):
            raise held
        return replace(end, files=exporting.export(store, vault, end.record, folder, held=held, alone=False).files)
    except CsrTuiError as error:
        return replace(end, error=error)
