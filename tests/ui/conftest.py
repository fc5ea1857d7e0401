"""An app on a real store in a folder of its own, with a keyring that lives in memory.

The real Secret Service is judged in tests/system; here the screens are, and they need a keyring that answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import Line
from pebble import PROGRAMS, Pebble, Pebbles
from support import MemoryKeyring
from ui.lists import MANY, long_list
from ui.tables import BAD

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record
from csr_tui.storage import Query, RecordStore, Sort
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def pebble(pebbles: Pebbles, require: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Pebble:
    """Pebble decides within milliseconds, so it is asked again sooner than a CA is."""
    require(*PROGRAMS)
    monkeypatch.setattr("csr_tui.lifecycle.obtain.run.FOR_CA", 0.05)
    return pebbles()


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


@pytest.fixture(scope="session")
def pebbles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebbles]:
    running = Pebbles(tmp_path_factory.mktemp("pebbles"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordStore]:
    """A long list, which nobody changes."""
    with long_list(tmp_path_factory.mktemp("many") / "data" / "records.db") as store:
        yield store


@pytest.fixture
def ids(many: RecordStore) -> dict[Sort, list[str]]:
    """The records of the long list, in each of its orders."""
    return {sort: [record.id for record in many.page(Query(sort=sort), limit=MANY)] for sort in Sort}


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def sandbox(line: Line) -> Iterator[Sandbox]:
    with Sandbox(deliver=line) as running:
        yield running


@pytest.fixture
def start(store: RecordStore, vault: Vault, tmp_path: Path) -> Callable[[dict[str, str]], CsrTui]:
    return lambda environ: CsrTui(store, vault, exports=tmp_path / "exports", environ=environ)
