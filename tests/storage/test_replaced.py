"""Opening a store while a backup takes its place: the store that is opened is the one that is there afterwards."""

from __future__ import annotations

import errno
import os
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import pytest

from csr_tui.storage import RecordStore, reporting, restoring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.record import Record


@pytest.fixture
def restored(path: Path, tmp_path: Path, draft: Callable[..., Record]) -> Callable[[], None]:
    """Puts a backup of one record, old.example.com, in the place of a store of another."""
    backup = tmp_path / "b.db"
    with RecordStore(path) as store:
        old = store.add(draft("old.example.com"))
        with store.maintenance.copied(lambda *_: None) as copy:
            copy.hand_over(backup, lambda *_: None)
        store.trash(old.id)
        store.purge(old.id)
        store.add(draft("new.example.com"))

    def restore() -> None:
        with restoring.copied(restoring.examine(backup), path, lambda *_: None) as copy:
            copy.put_in_place(datetime.now(UTC), keep_empty=True)

    return restore


@pytest.mark.parametrize("when", ["before it connects", "before its first read"])
def test_an_opening_that_a_restore_overtakes_opens_what_was_restored(
    path: Path,
    restored: Callable[[], None],
    draft: Callable[..., Record],
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    connect = sqlite3.connect
    done: list[str] = []

    def overtaken(
        place: str | Path,
        *,
        uri: bool = False,
        timeout: float = 5,
        isolation_level: Literal["DEFERRED"] | None = "DEFERRED",
        check_same_thread: bool = True,
    ) -> sqlite3.Connection:
        def connected() -> sqlite3.Connection:
            return connect(
                place, timeout=timeout, isolation_level=isolation_level, check_same_thread=check_same_thread, uri=uri
            )

        if timeout != reporting.BUSY or check_same_thread or done:
            return connected()
        done.append(when)
        if when == "before it connects":
            restored()
        connection = connected()
        if when == "before its first read":
            restored()
        return connection

    monkeypatch.setattr(sqlite3, "connect", overtaken)

    with RecordStore(path) as store:
        assert [one.subject.domain for one in store.page()] == ["old.example.com"]
        store.add(draft("added.example.com"))
    assert done == [when]
    with connect(path) as there:
        assert there.execute("SELECT count(*) FROM record").fetchone() == (2,)
    there.close()


def test_a_store_is_made_on_a_file_system_without_links(
    path: Path, monkeypatch: pytest.MonkeyPatch, draft: Callable[..., Record]
) -> None:
    def unable(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", unable)

    with RecordStore(path) as store:
        store.add(draft())
    with RecordStore(path) as store:
        assert store.count() == 1


def test_a_backup_is_restored_on_a_file_system_without_links(
    path: Path, restored: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", unable)
    restored()

    (aside,) = path.parent.glob("*before-restore*")
    assert aside.stat().st_mode & 0o777 == 0o600
    with RecordStore(aside) as kept, RecordStore(path) as store:
        assert [one.subject.domain for one in kept.page()] == ["new.example.com"]
        assert [one.subject.domain for one in store.page()] == ["old.example.com"]
