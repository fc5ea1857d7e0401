"""The process that is killed: it does one thing to one record, and may kill itself at a labelled point.

Run with the store, the keyring, the command, the record's id, and the point to be killed at and the mistake to make (or
nothing for each). The endpoint and the API key of a submission are in the environment.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.keyrings import keyring_of
from faults.mistakes import planted

from csr_tui.core.custody import Custody
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import exporting, generate, passwords, recovery
from csr_tui.lifecycle.exporting import ExportRequest
from csr_tui.lifecycle.tencent import reconcile, submit
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.storage import RecordStore
from csr_tui.storage.schema import MIGRATIONS
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.vault import Vault

LATER = (*MIGRATIONS, "ALTER TABLE record ADD COLUMN later TEXT;", "CREATE TABLE later (x TEXT) STRICT;")
"""The migrations of a version to come: every store here is made by this one, and then opened by that one."""

OWN = Secret("a long password that the person holds")


@dataclass(frozen=True, slots=True)
class Stage:
    """One record and what is around it."""

    store: RecordStore
    vault: Vault
    record: Record
    exports: Path
    reached: Callable[[str], None] = lambda _: None


def _generate(on: Stage) -> None:
    generate.generate(on.store, on.vault, on.record, Custody.RANDOM_KEYRING, reached=on.reached)


def _change(on: Stage) -> None:
    passwords.change(on.store, on.vault, on.record, new=None, reached=on.reached)


def _forget(on: Stage) -> None:
    passwords.forget(on.store, on.vault, on.record, password=OWN, reached=on.reached)


def _hand_over(on: Stage) -> None:
    passwords.protect(on.store, on.vault, on.record, "keyring", password=OWN, reached=on.reached)


def _unprotect(on: Stage) -> None:
    passwords.protect(on.store, on.vault, on.record, "unprotected", reached=on.reached)


def _export(on: Stage) -> None:
    exporting.export(on.store, on.vault, on.record, ExportRequest(on.exports, replace=True), reached=on.reached)


def _purge(on: Stage) -> None:
    recovery.purge(on.store, on.vault, on.record, reached=on.reached)


def _nothing(on: Stage) -> None:
    """Opening the store was all."""


def _submit(on: Stage) -> None:
    submit.submit(on.store, on.vault, _client(), on.record, SubmitOptions(Custody.RANDOM_KEYRING), reached=on.reached)


def _reconcile(on: Stage) -> None:
    reconcile.reconcile(on.store, on.vault, _client(), reached=on.reached)


ACTIONS = {
    "generate": _generate,
    "change": _change,
    "forget": _forget,
    "hand over": _hand_over,
    "unprotect": _unprotect,
    "export": _export,
    "replace": _export,
    "export by name": _export,
    "purge": _purge,
    "migrate": _nothing,
    "create": _nothing,
    "submit": _submit,
    "reconcile": _reconcile,
}


def client_of(endpoint: str, secret_id: str, secret_key: str) -> Client:
    return Client(
        endpoint_of(endpoint), Credentials(secret_id, Secret(secret_key)), pacer=Pacer(), sleep=lambda _: None
    )


def _client() -> Client:
    return client_of(os.environ["ENDPOINT"], os.environ["SECRET_ID"], os.environ["SECRET_KEY"])


def main(path: str, keyring: str, command: str, record_id: str, point: str, bug: str) -> None:
    def reached(label: str) -> None:
        if label == point:
            os.kill(os.getpid(), signal.SIGKILL)

    if command == "export by name":
        del os.O_TMPFILE  # as on a file system that cannot make a file without a name
    vault = keyring_of(keyring).vault()
    with planted(bug), RecordStore(Path(path), migrations=LATER, reached=reached) as store:
        if command == "create":
            return
        recovery.recover(store, vault)
        stage = Stage(store, vault, store.get(record_id), Path(path).parents[1] / "exports", reached)
        try:
            ACTIONS[command](stage)
        except CsrTuiError as error:
            print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
