"""Bursts of keys, as a stalled line, auto-type or `tmux send-keys` delivers them, and what a store holds after each."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pty_session import Session

from csr_tui.core.record import Record, new_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RHYTHMS = (0, 5, 10, 30, 60)
"""Milliseconds from key to key; with 0 all of them come in one write."""

PASSWORD = "correct horse battery 9 staple"
FIELDS = {
    "domain": "www.example.com",
    "organization": "Example Ltd",
    "department": "IT",
    "email": "pki@example.com",
    "province": "Guangdong",
    "city": "Shenzhen",
    "country": "CN",
}
SUBJECT = tuple(FIELDS.values())
HELD = {"password_choice": "typed", "protection": "prompt"}
"""What the step Key chooses where there is no keyring."""
TEXTS = ("domain", "organization", "department", "email", "province", "city", "country")
NEXT, BACK, GENERATE, KEEP, QUIT, DOWN = "\x0e", "\x02", "\x07", "\x13", "\x11", "\x1b[B"
PASTE = "\x1b[200~pasted\x1b[201~"
F1, F5, F6, F8, F9, ESCAPE = "\x1bOP", "\x1b[15~", "\x1b[17~", "\x1b[19~", "\x1b[20~", "\x1b"


@dataclass(frozen=True, slots=True)
class Burst:
    """Keys, and what stands in the records after them; each record is told by what differs from a new one."""

    name: str
    keys: tuple[str, ...]
    records: tuple[Mapping[str, object], ...]


def typed(*parts: str) -> tuple[str, ...]:
    """Text letter by letter; a key that is one sequence of the terminal stays one."""
    return tuple(key for part in parts for key in ((part,) if part.startswith("\x1b") else part))


FLOW = Burst(
    "the whole flow, with a password that is typed",
    typed("nwww.example.com", NEXT * 4, GENERATE, PASSWORD, "\r", PASSWORD, "\r"),
    (
        {
            "domain": "www.example.com",
            "state": "generated",
            "password_choice": "typed",
            "protection": "prompt",
            "step": "review",
        },
    ),
)
"""From the empty desk to a generated record, where there is no keyring."""

_AHEAD = ("1", PASSWORD, "\r", PASSWORD, "\r")
REFUSED = {
    "under_1.example.com": typed("nunder_1.example.com", GENERATE, *_AHEAD),
    "under_2.example.com": typed("nunder_2.example.com", F9, GENERATE, *_AHEAD),
    "under_3.example.com": typed("nunder_3.example.com", F9, "\x14", *_AHEAD),
    "under_4.example.com": typed("nunder_4.example.com", F9, "h", *_AHEAD),
    "lost.example.com": typed("nlost.example.com", F8, "\t", "/x/lost.pem", F5, GENERATE, *_AHEAD),
}
"""Domain -> keys that generate it, where that is refused, and a password that is typed ahead."""

BURSTS = (
    Burst("seven fields, Tab between", typed("n", "\t".join(SUBJECT), KEEP), (FIELDS,)),
    Burst("seven fields, Enter between", typed("n", "\r".join(("e", *SUBJECT[1:])), KEEP), (FIELDS | {"domain": "e"},)),
    Burst(
        "the wizard opened, a field, Enter, a field",
        typed("nc.example\rExample Ltd", KEEP),
        ({"domain": "c.example", "organization": "Example Ltd"},),
    ),
    Burst(
        "a domain, the next step, a name",
        typed("nd.example", NEXT, "api.example.com", KEEP),
        ({"domain": "d.example", "names": ["api.example.com"], "step": "names"},),
    ),
    Burst(
        "four steps on, one back",
        typed("nf.example", NEXT * 4, BACK, KEEP),
        ({"domain": "f.example", "step": "key", **HELD},),
    ),
    Burst("three requests wanted", typed("nnn", KEEP), ({"domain": "nn"},)),
    Burst(
        "Alt and a letter, then text",
        typed("ng.example", "\x1bn", "api.example.com", KEEP),
        ({"domain": "g.example", "names": ["api.example.com"], "step": "names"},),
    ),
    Burst(
        "Alt and a letter, an arrow, Alt and a letter",
        typed("nh.example", "\x1ba", DOWN, "\x1br", KEEP),
        ({"domain": "h.example", "key_parameter": "3072", "step": "review"},),
    ),
    Burst("an Alt that does nothing", typed("ni.example", "\x1bz", "\x1b/", "m", KEEP), ({"domain": "i.examplem"},)),
    Burst(
        "function keys, and text between",
        typed("nj.example", F6, "a.example", F8, "\t", "/x/mine.pem", F9, KEEP),
        ({"domain": "j.example", "names": ["a.example"], "step": "review", "key_file": "/x/mine.pem", **HELD},),
    ),
    Burst("keys that no terminal has", typed("nk", "\x1b[?1;2c", "b", "\x1b[99;99X", "c", KEEP), ({"domain": "kbc"},)),
    Burst("the help, and back", typed("nl", F1, ESCAPE, "\rb", KEEP), ({"domain": "l", "organization": "b"},)),
    Burst(
        "a paste between two fields",
        typed("np.example\t", PASTE, "\tIT", KEEP),
        ({"domain": "p.example", "organization": "pasted", "department": "IT"},),
    ),
    Burst(
        "a search for one of two, and its deletion",
        typed("ndb1.example", KEEP, "nshop.example", KEEP, "/db1\rd"),
        ({"domain": "db1.example", "trashed": 1}, {"domain": "shop.example"}),
    ),
    Burst(
        "a search",
        typed("ndb2.example", KEEP, "nshop2.example", KEEP, "/db2"),
        ({"domain": "db2.example"}, {"domain": "shop2.example"}),
    ),
)
"""Each from the desk back to the desk, so that they can follow one another at once."""


@contextmanager
def play(burst: Burst, gap: int, home: Path) -> Iterator[Session]:
    """The desk, with these keys sent."""
    environment = {**os.environ, "CSR_TUI_HOME": str(home), "LANG": "C.UTF-8"}
    with Session([sys.executable, "-m", "csr_tui"], environment) as session:
        session.see("Nothing here yet")
        send(session, burst.keys, gap)
        yield session


def send(session: Session, keys: tuple[str, ...], gap: int) -> None:
    """Press these keys, so many milliseconds from one to the next."""
    if gap == 0:
        session.press("".join(keys))
        return
    for key in keys:
        session.press(key)
        time.sleep(gap / 1000)


def records(home: Path) -> list[dict[str, object]]:
    """What differs in each record from a new one, by domain; read by SQLite alone."""
    columns = (
        *TEXTS,
        "names",
        "algorithm",
        "key_parameter",
        "password_choice",
        "protection",
        "step",
        "state",
        "key_file",
    )
    new = Record(new_id())
    usual = {"names": [], "algorithm": new.key.algorithm, "key_parameter": new.key.parameter, "step": "subject"}
    usual |= {"password_choice": "random", "protection": "keyring", "state": "draft"}
    with closing(sqlite3.connect(home / "data" / "records.db")) as store:
        store.row_factory = sqlite3.Row
        rows = [dict(row) for row in store.execute("SELECT *, trashed_at IS NOT NULL AS trashed FROM record")]
    for row in rows:
        row["names"] = json.loads(row["names"])
    found = (
        {name: row[name] for name in (*columns, "trashed") if row[name] != usual.get(name, 0) and row[name] != ""}
        for row in rows
    )
    return sorted(found, key=lambda one: str(one.get("domain", "")))


def told(home: Path, secret: str = PASSWORD) -> list[str]:
    """The files under this home in which the secret, or a word of it, stands in clear."""
    words = [word.encode() for word in secret.split() if len(word) > 5]
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]
