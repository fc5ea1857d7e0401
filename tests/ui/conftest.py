"""An app on a real store in a folder of its own, with a keyring that lives in memory.

The real Secret Service is judged in tests/system; here the screens are, and they need a keyring that answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import MemoryKeyring
from ui.tables import BAD

from csr_tui.core.record import Record, Subject
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
def app(store: RecordStore, vault: Vault, tmp_path: Path) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path / "exports")


@pytest.fixture
def draft(store: RecordStore) -> Callable[..., Record]:
    """A draft in the store, good enough to be generated."""

    def make(domain: str = "www.example.com", **parts: object) -> Record:
        subject = Subject(
            domain=domain, organization="Example Ltd", city="Shenzhen", province="Guangdong", country="CN"
        )
        fields: dict[str, object] = {"subject": subject} | parts
        return store.add(Record(f"{domain.replace('.', '')[:9]:0<10}", **fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.csv"
    path.write_text(BAD)
    return path
