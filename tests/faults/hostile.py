"""Backups that somebody forged, as data; and what has to come of restoring each: nothing, and a sentence."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tempfile
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from faults.keyrings import Folder
from faults.scenarios import Broken

from csr_tui.cli.context import Context
from csr_tui.cli.main import main
from csr_tui.core.backup_passwords import SealedPasswords
from csr_tui.paths import Paths
from csr_tui.storage.backups import SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

Change: TypeAlias = "Callable[[sqlite3.Connection], object]"

ENDLESS = """CREATE VIEW tally AS WITH RECURSIVE t(shelf, records) AS (
    SELECT 0, 0 UNION ALL SELECT shelf, records + 1 FROM t
) SELECT * FROM t"""
EARLIER = """INSERT INTO earlier_certificate (record_id, certificate, not_after, replaced_at)
    SELECT id, 'x', 'x', 'x' FROM record LIMIT 1"""
SENT = "INSERT INTO submission (record_id, stage, endpoint, account, marker)"

PHRASE = b"correct horse battery staple"
ACCOUNT = '{"secret_id": "AKIDEVIL", "secret_key": "evil", "endpoint": "http://127.0.0.1:9"}'
EMPTIED = "UPDATE record SET key_pem = NULL, secret_ref = NULL WHERE id = NEW.id"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call of the program left: its status and both streams."""

    status: int
    out: str
    err: str


def sql(*statements: str) -> Change:
    """Change a file as anybody may: with these statements."""
    return lambda connection: [connection.execute(one) for one in statements]


def rows(*statements: str) -> Change:
    """Change rows past the guards, and put those back, text for text."""

    def change(connection: sqlite3.Connection) -> None:
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for one in statements:
            connection.execute(one)
        for _, text in guards:
            connection.execute(text)

    return change


def sealed(passwords: object, **other: object) -> Change:
    """Passwords under the passphrase, sealed as a backup seals them but for these columns."""

    def change(connection: sqlite3.Connection) -> None:
        plain = passwords(connection) if callable(passwords) else passwords
        empty = SealedPasswords(1, 1 << 10, 8, 1, os.urandom(16), os.urandom(12), b"")
        key = Scrypt(salt=empty.salt, length=32, n=empty.cost, r=empty.block, p=empty.parallel).derive(PHRASE)
        text = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
        made = replace(empty, text=AESGCM(key).encrypt(empty.nonce, text, b"csr-tui passwords 1 1024 8 1"))
        connection.execute(SEALED)
        loose = SEALED.replace(" NOT NULL", "").replace("INTEGER", "ANY").replace("BLOB", "ANY")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'sealed'", (loose.strip() + "\n",))
        connection.execute("PRAGMA writable_schema = RESET")
        row = astuple(replace(made, **other))  # type: ignore[arg-type]  # wrong on purpose
        connection.execute("INSERT INTO sealed VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'sealed'", (SEALED.strip() + "\n",))

    return change


def live(connection: sqlite3.Connection) -> dict[str, str]:
    """Another password for the key that is in use."""
    return {connection.execute("SELECT ref FROM secret").fetchone()[0]: "planted"}


