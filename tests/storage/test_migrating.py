"""Migrations: a backup before each, nothing changed by one that fails, and a purge reaches the backups."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.lineage import Lineage
from csr_tui.core.record import Record, Tag
from csr_tui.errors import StorageError
from csr_tui.storage import Query, RecordStore
from csr_tui.storage.backups import backups
from csr_tui.storage.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_migration_makes_a_backup_first_and_purge_reaches_it(path: Path, draft: Callable[..., Record]) -> None:
    with RecordStore(path) as store:
        kept = store.add(draft("canaryquartz.example.com"))
    later = (*MIGRATIONS, "ALTER TABLE record ADD COLUMN later TEXT;")

    with RecordStore(path, migrations=later) as store:
        backup = path.with_name(f"records.db.before-{len(MIGRATIONS) + 1}")
        assert store.get(kept.id) == kept
        assert b"canaryquartz" in backup.read_bytes()
        assert backup.stat().st_mode & 0o777 == 0o600
        store.purge(kept.id)

    assert b"canaryquartz" not in backup.read_bytes()


def old_store(path: Path) -> None:
    """A store as the version before the search by substring left it: two records, one of them in the trash."""
    path.parent.mkdir(mode=0o700)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for script in MIGRATIONS[:2]:
        connection.executescript(script)
    connection.execute("PRAGMA user_version = 2")
    for record_id, domain, trashed in (
        ("canary0000", "canaryquartz.example.com", None),
        ("second0000", "xn--bcher-kva.example", "2026-11-02T00:00:00.000000+00:00"),
    ):
        connection.execute(
            "INSERT INTO record (id, revision, state, purpose, domain, organization, department, email, province, "
            "city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, "
            "created_at, updated_at, trashed_at) "
            "VALUES (?, 1, 'draft', 'public', ?, '腾讯云计算', '', '', '', '', 'CN', "
            """'["alt.example.org"]', 'RSA', '2048', '', '[["team", "Web"]]', 'random', 'keyring', 'subject', """
            "'2026-11-01T00:00:00.000000+00:00', '2026-11-01T00:00:00.000000+00:00', ?)",
            (record_id, domain, trashed),
        )
        connection.execute("INSERT INTO search (words) VALUES (?)", (f"{record_id} {domain}",))
    connection.commit()
    connection.close()


def test_a_store_from_before_the_search_by_substring_is_migrated_and_found_by_it(path: Path) -> None:
    old_store(path)

    with RecordStore(path) as store:
        for text in ("anaryqu", "腾讯", "lt.example.o", "TEAM=w"):
            assert [record.id for record in store.page(Query(search=text))] == ["canary0000"]
        assert [record.id for record in store.page(Query(search="BÜCHER", trashed=True))] == ["second0000"]
        assert [record.id for record in store.page(Query(tag=Tag("team", "web")))] == ["canary0000"]
        assert (store.count(), store.count(Query(trashed=True))) == (1, 1)


def test_purging_reaches_a_copy_of_the_version_before_the_search_by_substring(path: Path) -> None:
    old_store(path)
    backup = path.with_name(f"records.db.before-{len(MIGRATIONS)}")

    with RecordStore(path) as store:
        assert b"canaryquartz" in backup.read_bytes()
        store.purge("canary0000")

        assert store.count(Query(search="canaryquartz")) == 0
    for file in path.parent.iterdir():
        assert not file.is_file() or b"canaryquartz" not in file.read_bytes(), file
    assert b"second0000" in backup.read_bytes()


def test_purge_takes_a_record_out_of_the_lineage_in_a_backup_too(path: Path, draft: Callable[..., Record]) -> None:
    with RecordStore(path) as store:
        old = store.add(draft())
        store.add(draft(lineage=Lineage(copied_from=old.id)))

    with RecordStore(path, migrations=(*MIGRATIONS, "ALTER TABLE record ADD COLUMN later TEXT;")) as store:
        backup = path.with_name(f"records.db.before-{len(MIGRATIONS) + 1}")
        assert old.id.encode() in backup.read_bytes()
        store.purge(old.id)

    assert old.id.encode() not in backup.read_bytes()


def test_a_migration_that_fails_changes_nothing(path: Path, draft: Callable[..., Record]) -> None:
    with RecordStore(path) as store:
        kept = store.add(draft())

    with pytest.raises(StorageError):
        RecordStore(path, migrations=(*MIGRATIONS, "ALTER TABLE record ADD COLUMN later TEXT;\nSELECT nonsense;"))

    with RecordStore(path) as store:
        assert store.get(kept.id) == kept


def test_a_migration_is_alone_with_the_store(path: Path) -> None:
    RecordStore(path).close()
    found: list[type[BaseException] | None] = []

    def reached(_: str) -> None:
        descriptor = os.open(path.with_name("opening.lock"), os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            found.append(type(error))
        else:
            found.append(None)
        finally:
            os.close(descriptor)

    RecordStore(path, migrations=(*MIGRATIONS, "CREATE TABLE later (x TEXT) STRICT;"), reached=reached).close()

    assert found == [BlockingIOError] * 4  # copied, backed up, migrating, migrated


def test_the_journal_of_a_backup_is_no_backup(path: Path) -> None:
    RecordStore(path).close()
    for name in ("records.db.before-9", "records.db.before-9-journal", "records.db.before-10", "records.db.before-x"):
        path.with_name(name).touch()

    assert [one.name for one in backups(path)] == ["records.db.before-10", "records.db.before-9"]
