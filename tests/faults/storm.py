"""Two copies of the program at work on one store, and kills at random moments.

Run as a process, with the store, the keyring, what to do (`work` or `edit`), and a seed or a record's id; a worker says
each thing that it has done on a line of its own, and what is said is what may not be lost.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults.actor import OWN
from faults.home import everything, sound, whole
from faults.keyrings import keyring_of
from faults.mistakes import planted
from faults.scenarios import LIMIT, Broken, told

from csr_tui import export
from csr_tui.core.custody import PROTECTIONS, Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.errors import CsrTuiError, StorageError
from csr_tui.lifecycle import exporting, generate, passwords, recovery
from csr_tui.lifecycle.exporting import ExportRequest
from csr_tui.storage import RecordStore, StaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.keyrings import Keyring

    from csr_tui.vault import Vault

CUSTODIES = (
    Custody.RANDOM_KEYRING,
    Custody.TYPED_KEYRING,
    Custody.NONE_KEYRING,
    Custody.TYPED_PROMPT,
)
MANY = 16
"""Records, from which on some are purged."""

SHOWN = ("database is locked", "has locked the store")
"""What no person may be shown only because two copies are at work."""


# A worker


def work(store: RecordStore, vault: Vault, exports: Path, seed: str) -> None:
    """One random thing after the other, until somebody puts an end to it."""
    dice = random.Random(seed)
    recovery.recover(store, vault)
    _say("ready")
    while True:
        try:
            for said in _step(store, vault, exports, dice):
                _say(said)
        except CsrTuiError as error:
            if isinstance(error, StorageError) or any(text in str(error) for text in SHOWN):
                _say(f"shown {error}")


def _step(store: RecordStore, vault: Vault, exports: Path, dice: random.Random) -> Iterator[str]:
    records = everything(store)
    if len(records) < 2 or dice.random() < 0.15:
        subject = Subject(domain=f"{dice.randrange(10**6)}.example.com")
        yield f"add {store.add(Record(new_id(), subject=subject, key=KeySpec('ECC', 'prime256v1'))).id}"
        return
    record = dice.choice(records)
    if len(records) > MANY:
        yield f"purging {record.id}"
        recovery.purge(store, vault, record)
        yield f"purge {record.id}"
    elif record.trashed_at is not None:
        store.restore(record.id)
        yield f"restore {record.id}"
    elif record.state is State.DRAFT and dice.random() < 0.7:
        custody = dice.choice(CUSTODIES)
        typed = OWN if custody.is_typed else None
        done = generate.generate(store, vault, record, custody, password=typed)
        yield f"generate {done.id} {done.key_fingerprint}"
    elif record.state is State.DRAFT:
        store.save(replace(record, remark=f"{dice.random()}"))
        yield f"edit {record.id}"
    else:
        yield _with_key(store, vault, exports, record, dice)


def _with_key(store: RecordStore, vault: Vault, exports: Path, record: Record, dice: random.Random) -> str:
    held = OWN if record.custody.is_typed else None
    what = dice.choice(("export", "export", "protect", "protect", "change", "trash"))
    if what == "export":
        exporting.export(store, vault, record, ExportRequest(exports, password=held, replace=True))
    elif what == "protect":
        passwords.protect(store, vault, record, dice.choice(PROTECTIONS), password=OWN)
    elif what == "change":
        held_by_person = record.custody.held_by_person
        passwords.change(store, vault, record, new=OWN if held_by_person or dice.random() < 0.5 else None, current=OWN)
    else:
        store.trash(record.id)
    return f"{what} {record.id}"


def edit(store: RecordStore, record_id: str, times: int) -> None:
    """Add one to the number in a record's remark, `times` over, once it is told to."""
    _say("ready")
    sys.stdin.readline()
    for _ in range(times):
        while True:
            record = store.get(record_id)
            try:
                store.save(replace(record, remark=str(int(record.remark) + 1)))
            except StaleError:
                continue
            break


def _say(line: str) -> None:
    print(line, flush=True)


# Those who watch


@dataclass
class Storm:
    """What went by, and which promises were broken in it."""

    kills: int = 0
    done: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Storm) -> Storm:
        return Storm(self.kills + other.kills, self.done + other.done, self.broken + other.broken)