REFUSED: dict[str, Change] = {
    "sealed: the API key of another account": sealed({"tencent-cloud": ACCOUNT}),
    "sealed: the API key, known to the ledger": lambda connection: (
        rows(
            "INSERT INTO secret VALUES ('tencent-cloud', 0)",
            "UPDATE record SET secret_ref = 'tencent-cloud' WHERE state = 'generated'",
        )(connection),
        sealed({"tencent-cloud": ACCOUNT})(connection),
    ),
    "sealed: another password for a live key": sealed(live),
    "sealed: a JSON list": sealed(["a"]),
    "sealed: a JSON number": sealed(5),
    "sealed: no JSON": sealed(b"\xff{"),
    "sealed: nested deeply": sealed(b"[" * 100_000),
    "sealed: a password is a number": sealed({"0123456789-abcdef": 5}),
    "sealed: a password is null": sealed({"0123456789-abcdef": None}),
    "sealed: a password is half a character": sealed({"0123456789-abcdef": "\ud800"}),
    "sealed: a name with an escape": sealed({"\x1b[2J": "x"}),
    "sealed: cost is text": sealed({}, cost="x"),
    "sealed: cost is 0": sealed({}, cost=0),
    "sealed: cost is no power of two": sealed({}, cost=1000),
    "sealed: cost is beyond memory": sealed({}, cost=1 << 40),
    "sealed: block is negative": sealed({}, cost=-2, block=-8),
    "sealed: parallel is 0": sealed({}, parallel=0),
    "sealed: a minute of work": sealed({}, cost=1 << 20, parallel=16),
    "sealed: salt is text": sealed({}, salt="salt"),
    "sealed: salt is null": sealed({}, salt=None),
    "sealed: nonce of 0 bytes": sealed({}, nonce=b""),
    "sealed: text is null": sealed({}, text=None),
    "sealed: format of the future": sealed({}, format=2),
    "sealed: a view": sql("CREATE VIEW sealed AS SELECT 1 AS format"),
    "sealed: empty": sql(SEALED),
    "sealed: another table": sql("CREATE TABLE sealed (format, cost, block, parallel, salt, nonce, text)"),
    "names: JSON numbers": rows("UPDATE record SET names = '[1, 2]'"),
    "names: nested": rows("UPDATE record SET names = '[[1], {\"a\": 2}]'"),
    "names: an object": rows("UPDATE record SET names = '{}'"),
    "names: no JSON": rows("UPDATE record SET names = 'x'"),
    "tags: not pairs": rows("UPDATE record SET tags = '[1]'"),
    "tags: triples": rows('UPDATE record SET tags = \'[["a", "b", "c"]]\''),
    "tags: of numbers": rows("UPDATE record SET tags = '[[1, 2]]'"),
    "updated_at: no date": rows("UPDATE record SET updated_at = 'yesterday'"),
    "updated_at: no zone": rows("UPDATE record SET updated_at = '2026-01-01T00:00:00'"),
    "updated_at: year 1": rows("UPDATE record SET updated_at = '0001-01-01T00:00:00.000000+14:00'"),
    "revision: negative": rows("UPDATE record SET revision = -1"),
    "step: unknown": rows("UPDATE record SET step = 'elsewhere'"),
    "state: unknown": rows("UPDATE record SET state = 'lost'"),
    "protection: unknown": rows("UPDATE record SET protection = 'none'"),
    "password_choice: unknown": rows("UPDATE record SET password_choice = ''"),
    "purpose: unknown": rows("UPDATE record SET purpose = 'evil'"),
    "origin: unknown": rows("UPDATE record SET origin = 'mars'"),
    "token: no URI": rows("UPDATE record SET token = char(27) || '[2J' WHERE state = 'draft'"),
    "token_key: no URI": rows("INSERT INTO token_key VALUES (char(27) || '[2J', 'x', 'y')"),
    "order: at no CA": rows(
        "INSERT INTO certificate_order (record_id, stage, ca, proofs, message) "
        "SELECT id, 'intent', char(27) || '[2J', '[]', '' FROM record WHERE state = 'generated'"
    ),
    "id: a command": rows("UPDATE record SET id = '$(touch${IFS}ran)' WHERE state = 'draft'"),
    "id: escapes": rows("UPDATE record SET id = char(27) || ']0;pwn' || char(7) WHERE state = 'draft'"),
    "id: a path": rows("UPDATE record SET id = '../../x' WHERE state = 'draft'"),
    "id: empty": rows("UPDATE record SET id = '' WHERE state = 'draft'"),
    "key_fingerprint: escapes": rows("UPDATE record SET key_fingerprint = char(27) || '[2J' WHERE state = 'generated'"),
    "csr: escapes": rows("UPDATE record SET csr = char(27) || ']0;pwn' || char(7) WHERE state = 'generated'"),
    "key_pem: escapes": rows("UPDATE record SET key_pem = char(27) || ']0;pwn' || char(7) WHERE state = 'generated'"),
    "a draft with a key": rows("UPDATE record SET key_pem = 'x' WHERE state = 'draft'"),
    "issued without a certificate": rows("UPDATE record SET state = 'issued' WHERE state = 'generated'"),
    "secret_ref: the API key": rows(
        "INSERT INTO secret VALUES ('tencent-cloud', 0)",
        "UPDATE record SET secret_ref = 'tencent-cloud' WHERE state = 'generated'",
    ),
    "submission: unknown stage": rows(f"{SENT} SELECT id, 'elsewhere', 'x', 'a', 'm' FROM record LIMIT 1"),
    "submission: of no record": rows(f"{SENT} VALUES ('none000000', 'intent', 'x', 'a', 'm')"),
    "lineage: of itself": rows("INSERT INTO lineage SELECT id, 'copy', id, 0 FROM record LIMIT 1"),
    "earlier certificate: no date": rows(EARLIER),
    "the guards are gone": sql("DROP TRIGGER record_frozen", "DROP TRIGGER record_key_kept"),
    "a guard is another": sql(
        "DROP TRIGGER record_key_kept", "CREATE TRIGGER record_key_kept AFTER UPDATE ON record BEGIN SELECT 1; END"
    ),
    "a trigger that empties keys": sql(
        "DROP TRIGGER record_key_kept", f"CREATE TRIGGER evil AFTER UPDATE OF key_pem ON record BEGIN {EMPTIED}; END"
    ),
    "record is a view": sql("ALTER TABLE record RENAME TO r", "CREATE VIEW record AS SELECT * FROM r"),
    "an endless view": sql(
        "DROP TABLE tally",
        ENDLESS,
    ),
    "a table too many": sql("CREATE TABLE more (x)"),
    "no search": sql("DROP TABLE search"),
    "version 99": sql("PRAGMA user_version = 99"),
    "version -1": sql("PRAGMA user_version = -1"),
    "version 0": sql("PRAGMA user_version = 0"),
    "version 3 of a later schema": sql("PRAGMA user_version = 3"),
}
"""What is wrong with a backup -> how it is made so. None of it may be taken."""

