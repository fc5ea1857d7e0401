"""Mistakes that somebody could make, and that the faults must catch."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from csr_tui.core.submission import Stage
from csr_tui.errors import RefusedError, UnknownOutcomeError
from csr_tui.export import filling
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.tencent import reconcile, submit
from csr_tui.storage import RecordStore, purging, store
from csr_tui.storage.journal import Journal
from csr_tui.storage.record_writer import RecordWriter
from csr_tui.tencent.client import Client
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from csr_tui.core.bundle import BundleFile
    from csr_tui.core.record import Record
    from csr_tui.core.secret import Secret
    from csr_tui.core.submission import Submission
    from csr_tui.storage import Intent


# While submitting


def _timeout_is_a_failure() -> Iterator[Any]:
    """A lost reply taken for a refusal, so that the next submit sends it again."""
    create = Client.create

    def careless(self: Client, *arguments: Any, **named: Any) -> Any:
        try:
            return create(self, *arguments, **named)
        except UnknownOutcomeError as error:
            raise RefusedError(str(error)) from error

    yield patch.object(Client, "create", careless)


def _no_wait() -> Iterator[Any]:
    """What is not found at once is taken for never sent."""
    yield patch.object(submit, "WAIT", timedelta())
    yield patch.object(reconcile, "WAIT", timedelta())


def _journal_after_sending() -> Iterator[Any]:
    """The journal learns that a request leaves only once its answer is there."""
    late: list[Callable[[], object]] = []
    put, create, modify = Journal.put, Client.create, Client.modify

    def forget(self: Journal, sent: Submission) -> Submission:
        before = self.get(sent.record_id)
        if sent.stage not in {Stage.CREATING, Stage.FINALISING} or before is None or before.stage is sent.stage:
            return put(self, sent)
        late.append(lambda: put(self, sent))
        return sent

    def after(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            try:
                return call(*arguments, **named)
            finally:
                while late:
                    late.pop()()

        return wrapped

    yield patch.object(Journal, "put", forget)
    yield patch.object(Client, "create", after(create))
    yield patch.object(Client, "modify", after(modify))


def _no_marker() -> Iterator[Any]:
    """The draft there carries nothing of ours that could be looked for."""
    yield patch.object(submit, "marked", lambda record, _: record.remark)


# While keeping keys on this machine


def _password_after_the_key() -> Iterator[Any]:
    """The key is committed before its password is in the keyring."""
    late: list[Callable[[], None]] = []
    put, sweep = Vault.put, recovery.sweep

    def later(self: Vault, ref: str, secret: Secret) -> None:
        late.append(lambda: put(self, ref, secret))

    def at_last(*arguments: Any, **named: Any) -> tuple[str, ...]:
        while late:
            late.pop()()
        return sweep(*arguments, **named)

    yield patch.object(Vault, "put", later)
    yield patch.object(recovery, "sweep", at_last)


def _old_password_first() -> Iterator[Any]:
    """A record's old password makes way for the new one before the key is under that."""
    put = Vault.put
    before: dict[str, str] = {}

    def instead(self: Vault, ref: str, secret: Secret) -> None:
        put(self, ref, secret)
        if (old := before.get(ref.partition("-")[0])) is not None:
            self.delete(old)

    begin = RecordStore.begin

    def remember(self: RecordStore, record: Record, kind: str, secret_ref: str | None) -> Intent:
        if record.secret_ref is not None:
            before[record.id] = record.secret_ref
        return begin(self, record, kind, secret_ref)

    yield patch.object(RecordStore, "begin", remember)
    yield patch.object(Vault, "put", instead)


def _dead_intents_forgotten() -> Iterator[Any]:
    """What a dead process began, or had purged, is dropped at the next start, and its password stays behind."""
    for module in (store, purging):
        yield patch.object(module, "mark_orphaned", lambda *_: None)


def _named_before_filled() -> Iterator[Any]:
    """An exported file has its name before it has its bytes."""

    def link(directory: int, file: BundleFile, reached: Callable[[str], None], _: int | None) -> None:
        descriptor = os.open(file.name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=directory)
        os.write(descriptor, file.data[: len(file.data) // 2])
        reached(f"filled {file.name}")
        os.write(descriptor, file.data[len(file.data) // 2 :])
        os.close(descriptor)

    yield patch.object(filling, "add", link)


def _last_writer_wins() -> Iterator[Any]:
    """An edit overwrites what another copy of the program wrote since it was read."""
    update = RecordWriter.update

    def careless(self: RecordWriter, record: Record, *columns: Any) -> None:
        update(self, replace(record, revision=self.get(record.id).revision), *columns)

    yield patch.object(RecordWriter, "update", careless)


SUBMITTING = {
    "timeout treated as failure": _timeout_is_a_failure,
    "no wait before not found": _no_wait,
    "journal written after sending": _journal_after_sending,
    "marker missing": _no_marker,
}
KEEPING = {
    "password kept after the key": _password_after_the_key,
    "old password removed first": _old_password_first,
    "dead intents forgotten": _dead_intents_forgotten,
    "file named before it is filled": _named_before_filled,
}
BUGS = {**SUBMITTING, **KEEPING, "last writer wins": _last_writer_wins}


@contextmanager
def planted(bug: str) -> Iterator[None]:
    """The program with one of the mistakes in it; an empty name leaves it as it is."""
    with ExitStack() as stack:
        for mistake in BUGS[bug]() if bug else ():
            stack.enter_context(mistake)
        yield
