"""A store of every released version opens here; each is kept as the SQL text that makes it, written by that version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from csr_tui.core.order import NameProof
from csr_tui.core.record import State, Tag
from csr_tui.core.token_uri import TokenUri
from csr_tui.storage import Query, RecordStore, search
from csr_tui.storage.schema import MIGRATIONS

STORES = Path(__file__).with_name("stores")
VERSIONS = range(1, len(MIGRATIONS) + 1)
PROOF = NameProof(
    "www.example.org",
    "dns-01",
    "_acme-challenge.www.example.org",
    "VALUE",
    "https://ca.example/chall/1",
    seen=True,
)


def released(path: Path, version: int) -> Path:
    """Write the store of a released version; its path."""
    path.parent.mkdir(mode=0o700)
    connection = sqlite3.connect(path)
    connection.executescript((STORES / f"version-{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_each_released_version_opens_with_everything_in_it(path: Path, version: int) -> None:
    with RecordStore(released(path, version)) as store:
        draft, generated, issued = (store.get(one) for one in ("draft00000", "generated0", "issued0000"))

        assert (draft.state, generated.state, issued.state) == tuple(State)
        assert draft.subject.organization == "腾讯云计算"
        assert (draft.names, draft.tags) == (("alt.example.org",), (Tag("team", "Web"),))
        assert (generated.has_key, generated.secret_ref, store.key_pem("generated0")) == (True, "held000000", "KEY")
        assert (issued.certificate, store.count(Query(trashed=True))) == ("CERTIFICATE", 1)
        assert version < 2 or store.get("remote0000").submission is not None
        assert version < 5 or draft.lineage.renews == "issued0000"
        assert version < 6 or draft.key_file == "/etc/ssl/own.key"
        assert draft.usage == ("server" if version < 9 else "client")
        assert draft.extra == (() if version < 10 else ("OU=Ops", "upn=jane@example.com"))
        assert {generated.usage, issued.usage} == {"server"}
        assert version < 15 or [(order.record_id, order.proofs) for order in store.orders.open()] == [
            ("generated0", (PROOF,))
        ]
        assert version < 14 or ([one.name for one in store.cas.all()], issued.ca) == (["corp", "own"], "corp")
        assert issued.issuer == ("" if version < 17 else "Example CA")
        assert store.get("trashed000").token == (None if version < 16 else TokenUri("Office", "1a"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_each_released_version_is_searched_like_a_fresh_one(path: Path, version: int) -> None:
    with RecordStore(released(path, version)) as store:
        for text in ("腾讯", "lt.example.o", "TICKET 47", "team=w", "raft000"):
            assert "draft00000" in [record.id for record in store.page(Query(search=text))], text
        assert [record.id for record in store.page(Query(search="BÜCHER", trashed=True))] == ["trashed000"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migrated_store_has_the_schema_of_a_fresh_one(path: Path, tmp_path: Path, version: int) -> None:
    RecordStore(released(path, version)).close()
    RecordStore(tmp_path / "fresh" / "records.db").close()

    assert schema(path) == schema(tmp_path / "fresh" / "records.db")


def test_another_searched_column_leaves_released_migrations_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SEARCHED", (*search.SEARCHED, "later"))

    RecordStore(path).close()

    assert path.exists()


def schema(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    connection.close()
    return rows
