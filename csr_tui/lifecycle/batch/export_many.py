"""The files of many records, in one folder; those of keys without a certificate are written by several processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from csr_tui import export
from csr_tui.core.bundle import BundleFile
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.export import Written
from csr_tui.lifecycle import exporting, passwords
from csr_tui.lifecycle.batch.generate_many import AT_ONCE, BatchResult, Progress, chunks, workers
from csr_tui.lifecycle.batch.processes import Job, Workers
from csr_tui.lifecycle.exporting import ExportRequest
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys import encryption
    from csr_tui.storage import RecordStore

Task: TypeAlias = "tuple[Record, str, str | None]"
"""A record, its key as it is kept, and the password that opens it."""

Result: TypeAlias = "tuple[str, tuple[Written, ...] | CsrTuiError]"
"""A record's id, and its files, or why there are none."""

WRITING = "writing files"

GROUP = 32
"""Records that go to a process at once; their files are on the way to the disk together."""

THREADS = 8
"""Of a process: where files cannot be on their way together (NFS, FAT), one waits while others write theirs."""


def bundles(folder: Path) -> Callable[[Sequence[Task]], list[Result]]:
    """The work of a process: to prove the keys and CSRs of records, then to write their files."""
    opening: dict[str, encryption.DerivedKey] = {}

    def prove(record: Record, pem: str, text: str | None) -> tuple[BundleFile, ...] | CsrTuiError:
        from csr_tui.core.keys import encryption

        if text is not None and text not in opening:
            opening[text] = encryption.DerivedKey(Secret(text))
        try:
            return exporting.pem_files(record, pem, None if text is None else opening[text])
        except CsrTuiError as error:
            return error

    def write(files: tuple[BundleFile, ...] | CsrTuiError, begun: dict[str, int]) -> tuple[Written, ...] | CsrTuiError:
        if isinstance(files, CsrTuiError):
            return files
        try:
            return export.write(folder, files, manage_folder=False, begun=begun)
        except CsrTuiError as error:
            return error

    def work(tasks: Sequence[Task]) -> list[Result]:
        from concurrent.futures import ThreadPoolExecutor

        proved = [prove(*task) for task in tasks]
        files = [file for one in proved if not isinstance(one, CsrTuiError) for file in one]
        with export.beginning(folder, files) as begun, ThreadPoolExecutor(THREADS) as pool:
            each = map if begun else pool.map  # on their way already, they keep no thread waiting
            written = each(lambda one: write(one, begun), proved)
            return [(task[0].id, done) for task, done in zip(tasks, written, strict=True)]

    return work


def export_all(
    store: RecordStore,
    vault: Vault,
    records: Sequence[Record],
    request: ExportRequest,
    *,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[BatchResult, ...]:
    """Write the files of these records, whose ends are in their order; FileError where there can be no folder."""
    export.prepare(request.folder)
    ends = {record.id: BatchResult(record) for record in records}
    with workers(records if request.as_kept else ()) as pool:
        write_files(store, vault, ends, request, pool, progress=progress, stopped=stopped)
    return tuple(ends.values())


def write_files(
    store: RecordStore,
    vault: Vault,
    ends: dict[str, BatchResult],
    request: ExportRequest,
    pool: Workers,
    *,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Write the files of every generated record among `ends`, whose `files` or `error` say what came of it.

    A password that many share is fetched once, and a keyring that does not answer is not asked for every record.
    """
    at_rest: dict[tuple[Custody, str | None], Secret | CsrTuiError | None] = {}
    names: dict[str, str] = {}
    ready = [end.record for end in ends.values() if end.error is None and end.record.state is not State.DRAFT]
    job: Job[Task, Result] = pool.begin(bundles, request.folder)
    for at, chunk in enumerate(chunks(ready, progress, WRITING, stopped)):
        tasks: list[Task] = []
        for number, record in enumerate(chunk, at * AT_ONCE):
            custody = (record.custody, record.secret_ref)
            if custody not in at_rest:
                at_rest[custody] = _password(vault, record, request.password)
            try:
                if isinstance(opens := at_rest[custody], CsrTuiError):
                    raise opens
                exporting.claim_file_names(names, record)
                if request.as_kept and record.certificate is None and record.token is None:
                    pem = passwords.key_pem(store, record)
                    tasks.append((record, pem, None if opens is None else opens.reveal()))
                elif not stopped():
                    done = exporting.export(store, vault, record, request, current=opens, manage_folder=False)
                    ends[record.id] = replace(ends[record.id], files=done.files, proofs=done.proofs)
                    progress(WRITING, number + 1, len(ready))
            except CsrTuiError as error:
                ends[record.id] = replace(ends[record.id], error=error)
        job.submit(tasks, GROUP)
        _collect(job, AT_ONCE, ends)
        _sync(request.folder, ends)
    _collect(job, 0, ends)
    _sync(request.folder, ends)


def _sync(folder: Path, ends: dict[str, BatchResult]) -> None:
    """Make the names of the files last; where that fails (the folder is gone), no file can be relied on."""
    try:
        export.sync(folder)
    except CsrTuiError as error:
        for record_id, end in ends.items():
            if end.files:
                ends[record_id] = replace(end, files=(), error=error)


def _collect(job: Job[Task, Result], leave: int, ends: dict[str, BatchResult]) -> None:
    """Wait until no more than so many are under way."""
    while job.under_way > leave:
        for record_id, done in job.results():
            if isinstance(done, CsrTuiError):
                ends[record_id] = replace(ends[record_id], error=done)
            else:
                ends[record_id] = replace(ends[record_id], files=done)


def _password(vault: Vault, record: Record, typed: Secret | None) -> Secret | CsrTuiError | None:
    """What opens the key, or why nothing does."""
    try:
        return passwords.at_rest(vault, record, typed)
    except CsrTuiError as error:
        return error
