"""The process that is killed: it submits or reconciles once, and may kill itself at a labelled point.

Run with the store, the keyring's folder, the endpoint, the command, the record's id, and the point (or nothing) to be
killed at; the API key is in the environment.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from keyring.backend import KeyringBackend

from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, RefusedError, UnknownOutcomeError
from csr_tui.lifecycle import reconcile, recovery, submit
from csr_tui.lifecycle.locks import Choice
from csr_tui.lifecycle.submit import Wish
from csr_tui.storage import RecordStore
from csr_tui.storage.journal import Journal
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from csr_tui.core.submission import Stage


class FolderKeyring(KeyringBackend):
    """Stands in for the OS keyring where a killed process must leave behind what it kept: a file for each password."""

    priority = 1

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        path = self._folder / username
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        (self._folder / username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        (self._folder / username).unlink()


# Mistakes that somebody could make, and that the faults must catch


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
    sending, create, modify = Journal.sending, Client.create, Client.modify

    def forget(self: Journal, sent: Any, stage: Stage) -> Any:
        late.append(lambda: sending(self, sent, stage))
        return replace(sent, stage=stage)

    def after(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            try:
                return call(*arguments, **named)
            finally:
                while late:
                    late.pop()()

        return wrapped

    yield patch.object(Journal, "sending", forget)
    yield patch.object(Client, "create", after(create))
    yield patch.object(Client, "modify", after(modify))


def _no_marker() -> Iterator[Any]:
    """The draft there carries nothing of ours that could be looked for."""
    yield patch.object(submit, "marked", lambda record, _: record.remark)


BUGS = {
    "timeout treated as failure": _timeout_is_a_failure,
    "no wait before not found": _no_wait,
    "journal written after sending": _journal_after_sending,
    "marker missing": _no_marker,
}


@contextmanager
def planted(bug: str) -> Iterator[None]:
    """The program with one of the mistakes in it; an empty name leaves it as it is."""
    with ExitStack() as stack:
        for mistake in BUGS[bug]() if bug else ():
            stack.enter_context(mistake)
        yield


def client_of(endpoint: str, secret_id: str, secret_key: str) -> Client:
    return Client(
        endpoint_of(endpoint), Credentials(secret_id, Secret(secret_key)), pacer=Pacer(), sleep=lambda _: None
    )


def main(path: str, folder: str, endpoint: str, command: str, record_id: str, point: str, bug: str) -> None:
    def reached(label: str) -> None:
        if label == point:
            os.kill(os.getpid(), signal.SIGKILL)

    vault = Vault(backend=FolderKeyring(Path(folder)))
    client = client_of(endpoint, os.environ["SECRET_ID"], os.environ["SECRET_KEY"])
    with planted(bug), RecordStore(Path(path)) as store:
        recovery.recover(store, vault)
        try:
            if command == "submit":
                submit.submit(store, vault, client, store.get(record_id), Wish(Choice()), reached=reached)
            else:
                reconcile.reconcile(store, vault, client, reached=reached)
        except CsrTuiError as error:
            print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
