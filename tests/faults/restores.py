"""Backups made and restored by processes that are killed, and backups made while passwords change.

Run as a process, with the store, the keyring, the command, and the point to be killed at (or nothing).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.home import everything, opens
from faults.keyrings import Folder, keyring_of
from faults.scenarios import LIMIT, Broken, Scenario

from csr_tui.core.backup_passwords import unseal
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, identity
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.errors import FileError, StateError, VaultError
from csr_tui.lifecycle import backup, generate, passwords, recovery
from csr_tui.storage import RecordStore, restoring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from faults.keyrings import Keyring

    from csr_tui.vault import Vault

PHRASE = Secret("correct horse battery staple")
POINTS = {
    "restore": ("copied", "announced", "passwords kept", "kept aside", "in place", "settled"),
    "backup": ("copied", "passwords fetched", "handed over"),
}
"""Command -> the labels of its crash points, in their order."""

MOMENT = "a random moment"
SCENARIOS = tuple(Scenario(command, point) for command, points in POINTS.items() for point in (*points, MOMENT))
LABELLED = frozenset(one for one in SCENARIOS if one.point != MOMENT)
LONGEST = 2.5
"""Seconds within which a random moment is: by then either is done on a quick machine."""

CHANGERS, CHANGED = 2, 6
"""So many processes change the passwords of so many records."""


# What the processes do


def restore(path: Path, vault: Vault, reached: Callable[[str], None]) -> None:
    found = restoring.examine(path.parents[1] / "b.db")
    backup.restore(found, path, vault, PHRASE, datetime.now(UTC), lambda *_: None, reached=reached)


def back_up(path: Path, vault: Vault, reached: Callable[[str], None]) -> None:
    with RecordStore(path) as store:
        backup.back_up(store, vault, path.parents[1] / "again.db", PHRASE, lambda *_: None, reached=reached)


def change(path: Path, vault: Vault, _: Callable[[str], None]) -> None:
    """Until somebody puts an end to it."""
    dice = random.Random(os.getpid())
    with RecordStore(path) as store:
        while True:
            with suppress(StateError, VaultError):  # the real keyring fails now and then where several write to it
                passwords.change(store, vault, dice.choice(everything(store)), new=None)


COMMANDS = {"restore": restore, "backup": back_up, "change": change}


def started(path: Path, keyring: Keyring, command: str, point: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, str(path), str(keyring), command, point])


# What has to come of it


class Desk:
    """Two records, a backup of both with their passwords, and what became of them since: one is purged, one has another
    password, and there is a third."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.folder = folder
        self.keyring = keyring
        self.vault = keyring.vault()
        self.path = folder / "data" / "records.db"
        self.backup = folder / "b.db"
        with RecordStore(self.path) as store:
            kept, purged = (made(store, self.vault) for _ in range(2))
            backup.back_up(store, self.vault, self.backup, PHRASE, lambda *_: None)
            recovery.purge(store, self.vault, purged)
            passwords.change(store, self.vault, kept, new=None)
            later = made(store, self.vault)
        self.old, self.new = {kept.id, purged.id}, {kept.id, later.id}

    def kill(self, scenario: Scenario) -> None:
        process = started(self.path, self.keyring, scenario.command, scenario.point)
        if scenario.point == MOMENT:
            with suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0.2, LONGEST))
            process.kill()
        try:
            status = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        if status != -signal.SIGKILL and scenario.point != MOMENT:
            raise Broken(f"the process ended with {status}")

    def judge(self) -> set[str]:
        """What the next start finds, once it has cleaned up; the ids of the records."""
        with RecordStore(self.path) as store:
            recovery.recover(store, self.vault)
            records = everything(store)
            self._judge_store(store, records)
        known = refs_of(records)
        for aside in self.path.parent.glob("*.before-restore-*"):
            with closing(sqlite3.connect(aside)) as connection:
                known |= {ref for (ref,) in connection.execute("SELECT secret_ref FROM record") if ref is not None}
        if unknown := self.keyring.names() - known:
            raise Broken(f"{len(unknown)} passwords in the keyring are known to no store")
        for path in (*self.path.parent.rglob("*"), *self.folder.glob(".*")):
            if path.name.startswith(".") or (path.suffix == ".lock" and path.parent.name == "locks"):
                raise Broken(f"{path.name} is left")
        return {record.id for record in records}

    def _judge_store(self, store: RecordStore, records: tuple[Record, ...]) -> None:
        if (verdict := store.integrity()) != "ok":
            raise Broken(f"the store is damaged: {verdict}")
        if store.unfinished() or store.orphaned_secrets():
            raise Broken("something is left half done")
        if set(store.live_secrets()) != refs_of(records):
            raise Broken("the ledger is another one")
        for record in records:
            if record.state is State.GENERATED and not opens(store, self.keyring, record, None):
                raise Broken("a key does not open")

    def go_on(self, command: str) -> None:
        """Judge what was left; then do it once more."""
        if (there := self.judge()) not in (self.old, self.new):
            raise Broken("the records are neither those of before nor those of the backup")
        if command == "restore":
            restore(self.path, self.vault, lambda _: None)
            if self.judge() != self.old:
                raise Broken("what was stopped cannot be done any more")
            return
        if there != self.new:
            raise Broken("a backup changed the records")
        with suppress(FileError):  # it is there already, and whole
            back_up(self.path, self.vault, lambda _: None)
        whole(self.folder / "again.db")
        self.judge()


