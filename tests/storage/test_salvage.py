"""A damaged store: what can be read of it is copied into a new one, wherever it is damaged and wherever that stops."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.lineage import Lineage
from csr_tui.core.record import Origin, Record, State, Tag, new_id
from csr_tui.core.submission import Stage, Submission
from csr_tui.errors import StateError
from csr_tui.storage import Query, RecordStore
from csr_tui.storage.damage import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = 4096
RECORDS = 300


def pem(label: str, noise: random.Random, size: int) -> str:
    return f"-----BEGIN {label}-----\n{noise.randbytes(size).hex()}\n-----END {label}-----\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, str]]:
    """A store of 300 records without a -wal, and the keys in it."""
    noise = random.Random(15)
    path = tmp_path_factory.mktemp("whole") / "data" / "records.db"
    with RecordStore(path) as store:
        new = [
            Record(
                new_id(),
                subject=Subject(domain=f"h{number}.example.com", country="DE"),
                origin=Origin.LOCAL,
                custody=Custody.RANDOM_KEYRING if number % 2 else Custody.NONE_UNPROTECTED,
                csr=pem("CERTIFICATE REQUEST", noise, 300),
                key_fingerprint=noise.randbytes(32).hex(),
                secret_ref="batch-0123456789" if number % 2 else None,
            )
            for number in range(RECORDS)
        ]
        held = store.batch.reserve_secrets("batch", ["batch-0123456789"])
        labels = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
        keys = {one.id: pem(labels[number % 2], noise, 600) for number, one in enumerate(new)}
        store.batch.complete(held, [(None, one, keys[one.id]) for one in new])
        store.batch.abandon(held)
        store.batch.release("batch")
        for one in new[::10]:
            certificate = pem("CERTIFICATE", noise, 1500)
            done = replace(store.get(one.id), certificate=certificate, not_after=datetime(2027, 1, 1, tzinfo=UTC))
            store.attach(done, root=None)
    return path.read_bytes(), keys


def readable(path: Path, keys: dict[str, str]) -> set[str]:
    """The ids of the keys that SQLite gives, one asked for by itself."""
    found = set()
    for record_id, key in keys.items():
        try:
            with closing(sqlite3.connect(path)) as connection:
                row = connection.execute("SELECT key_pem FROM record WHERE id = ?", (record_id,)).fetchone()
        except sqlite3.Error:
            continue
        if row == (key,):
            found.add(record_id)
    return found


def zeros(data: bytearray, noise: random.Random) -> None:
    at = noise.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = bytes(PAGE)


def scrambled(data: bytearray, noise: random.Random) -> None:
    at = noise.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = noise.randbytes(PAGE)


def flipped(data: bytearray, noise: random.Random) -> None:
    data[noise.randrange(len(data))] ^= 1 << noise.randrange(8)


def cut(data: bytearray, noise: random.Random) -> None:
    del data[noise.randrange(PAGE, len(data)) :]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("damage", [zeros, scrambled, flipped, cut], ids=lambda damage: damage.__name__)
def test_no_key_that_can_be_read_is_lost(
    path: Path, whole: tuple[bytes, dict[str, str]], damage: Callable[[bytearray, random.Random], None], seed: int
) -> None:
    data, keys = bytearray(whole[0]), whole[1]
    damage(data, random.Random(seed))
    path.parent.mkdir()
    path.write_bytes(data)
    before = readable(path, keys)

    with RecordStore(path) as store:
        store.page(limit=RECORDS)
        store.mend()
        after = {one.id for one in store.page(limit=RECORDS) if store.key_pem(one.id) == keys[one.id]}
        lost = set(keys) - {one.id for one in store.page(limit=RECORDS)}
        notice = store.notice or ""

        assert before <= after
        assert store.integrity() == "ok"
        assert store.count() + len(lost) == RECORDS
    if damage is not cut:
        assert all(record_id in notice for record_id in lost)
    assert not lost or len(list(path.parent.glob("records.db.damaged-*"))) == 1


@pytest.mark.parametrize("page", [1, 2], ids=["the header", "the root of the records"])
def test_a_lost_header_or_root_loses_no_record(path: Path, whole: tuple[bytes, dict[str, str]], page: int) -> None:
    data, keys = bytearray(whole[0]), whole[1]
    data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.parent.mkdir()
    path.write_bytes(data)

    with RecordStore(path) as store:
        assert {one.id: store.key_pem(one.id) for one in store.page(limit=RECORDS)} == keys
        assert store.live_secrets() == ("batch-0123456789",)
        assert store.count(Query(search="h299.example")) == 1


@pytest.mark.parametrize("how", ["a bit in the text of one", "one of another program", "one of ours is missing"])
def test_a_trigger_that_is_not_ours_costs_no_record(path: Path, whole: tuple[bytes, dict[str, str]], how: str) -> None:
    data, keys = bytearray(whole[0]), whole[1]
    path.parent.mkdir()
    if how == "a bit in the text of one":
        data[data.index(b"a key is never taken away")] ^= 2
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as connection:
        if how == "one of another program":
            connection.execute("CREATE TRIGGER evil AFTER UPDATE ON record BEGIN DELETE FROM intent; END")
        if how == "one of ours is missing":
            connection.execute("DROP TRIGGER record_key_kept")
        connection.commit()

    with pytest.raises(DamagedError, match="another program has changed it"):
        RecordStore(path)

    with RecordStore(path) as store:
        assert {one.id: store.key_pem(one.id) for one in store.page(limit=RECORDS)} == keys
        assert len(list(path.parent.glob("records.db.damaged-*"))) == 1


def test_everything_that_belongs_to_a_record_is_copied(
    store: RecordStore, path: Path, draft: Callable[..., Record], generated: Callable[[Record], Record]
) -> None:
    old = generated(store.add(draft(names=("a.example.com",), tags=(Tag("team", "web"),), remark="Bücher")))
    for year in (2027, 2028):
        certificate = f"-----BEGIN CERTIFICATE-----\n{year}\n-----END CERTIFICATE-----\n"
        done = replace(store.get(old.id), certificate=certificate, not_after=datetime(year, 1, 1, tzinfo=UTC))
        store.attach(done, root=certificate)
    renewal = store.add(draft(lineage=Lineage(renews=old.id)))
    copy = store.add(draft(lineage=Lineage(copied_from=old.id)))
    store.journal.put(Submission(copy.id, Stage.CREATING, "https://ssl.example.com", "account", "marker"))
    store.begin(renewal, "generate", "0123456789-abc")
    store.trash(store.add(draft("trashed.example.com")).id)
    expected = (store.page(), store.page(Query(trashed=True)))
    earlier, standing = store.get(old.id).earlier, store.unfinished()
    store.close()
    data = bytearray(path.read_bytes())
    data[:PAGE] = bytes(PAGE)
    path.write_bytes(data)

    with RecordStore(path) as mended:
        assert (mended.page(), mended.page(Query(trashed=True))) == expected
        assert mended.get(old.id).earlier == earlier != ()
        assert mended.certificates.root(old.id) is not None
        assert mended.unfinished() == standing
        assert [one.record_id for one in mended.journal.unsettled()] == [copy.id]


@pytest.mark.parametrize(
    "column",
    [
        "state",
        "purpose",
        "names",
        "tags",
        "password_choice",
        "protection",
        "step",
        "created_at",
        "updated_at",
        "domain",
    ],
)
def test_one_bad_column_is_shown_as_such_and_hides_no_other_record(
    store: RecordStore, draft: Callable[..., Record], column: str
) -> None:
    other, bad = store.add(draft("other.example.com")), store.add(draft("bad.example.com"))
    store._database.execute("PRAGMA ignore_check_constraints = ON")
    value = "xx" if column != "domain" else None
    sql = f"UPDATE record SET {column} = {'?' if value else 'CAST(x' + repr('ff') + ' AS TEXT) || ?'} WHERE id = ?"
    store._database.execute(sql, (value or "", bad.id))

    found = {one.id: one for one in store.page(limit=10)}

    assert set(found) == {other.id, bad.id}
    assert found[other.id] == other
    if column != "domain":  # a text that is not UTF-8 is met by SQLite itself, and mended at once
        assert found[bad.id].damage == (column,)
        with pytest.raises(StateError, match=column):
            store.save(found[bad.id])
        store.mend()
    assert store.integrity() == "ok"
    assert store.get(bad.id).damage == ()
    assert f"{bad.id} (" in (store.notice or "")


def test_a_bit_in_an_enumerated_column_is_put_back(store: RecordStore, draft: Callable[..., Record]) -> None:
    kept = store.add(draft(purpose="private", custody=Custody.TYPED_PROMPT))
    store._database.execute("PRAGMA ignore_check_constraints = ON")
    store._database.execute(
        "UPDATE record SET state = 'dr`ft', purpose = 'privave', password_choice = 'typ%d', protection = 'prompp'"
    )

    assert store.get(kept.id).damage == ("state", "purpose", "password_choice", "protection")
    store.mend()

    assert store.get(kept.id) == kept


def test_a_key_with_a_byte_that_is_no_text_is_never_quoted(
    store: RecordStore, draft: Callable[..., Record], generated: Callable[[Record], Record]
) -> None:
    kept = generated(store.add(draft()))
    store._database.execute("UPDATE record SET key_pem = CAST(x'cb4559' AS TEXT)")  # K, with a bit too many

    assert store.key_pem(kept.id) == "KEY"
    assert f"{kept.id} (key_pem)" in (store.notice or "")


def test_a_newer_damaged_store_is_left_alone(path: Path) -> None:
    RecordStore(path).close()
    data = bytearray(path.read_bytes())
    data[60:64] = (99).to_bytes(4, "big")
    del data[len(data) // 2 :]
    path.write_bytes(data)

    with pytest.raises(DamagedError.__base__ or DamagedError, match="newer csr-tui"):
        RecordStore(path)

    assert path.read_bytes() == data


# Stopped at each point, and crowded

OPENS = """
import os, sys
from pathlib import Path
from csr_tui.storage import RecordStore
seen = []
def reached(label):
    seen.append(label)
    if label == sys.argv[2]:
        os._exit(9)
