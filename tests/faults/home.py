"""A store, a keyring and a folder of exports; a process that is killed among them; and the next start."""

from __future__ import annotations

import re
import stat
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING

from faults.actor import ACTIONS, LATER, OWN, Stage
from faults.keyrings import Folder
from faults.mistakes import planted
from faults.scenarios import Broken, Scenario, ended, started

from csr_tui import export
from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys import identity
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import exporting, generate, passwords, recovery
from csr_tui.lifecycle.exporting import ExportRequest
from csr_tui.storage import Query, RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.keyrings import Keyring

DOMAIN = "killedquartz.example.com"
FILES = (f"{DOMAIN}.key", f"{DOMAIN}.csr", f"{DOMAIN}.private-bundle.pem")
PRIVATE = (FILES[0], FILES[2])
CHANGED = ("intent", "password kept", "committed", "old password gone")

POINTS = {
    "create": ("store made",),
    "migrate": ("copied", "backed up", "migrating", "migrated"),
    "generate": ("intent", "password kept", "key made", "CSR signed", "CSR proved", "committed"),
    "change": CHANGED,
    "forget": CHANGED,
    "hand over": CHANGED,
    "unprotect": CHANGED,
    "export": tuple(f"{step} {name}" for name in FILES for step in ("before", "filled", "placed")),
    "export by name": tuple(f"filled {name}" for name in FILES),
    "replace": (
        *(f"{step} {name}" for name in PRIVATE for step in ("before", "kept", "filled", "placed")),
        f"before {FILES[1]}",
    ),
    "purge": ("backup purging", "rows gone", "traces gone", "password gone"),
}
"""Command -> the labels of its crash points, in their order."""

SCENARIOS = tuple(Scenario(command, point) for command, points in POINTS.items() for point in points)

TYPED = Custody.TYPED_KEYRING
HELD = Custody.TYPED_PROMPT
BEFORE = {"forget": (TYPED, OWN), "hand over": (HELD, OWN)}
"""Command -> how the key is kept before it; otherwise under a random password in the keyring."""

DONE: dict[str, Callable[[Record, Record], bool]] = {
    "generate": lambda _, now: now.state is State.GENERATED,
    "change": lambda before, now: now.secret_ref != before.secret_ref,
    "forget": lambda _, now: now.custody.held_by_person,
    "hand over": lambda _, now: now.custody.in_keyring,
    "unprotect": lambda _, now: now.custody is Custody.NONE_UNPROTECTED,
}
"""Command -> whether it had been done when the process was killed."""


class Home:
    """Two records, one of which nobody touches; made by this version, and opened by the next from then on."""

    def __init__(self, folder: Path, keyring: Keyring, command: str) -> None:
        self.folder = folder
        self.keyring = keyring
        self.command = command
        self.vault = keyring.vault()
        self.path = folder / "data" / "records.db"
        self.exports = folder / "exports"
        if command == "create":
            return
        with RecordStore(self.path) as store:
            self.other = self._made(store, "other.example.com", Custody.RANDOM_KEYRING)
            self.mine = self._draft(store, DOMAIN)
            if command != "generate":
                choice, password = BEFORE.get(command, (Custody.RANDOM_KEYRING, None))
                self.mine = generate.generate(store, self.vault, self.mine, choice, password=password)
            if command == "replace":
                exporting.export(store, self.vault, self.mine, ExportRequest(self.exports))
                self.mine = passwords.change(store, self.vault, self.mine, new=None)
        self.exported = (
            {path.name: path.read_bytes() for path in self.exports.iterdir()} if command == "replace" else {}
        )

    def _draft(self, store: RecordStore, domain: str) -> Record:
        return store.add(Record(new_id(), subject=Subject(domain=domain), key=KeySpec("ECC", "prime256v1")))

    def _made(self, store: RecordStore, domain: str, choice: Custody) -> Record:
        return generate.generate(store, self.vault, self._draft(store, domain), choice)

    def kill(self, scenario: Scenario, bug: str) -> None:
        """Run the process that is to die, and see that it did."""
        mine = "" if self.command == "create" else self.mine.id
        with started(self.path, self.keyring, self.command, mine, scenario.point, bug) as process:
            ended(process, scenario, bug)

    def go_on(self) -> None:
        """Start again; then do what had not been done, and export."""
        with RecordStore(self.path, migrations=LATER) as store:
            recovery.recover(store, self.vault)
            self.judge(store)
            if self.command == "create":
                return
            if (now := self._now(store)) is not None:
                self._again(store, now)
            exporting.export(store, self.vault, store.get(self.other.id), ExportRequest(self.exports))
            self.judge(store)
            if export.leftovers(self.exports):
                raise Broken("a temporary file is left after the next export")
        self._judge_files()

    def _now(self, store: RecordStore) -> Record | None:
        """The record, unless it was purged."""
        if self.command == "purge" and not any(one.id == self.mine.id for one in everything(store)):
            return None
        return store.get(self.mine.id)

    def _again(self, store: RecordStore, now: Record) -> None:
        done = DONE.get(self.command)
        if done is None or not done(self.mine, now):
            ACTIONS[self.command](Stage(store, self.vault, now, self.exports))
        if done is not None and not done(self.mine, store.get(self.mine.id)):
            raise Broken("what was stopped cannot be done any more")

    def judge(self, store: RecordStore) -> None:
        """No key lost, none without its password, nothing half done, nothing left over."""
        records = everything(store)
        if self.command != "create" and not any(one.id == self.other.id for one in records):
            raise Broken("a record that nobody touched is gone")
        sound(store, self.keyring, records, lambda _: (OWN,))
        for record in records:
            before = {self.other.id: self.other, self.mine.id: self.mine}[record.id]
            if before.key_fingerprint not in (None, record.key_fingerprint):
                raise Broken("a record has another key than before")
        for path in self.exports.iterdir() if self.exports.exists() else ():
            if path.suffix != ".tmp" and not whole(path):
                raise Broken(f"{path.name} is torn")

    def _judge_files(self) -> None:
        """What the whole of it has left on the disk."""
        for path in self.folder.rglob("*"):
            if self.keyring == Folder(self.folder / "keyring") and path.is_relative_to(self.folder / "keyring"):
                continue
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise Broken(f"{path.name} can be read by others")
            if self.command == "purge" and path.is_file() and DOMAIN.encode() in path.read_bytes():
                raise Broken(f"{path.name} still names the record that was purged")
        there = {path.read_bytes() for path in self.exports.iterdir()}
        if any(self.exported[name] not in there for name in PRIVATE if name in self.exported):
            raise Broken("a key that was replaced is not kept")


