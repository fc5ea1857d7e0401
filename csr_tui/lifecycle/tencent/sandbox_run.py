"""Trying a submission with no account: a copy of the record, in a throwaway store, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from csr_tui.core.record import Record
from csr_tui.lifecycle import drafts
from csr_tui.lifecycle.tencent import account
from csr_tui.paths import scratch
from csr_tui.storage import RecordStore
from csr_tui.tencent.client import Client
from csr_tui.vault import Vault
from csr_tui.vault.in_memory import in_memory


@dataclass(frozen=True, slots=True)
class SandboxRun:
    """Everything that a submission takes, and none of it real; `record` is the copy."""

    store: RecordStore
    vault: Vault
    client: Client
    record: Record


@contextmanager
def sandbox_run(record: Record) -> Iterator[SandboxRun]:
    """All of it is gone when the context is left: no real record, keyring, or network is touched."""
    from csr_tui.tencent.sandbox import Sandbox

    with scratch() as folder, RecordStore(folder / "data" / "records.db") as store, Sandbox() as sandbox:
        vault = in_memory()
        environ = {
            "CSR_TUI_ENDPOINT": sandbox.endpoint,
            "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
            "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
        }
        yield SandboxRun(store, vault, account.client(vault, environ), drafts.copy(store, record))