def rage(keyring: Keyring, kills: int, seed: int, *, bug: str = "") -> Storm:
    """Two copies at work, both killed at random moments, and a start after that; until so many were killed."""
    storm, dice = Storm(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys: dict[str, str] = {}
        RecordStore(folder / "data" / "records.db").close()
        while storm.kills < kills:
            said = _killed(folder, keyring, dice, storm, bug)
            try:
                with planted(bug):
                    _judge(folder, keyring, keys, said)
            except Broken as broken:
                storm.broken[str(broken)] += 1
    return storm


def _killed(folder: Path, keyring: Keyring, dice: random.Random, storm: Storm, bug: str) -> list[str]:
    """What two workers said until each of them was killed."""
    said = []
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_process(folder / "data" / "records.db", keyring, "work", dice.random(), bug))
            for _ in range(2)
        ]
        for worker in workers:
            assert worker.stdout is not None
            if worker.stdout.readline() != "ready\n":
                raise Broken(told(worker)[1])
        for worker in workers:
            time.sleep(dice.uniform(0.05, 0.8))
            worker.kill()
            storm.kills += 1
            assert worker.stdout is not None
            assert worker.stderr is not None
            out, err = worker.stdout.read(), worker.stderr.read()  # communicate() would miss what is buffered already
            worker.wait()
            if err:
                raise Broken(err)
            said += out[: out.rfind("\n") + 1].splitlines()
    storm.done.update(line.partition(" ")[0] for line in said if not line.startswith("purging"))
    return said


def _judge(folder: Path, keyring: Keyring, keys: dict[str, str], said: list[str]) -> None:
    """Start once more, and look; `keys` are the fingerprints that are known from before, by the record's id."""
    for line in said:
        if line.startswith("shown "):
            raise Broken(line)
    exports = folder / "exports"
    vault = keyring.vault()
    with RecordStore(folder / "data" / "records.db") as store:
        recovery.recover(store, vault)
        records = {record.id: record for record in everything(store)}
        keys |= {words[1]: words[2] for words in map(str.split, said) if words[0] == "generate"}
        purging = {line.split()[1] for line in said if line.startswith("purging ")}
        for gone in keys.keys() & purging - records.keys():
            del keys[gone]
        if any(
            record_id not in records or records[record_id].key_fingerprint != key for record_id, key in keys.items()
        ):
            raise Broken("a key is lost")
        keys |= {record.id: record.key_fingerprint for record in records.values() if record.key_fingerprint}
        sound(store, keyring, tuple(records.values()), lambda _: (OWN,))
        for record in records.values():
            if record.has_key:
                exporting.export(store, vault, record, ExportRequest(exports, password=OWN, replace=True))
                break
    if export.leftovers(exports) and any(record.has_key for record in records.values()):
        raise Broken("a temporary file is left after the next export")
    for path in exports.iterdir() if exports.exists() else ():
        if path.suffix != ".tmp" and not whole(path):
            raise Broken(f"{path.name} is torn")


def edited_by_two(keyring: Keyring, times: int, *, bug: str = "") -> float:
    """Two copies edit one record, so many times each; the seconds that took. Broken where an edit was lost."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        path = Path(name) / "data" / "records.db"
        with RecordStore(path) as store:
            record = store.add(Record(new_id(), remark="0"))
        started = time.monotonic()
        workers = [stack.enter_context(_process(path, keyring, "edit", f"{record.id} {times}", bug)) for _ in range(2)]
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            out, err = told(worker, LIMIT * 5)
            if worker.returncode or out or err:
                raise Broken(f"a copy was told: {out}{err}")
        took = time.monotonic() - started
        with RecordStore(path) as store:
            if (now := store.get(record.id)).remark != str(2 * times):
                raise Broken(f"{2 * times - int(now.remark)} of {2 * times} edits are lost")
    return took


def _process(path: Path, keyring: Keyring, what: str, which: object, bug: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, str(path), str(keyring), what, str(which), bug],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def main(path: str, keyring: str, what: str, which: str, bug: str) -> None:
    store_path = Path(path)
    with planted(bug), RecordStore(store_path) as store:
        if what == "work":
            work(store, keyring_of(keyring).vault(), store_path.parents[1] / "exports", which)
        else:
            record_id, times = which.split()
            edit(store, record_id, int(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