def sound(
    store: RecordStore, keyring: Keyring, records: tuple[Record, ...], held: Callable[[Record], tuple[object, ...]]
) -> None:
    """After a start: every key opens, and the keyring, the intents, the locks and the folder hold nothing else.

    `held` are the passwords that the person may hold for a record.
    """
    if (verdict := store.integrity()) != "ok":
        raise Broken(f"the store is damaged: {verdict}")
    for record in records:
        if record.state is State.DRAFT:
            if store.key_pem(record.id) is not None or record.secret_ref is not None:
                raise Broken("a draft has a key")
            continue
        if not any(opens(store, keyring, record, password) for password in (None, *held(record))):
            raise Broken(f"the key of a {record.custody.protection} record does not open")
    if store.unfinished() or store.orphaned_secrets() or store.journal.unsettled():
        raise Broken("something is left half done")
    if keyring.names() != {record.secret_ref for record in records} - {None}:
        raise Broken("the keyring holds something else than the records' passwords")
    for path in store.path.parent.rglob("*"):
        if path.suffix == ".lock" and path.parent.name == "locks":
            raise Broken("the lock of an action that is over is left")
        if path.name.startswith("."):
            raise Broken(f"a temporary file is left beside the store: {path.name}")


def opens(store: RecordStore, keyring: Keyring, record: Record, password: object) -> bool:
    try:
        key = passwords.open_key(store, keyring.vault(), record, password)  # type: ignore[arg-type]
    except CsrTuiError:
        return False
    return identity.fingerprint(key) == record.key_fingerprint == csr.read(record.csr or "").fingerprint


def whole(path: Path) -> bool:
    """Whether a PEM file is complete: it ends in a newline, and every block holds just as much as its DER says."""
    text = path.read_text("ascii")
    blocks = re.findall(r"-----BEGIN ([^-]+)-----\n(.*?)-----END \1-----\n", text, re.DOTALL)
    begun = text.count("-----BEGIN ")
    return bool(blocks) and len(blocks) == begun and text.endswith("-----\n") and all(_der(body) for _, body in blocks)


def _der(body: str) -> bool:
    der = b64decode(body)
    if der[1] < 0x80:
        return len(der) == 2 + der[1]
    size = der[1] & 0x7F
    return len(der) == 2 + size + int.from_bytes(der[2 : 2 + size], "big")


def everything(store: RecordStore) -> tuple[Record, ...]:
    return (*store.page(limit=10_000), *store.page(Query(trashed=True), limit=10_000))


def live_through(scenario: Scenario, *, bug: str = "", keyring: Keyring | None = None) -> None:
    """Play one scenario to its end; Broken where a promise was not kept. A folder stands in for the keyring."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = Home(folder, keyring or Folder(folder / "keyring"), scenario.command)
        with planted(bug):
            home.kill(scenario, bug)
            home.go_on()
