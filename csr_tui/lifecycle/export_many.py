"""The PEM files of many records, in one folder: opened, proved and written by several processes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from csr_tui import export as files
from csr_tui.core.record import State
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import exporting, passwords
from csr_tui.lifecycle.generate_many import AT_ONCE, Ended, chunks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core import pkcs8
    from csr_tui.core.record import Protection, Record
    from csr_tui.export import Written
    from csr_tui.lifecycle.generate_many import Progress
    from csr_tui.lifecycle.workers import Work, Workers
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

Task: TypeAlias = "tuple[Record, str, str | None]"
"""A record, its key as it is kept, and the password that opens it."""

Result: TypeAlias = "tuple[str, tuple[Written, ...] | CsrTuiError]"
"""A record's id, and its files, or why there are none."""

GROUP = 8
"""Records that go to a process at once."""


def bundles(folder: Path) -> Callable[[Task], Result]:
    """The work of a process: to prove a record's key and CSR, and write its files."""
    opening: dict[str, pkcs8.Stretched] = {}

    def write(task: Task) -> Result:
        from csr_tui.core import pkcs8

        record, pem, text = task
        try:
            if text is None:
                return record.id, exporting.write_pem(record, pem, None, folder)
            password = opening.setdefault(text, pkcs8.Stretched(Secret(text)))
            return record.id, exporting.write_pem(record, pem, password, folder)
        except CsrTuiError as error:
            return record.id, error

    return write


def export(
    store: RecordStore,
    vault: Vault,
    ends: dict[str, Ended],
    folder: Path,
    workers: Workers,
    *,
    typed: Secret | None = None,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Write the files of every generated record among `ends`, whose `files` or `error` say what came of it.

    `typed` opens the keys whose password the person holds. A password that many share is fetched once, and a keyring
    that does not answer is not asked for every record.
    """
    held: dict[tuple[Protection, str | None], Secret | CsrTuiError | None] = {}
    ready = [end.record for end in ends.values() if end.error is None and end.record.state is not State.DRAFT]
    work: Work[Task, Result] = workers.begin(bundles, folder)
    for some in chunks(ready, progress, "writing files", stopped):
        tasks: list[Task] = []
        for record in some:
            kept = (record.protection, record.secret_ref)
            if kept not in held:
                held[kept] = _password(vault, record, typed)
            try:
                if isinstance(opens := held[kept], CsrTuiError):
                    raise opens
                if record.certificate is not None:
                    done = exporting.export(store, vault, record, folder, held=opens, alone=False)
                    ends[record.id] = replace(ends[record.id], files=done.files)
                else:
                    pem = passwords.key_pem(store, record)
                    tasks.append((record, pem, None if opens is None else opens.reveal()))
            except CsrTuiError as error:
                ends[record.id] = replace(ends[record.id], error=error)
        work.give(tasks, GROUP)
        _collect(work, AT_ONCE, ends, folder)
    _collect(work, 0, ends, folder)


def _collect(work: Work[Task, Result], leave: int, ends: dict[str, Ended], folder: Path) -> None:
    """Wait until no more than so many are under way; the folder is synced once for all that came to their end."""
    if work.under_way <= leave:
        return
    while work.under_way > leave:
        for record_id, done in work.take():
            if isinstance(done, CsrTuiError):
                ends[record_id] = replace(ends[record_id], error=done)
            else:
                ends[record_id] = replace(ends[record_id], files=done)
    files.sync(folder)


def _password(vault: Vault, record: Record, typed: Secret | None) -> Secret | CsrTuiError | None:
    """What opens the key, or why nothing does."""
    try:
        return passwords.at_rest(vault, record, typed)
    except CsrTuiError as error:
        return error
