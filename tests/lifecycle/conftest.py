"""A store, a keyring in memory, and drafts that can be generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pytest
from support import MemoryKeyring

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