def made(store: RecordStore, vault: Vault) -> Record:
    draft = store.add(Record(new_id(), subject=Subject(domain="a.example.com"), key=KeySpec("ECC", "prime256v1")))
    return generate.generate(store, vault, draft, Custody.RANDOM_KEYRING)


def refs_of(records: Iterable[Record]) -> set[str]:
    return {record.secret_ref for record in records if record.secret_ref is not None}


def whole(path: Path) -> None:
    """Whether a backup opens every key that it holds, with nothing but its passphrase."""
    found = restoring.examine(path)
    if found.sealed is None:
        raise Broken("a backup has no passwords")
    held = unseal(found.sealed, PHRASE)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT secret_ref, key_pem, key_fingerprint FROM record").fetchall()
    for ref, pem, fingerprint in rows:
        if ref not in held:
            raise Broken("a password is missing in a backup")
        if identity.fingerprint(encryption.decrypt(pem, held[ref], trusted=True)) != fingerprint:
            raise Broken("a password in a backup is another one")


def live_through(scenario: Scenario, *, keyring: Keyring | None = None) -> None:
    """Play one scenario to its end; Broken where a promise was not kept. A folder stands in for the keyring."""
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name), keyring or Folder(Path(name) / "keyring"))
        desk.kill(scenario)
        desk.go_on(scenario.command)


def while_changing(times: int, *, keyring: Keyring | None = None) -> int:
    """Back up so many times while processes change passwords; how many were changed. Broken where one is missing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held = keyring or Folder(folder / "keyring")
        path, vault = folder / "data" / "records.db", held.vault()
        with RecordStore(path) as store:
            before = sum(made(store, vault).revision for _ in range(CHANGED))
            changers = [started(path, held, "change") for _ in range(CHANGERS)]
            try:
                for number in range(times):
                    target = folder / f"{number}.db"
                    if backup.back_up(store, vault, target, PHRASE, lambda *_: None).missing:
                        raise Broken("a backup lacks a password")
                    whole(target)
                    target.unlink()
            finally:
                for process in changers:
                    process.kill()
                    process.wait()
            recovery.recover(store, vault)
            records = everything(store)
            if held.names() != refs_of(records):
                raise Broken("the keyring holds something else than the records' passwords")
            return sum(record.revision for record in records) - before


def main(path: str, keyring: str, command: str, point: str) -> None:
    def reached(label: str) -> None:
        if label == point:
            os.kill(os.getpid(), signal.SIGKILL)

    COMMANDS[command](Path(path), keyring_of(keyring).vault(), reached)


if __name__ == "__main__":
    main(*sys.argv[1:])