TAKEN: dict[str, Change] = {
    "algorithm: unknown": rows("UPDATE record SET algorithm = 'RC4', key_parameter = 'x' WHERE state = 'draft'"),
    "domain: escapes": rows(
        "UPDATE record SET domain = char(27) || '[2J' || char(8238) || char(7) WHERE state = 'draft'"
    ),
    "domain: a command": rows(
        "UPDATE record SET domain = '$(touch ran)', remark = '`touch ran`' WHERE state = 'draft'"
    ),
    "domain of 5 MB": rows("UPDATE record SET domain = printf('%.*c', 5000000, 'a') WHERE state = 'draft'"),
    "year 9999": rows("UPDATE record SET updated_at = '9999-12-31T23:59:59.999999+00:00'"),
    "another order of numbers": rows("UPDATE record SET number = -number"),
    "sealed: names of no record": sealed({"0123456789-abcdef": "unused"}),
}
"""What a draft may hold, since it is text that was typed, and what is left out: these are restored."""

LIVE: dict[str, Change] = {
    f"{when}: {what}": sql("DROP TRIGGER record_key_kept", f"CREATE TRIGGER evil AFTER {when} BEGIN {how}; END")
    for when in ("UPDATE OF key_pem ON record", "INSERT ON intent", "DELETE ON intent", "INSERT ON record")
    for what, how in {
        "keys are emptied": "UPDATE record SET key_pem = NULL",
        "keys are swapped": "UPDATE record SET key_pem = 'x' WHERE key_pem IS NOT NULL",
        "passwords are forgotten": "UPDATE record SET secret_ref = NULL",
        "a password stays": "UPDATE secret SET doomed = 0",
    }.items()
} | {
    "record is a view": sql(
        "ALTER TABLE record RENAME TO r",
        "CREATE VIEW record AS SELECT * FROM r",
        "CREATE TRIGGER evil INSTEAD OF UPDATE ON record BEGIN SELECT 1; END",
    ),
    "version -1": sql("PRAGMA user_version = -1"),
    "version 0": sql("PRAGMA user_version = 0"),
}
"""What is wrong with a store that stands in its place -> how it is made so. No key is said to be kept that is not."""