with RecordStore(Path(sys.argv[1]), reached=reached) as store:
    print(store.count(), *seen, sep="|")
"""


@pytest.fixture
def damaged(tmp_path: Path, path: Path, draft: Callable[..., Record]) -> Path:
    """A store with its header gone, and with a record that is in its -wal alone."""
    with RecordStore(tmp_path / "live" / "records.db") as store:
        store.batch.add([draft(f"h{number}.example.com") for number in range(20)])
        shutil.copytree(store.path.parent, path.parent)
    for file in path.parent.glob("*-shm"):
        file.unlink()
    data = bytearray(path.read_bytes())
    data[: 2 * PAGE] = bytes(2 * PAGE)
    path.write_bytes(data)
    assert path.with_name("records.db-wal").stat().st_size > 0
    return path


POINTS = ("salvaged", "store made", "aside named", "moved-wal", "moved", "set aside")


@pytest.mark.parametrize("point", POINTS)
def test_a_salvage_that_is_killed_begins_again_and_loses_nothing(damaged: Path, point: str) -> None:
    before = {name: damaged.with_name(name).read_bytes() for name in ("records.db", "records.db-wal")}
    killed = subprocess.run([sys.executable, "-c", OPENS, str(damaged), point], capture_output=True, check=False)

    again = subprocess.run(
        [sys.executable, "-c", OPENS, str(damaged), ""], capture_output=True, text=True, check=True
    ).stdout

    assert killed.returncode == 9
    assert again.startswith("20|")
    (aside,) = (one for one in damaged.parent.glob("records.db.damaged-*") if not one.name.endswith("-wal"))
    assert aside.read_bytes() == before["records.db"]
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == before["records.db-wal"]
    assert {re.sub(r"damaged-\w+-\w+", "damaged", file.name) for file in damaged.parent.iterdir()} == {
        "opening.lock",
        "records.db",
        "records.db.damaged",
        "records.db.damaged-wal",
    }


def test_the_points_are_all_there_are(damaged: Path) -> None:
    told = subprocess.run([sys.executable, "-c", OPENS, str(damaged), ""], capture_output=True, text=True, check=True)

    assert tuple(told.stdout.strip().split("|")[1:]) == POINTS


def test_several_at_once_see_the_same_new_store(damaged: Path) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", OPENS, str(damaged), ""], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    told = [start.communicate(timeout=60)[0] for start in starts]

    assert [one.partition("|")[0].strip() for one in told] == ["20"] * 3
    assert len([one for one in damaged.parent.glob("records.db.damaged-*") if not one.name.endswith("-wal")]) == 1


HOLDS = """
import sys
from pathlib import Path
from csr_tui.storage import RecordStore
with RecordStore(Path(sys.argv[1])) as store:
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_while_another_copy_has_it_open_what_cannot_be_read_is_shown_and_nothing_is_replaced(
    path: Path, whole: tuple[bytes, dict[str, str]]
) -> None:
    data = bytearray(whole[0])
    path.parent.mkdir()
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT pageno FROM dbstat WHERE name = 'record' AND pagetype = 'leaf' ORDER BY pageno"
        page = connection.execute(sql).fetchall()[7][0]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes(PAGE))

    with RecordStore(path) as store:
        shown = store.page(limit=RECORDS)
        notice = store.notice or ""
    holder.communicate("\n", timeout=60)
    with RecordStore(path) as store:
        mended = store.page(limit=RECORDS)

    lost = [one for one in shown if one.damage == ("record",)]
    assert len(shown) == RECORDS
    assert lost
    assert "another csr-tui has it open" in notice
    assert len(mended) == RECORDS - len(lost)
    assert all(one.state is not State.DRAFT for one in mended)
