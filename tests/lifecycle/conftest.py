"""A store, a keyring in memory, and drafts that can be generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pytest
from authority import pem
from lifecycle.servers import CA, ROOT
from support import MemoryKeyring

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.export.targets import program
from csr_tui.lifecycle import attach, generate
from csr_tui.lifecycle.attach import Source
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from authority import Authority, Dates
    from drafts import Fields

SUBJECT = Subject(domain="www.example.com")
KEY = KeySpec("ECC", "prime256v1")


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def vault(keyring: MemoryKeyring) -> Vault:
    return Vault(backend=keyring)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    with RecordStore(tmp_path / "data" / "records.db") as store:
        yield store


@pytest.fixture
def draft(store: RecordStore) -> Callable[..., Record]:
    def make(*, subject: Subject = SUBJECT, key: KeySpec = KEY, **fields: Unpack[Fields]) -> Record:
        return store.add(Record(new_id(), subject=subject, key=key, **fields))

    return make


@pytest.fixture
def generated(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    return lambda **fields: generate.generate(store, vault, draft(**fields), Custody.RANDOM_KEYRING)


@pytest.fixture
def issued(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    """A record with its certificate, its intermediate and, unless it is left out, its root."""

    def make(
        choice: Custody = Custody.RANDOM_KEYRING, *, issuers: tuple[Authority, ...] = (CA, ROOT), **dates: Unpack[Dates]
    ) -> Record:
        record = generate.generate(store, vault, draft(), choice)
        leaf = CA.issue(csr.read(record.csr or "").public_key, *record.sans, **dates)
        data = pem(leaf, *(one.certificate for one in issuers))
        return attach.keep(store, attach.look(store, (Source("www.pem", data),), store.now()))

    return make


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What servers say is judged in tests/system; here none is installed."""
    monkeypatch.setattr(program, "which", lambda _: None)