AFTER = ("list", "list --json", "list --search exa", "doctor", "new --domain fresh.example.com")
"""What is called after either; none of it may fail in a way that is not foreseen."""

CASES = {**REFUSED, **TAKEN}


class Desk:
    """A generated record and a draft, a keyring with an account's API key in it, and a backup of both records."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(data=folder / "data", config=folder / "config", exports=folder / "exports")
        self.keyring = Folder(folder / "keyring")
        self.backup = folder / "b.db"
        ids = [self("new", "--domain", f"{name}.example.com", "--algorithm", "ECC").out.strip() for name in "ab"]
        self("generate", ids[0])
        self.keyring.vault()
        (self.keyring.path / "tencent-cloud").write_text("the account's own")
        self("backup", str(self.backup))

    def __call__(self, *words: str, stdin: bytes = b"") -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(words, Context(self.paths, self.keyring.vault(), io.BytesIO(stdin)))
        return Answer(status, out.getvalue(), err.getvalue())

    def held(self) -> dict[str, str]:
        """Name -> password, of all that is in the keyring."""
        return {path.name: path.read_text() for path in self.keyring.path.iterdir()}

    def state(self) -> tuple[dict[str, str], list[str], list[str]]:
        """The keyring, every row, and the files beside the store."""
        with closing(sqlite3.connect(self.paths.store)) as store:
            dumped = list(store.iterdump())
        ignored = ("opening.lock", "records.db-wal", "records.db-shm")
        return self.held(), dumped, sorted(path.name for path in self.paths.data.iterdir() if path.name not in ignored)

    def forge(self, change: Change) -> None:
        with closing(sqlite3.connect(self.backup, isolation_level=None)) as connection:
            change(connection)


def live_through(case: str) -> None:
    """Restore a forged backup; Broken where it is taken, changes what was there, or is not told in a sentence."""
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        desk.forge(CASES[case])
        before = desk.state()
        phrase = ("--password-stdin",) if case.startswith("sealed") else ()
        answer = desk("restore-backup", str(desk.backup), *phrase, stdin=PHRASE + b"\n")
        if "Traceback" in answer.err or answer.status == 1:
            raise Broken(f"{case}: {answer.err.splitlines()[-1]}")
        if (answer.status == 0) != (case in TAKEN):
            raise Broken(f"{case}: status {answer.status}, {answer.err}")
        if case in TAKEN and desk.held() != before[0]:
            raise Broken(f"{case}: the keyring is another")
        if case in REFUSED and desk.state() != before:
            raise Broken(f"{case}: something was changed")
        for words in AFTER:
            answer = desk(*words.split())
            if answer.status not in (0, 4) or not (answer.out + answer.err).replace("\n", "").isprintable():
                raise Broken(f"{case}: then {words}: {answer}")


def made_in(case: str) -> None:
    """Generate in a forged store; Broken where that is said to be done and the key cannot be exported."""
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        draft = desk("new", "--domain", "c.example.com", "--algorithm", "ECC").out.strip()
        with closing(sqlite3.connect(desk.paths.store, isolation_level=None)) as connection:
            LIVE[case](connection)
            before = connection.execute("SELECT count(*) FROM record").fetchone()
        for words in (f"generate {draft}", "list", "doctor"):
            answer = desk(*words.split())
            if "Traceback" in answer.err or answer.status == 1:
                raise Broken(f"{case}: {words}: {answer}")
            if words.startswith("generate") and answer.status == 0:
                raise Broken(f"{case}: generate says that the key is kept")
        if desk.paths.data.joinpath("records.db").stat().st_size == 0 or before != (3,):
            raise Broken(f"{case}: the store is another one")
