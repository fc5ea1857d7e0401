"""Tables of requests to apply, and whether what came of a row can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import csr, table_file
from csr_tui.core.keys import identity
from csr_tui.lifecycle import passwords
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.generate_many import BatchOptions

if TYPE_CHECKING:
    from csr_tui.core.record import Record
    from csr_tui.core.secret import Secret
    from csr_tui.lifecycle.batch.apply import Plan
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

GENERATE = BatchOptions(generate=True)


def source(count: int, *, more: str = "") -> table_file.Table:
    lines = "".join(f"h{number}.example.com,ECC\n" for number in range(count))
    return table_file.read(f"Domain,EncryptAlgo\n{lines}{more}".encode())


def planned(store: RecordStore, count: int = 5, options: BatchOptions = GENERATE, *, more: str = "") -> Plan:
    return apply.plan(store, source(count, more=more), options, progress=lambda *_: None)


def opened(store: RecordStore, vault: Vault, record: Record, password: Secret | None = None) -> bool:
    """Whether the key is there, opens, and belongs to the CSR."""
    key = passwords.open_key(store, vault, record, password)
    return identity.fingerprint(key) == record.key_fingerprint == csr.read(record.csr or "").fingerprint
