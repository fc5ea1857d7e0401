"""Copying what can still be read of a damaged store into a fresh one, record by record."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from csr_tui.core import token_uri
from csr_tui.core.ca import NAME
from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Origin, Purpose, State, WizardStep, new_id
from csr_tui.core.submission import Stage
from csr_tui.core.usages import SERVER, USAGES
from csr_tui.storage import search
from csr_tui.storage.ca_rows import CA_ROW
from csr_tui.storage.columns import moment, stamp
from csr_tui.storage.journal_rows import ORDER, SUBMISSION
from csr_tui.storage.pages import INDEX, INNER_INDEX, TABLE, Pages, StoredRow, Value
from csr_tui.storage.rows import REQUEST

ENUMERATED: dict[str, tuple[Iterable[str], str]] = {
    "purpose": (Purpose, Purpose.PUBLIC),
    "password_choice": (PASSWORD_CHOICES, ""),
    "protection": (PROTECTIONS, ""),
    "step": (WizardStep, WizardStep.SUBJECT),
    "usage": (USAGES, SERVER),
}
LISTS = ("names", "extra", "tags")
TEXTS = (*(one for one in REQUEST if one not in {*ENUMERATED, *LISTS}),)
PEMS = ("csr", "key_pem", "certificate", "root", "attestation")

ID = re.compile(r"[0-9a-z]{10}")
REF = re.compile(r"[0-9a-z-]{1,80}")
IN_ONE_COMMIT = 500


@dataclass(frozen=True, slots=True)
class SalvageResult:
    """How many records were copied, the ids of those that were not, and of those with columns that were guessed."""

    records: int
    lost: tuple[str, ...]
    mended: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(slots=True)
class _Seen:
    """What the indexes and the small tables hold, by the shape of their rows."""

    ids: Counter[tuple[int, str]] = field(default_factory=Counter)
    submissions: list[tuple[Value, ...]] = field(default_factory=list)
    lineage: list[tuple[Value, ...]] = field(default_factory=list)
    orders: list[tuple[Value, ...]] = field(default_factory=list)
    cas: list[tuple[Value, ...]] = field(default_factory=list)
    chosen: dict[str, Value] = field(default_factory=dict)
    token_keys: list[tuple[Value, ...]] = field(default_factory=list)


def salvage(file: BinaryIO, wal: Path, fresh: sqlite3.Connection, now: datetime) -> SalvageResult:
    """Fill a fresh store from the pages of a damaged one, of any version; that is only read."""
    pages = Pages(file, wal)
    seen = _Seen()
    for row in pages.rows((INDEX, INNER_INDEX)):
        _sort(row, seen)
    known = _by_number(seen.ids)
    ids: set[str] = set()
    mended: list[tuple[str, tuple[str, ...]]] = []
    write = fresh.execute
    stored = tuple(name for (name,) in write("SELECT name FROM pragma_table_info('record')"))
    needed = stored.index("secret_ref") + 1  # a row of fewer columns is no record: its key may be among what is gone
    others: list[tuple[str, tuple[Value, ...]]] = []
    write("BEGIN")
    for row in pages.rows((TABLE,)):
        if len(row.values) < needed:
            others += _table_rows(row)
            continue
        columns, guessed = _record(row, stored, known, now)
        if columns["id"] in ids:
            columns["id"], guessed = new_id(), (*guessed, "id")
        record_id = str(columns["id"])
        seen.chosen[record_id], columns["ca"] = columns["ca"], None
        try:
            _insert(write, columns)
        except sqlite3.IntegrityError:  # a second row of one number
            _insert(write, columns | {"number": None})
        ids.add(record_id)
        if guessed:
            mended.append((record_id, guessed))
        if len(ids) % IN_ONE_COMMIT == 0:
            search.flush_pending(write)
            write("COMMIT")
            write("BEGIN")
    _rest(write, seen, others)
    search.flush_pending(write)
    write("COMMIT")
    lost = tuple(sorted(set(known.values()) - ids))
    return SalvageResult(len(ids), lost, tuple(mended))


def _sort(row: StoredRow, seen: _Seen) -> None:
    """Keep a row of an index that says something: which number is which id, or a row of a table without numbers."""
    match row.values:
        case (int(shelf), str(), str(record_id), int(number)) if 0 <= shelf <= 9 and ID.fullmatch(record_id):
            seen.ids[number, record_id] += 1
        case (str(record_id), "renewal" | "copy", str(source), int()) if ID.fullmatch(record_id) and ID.fullmatch(
            source
        ):
            seen.lineage.append(row.values)
        case (str(name), _, _, _, str(), _, _, _, ref, str()) if NAME.fullmatch(name):
            seen.cas.append((*row.values[:7], _nearest(row.values[7], PROTECTIONS), ref, row.values[9]))
        case (str(uri), str(), str()) if uri.startswith(token_uri.SCHEME):
            seen.token_keys.append(row.values)
        case (str(record_id), *rest) if len(rest) == len(SUBMISSION) - 1 and ID.fullmatch(record_id):
            seen.submissions.append(row.values)
        case (str(record_id), *rest) if len(rest) == len(ORDER) - 1 and ID.fullmatch(record_id):
            seen.orders.append(row.values)


def _by_number(votes: Counter[tuple[int, str]]) -> dict[int, str]:
    """Number -> the id that most of the indexes give it."""
    best: dict[int, str] = {}
    for (number, record_id), _ in sorted(votes.items(), key=lambda one: one[1]):
        best[number] = record_id
    return best


def _table_rows(row: StoredRow) -> Iterable[tuple[str, tuple[Value, ...]]]:
    """A row of one of the small tables, with the table's name."""
    match row.values:
        case (str(ref), 0 | 1) if REF.fullmatch(ref):
            yield "secret", row.values
        case (None, str(record_id), str(certificate), str(), str()) if ID.fullmatch(record_id) and _pem(certificate):
            yield "earlier_certificate", row.values
        case (str(intent), record_id, str(), _, str()) if ID.match(intent) and (
            record_id is None or ID.fullmatch(str(record_id))
        ):
            yield "intent", row.values


def _record(
    row: StoredRow, stored: tuple[str, ...], known: dict[int, str], now: datetime
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The columns of a record, each of a kind that the store takes, and the names of those that had to be guessed.

    `stored` are the columns as they lie in the file; older versions end before the last of them.
    """
    found: dict[str, Value] = dict(zip(stored, row.values, strict=False))
    columns: dict[str, Value] = dict.fromkeys(stored) | found
    columns["number"] = row.number
    columns["id"] = known.get(row.number or 0, found["id"])
    if not (isinstance(columns["id"], str) and ID.fullmatch(columns["id"])):
        columns["id"] = new_id()
    if not isinstance(columns["revision"], int):
        columns["revision"] = 1
    for name in TEXTS:
        columns[name] = _text(columns[name])
    for name in ("names", "extra"):
        columns[name] = _list(columns[name], lambda one: isinstance(one, str))
    columns["tags"] = _list(columns["tags"], lambda one: isinstance(one, list) and [*map(type, one)] == [str, str])
    for name in PEMS:
        columns[name] = _whole_pem(columns[name], needed=name in ("csr", "key_pem"))
    columns["flaws"] = None  # counted anew
    columns["key_fingerprint"] = _ascii(columns["key_fingerprint"])
    columns["secret_ref"] = _ascii(columns["secret_ref"])
    _dates(columns, now)
    _choices(columns)
    _state(columns)
    guessed = [name for name in found if name not in {"number", "flaws"} and columns[name] != found[name]]
    if not row.whole:
        guessed += [name for name in stored[len(found) :] if name not in {*TEXTS, "flaws"}]
    return columns, tuple(guessed)


def _dates(columns: dict[str, Value], now: datetime) -> None:
    for name in ("created_at", "updated_at", "generated_at", "trashed_at", "not_after"):
        columns[name] = _date(columns[name])
    columns["updated_at"] = columns["updated_at"] or columns["created_at"] or stamp(now)
    columns["created_at"] = columns["created_at"] or columns["updated_at"]
    if columns["certificate"] is None:
        columns["not_after"] = columns["root"] = None
    elif columns["not_after"] is None:
        columns["not_after"] = _end(str(columns["certificate"]))
        if columns["not_after"] is None:
            columns["certificate"] = columns["root"] = None


def _choices(columns: dict[str, Value]) -> None:
    """What a person chose from a few; who holds the key's password is also seen by the key."""
    key = columns["key_pem"]
    seen = Custody.RANDOM_KEYRING
    if isinstance(key, str) and "ENCRYPTED" not in key:
        seen = Custody.NONE_UNPROTECTED
    elif isinstance(key, str) and columns["secret_ref"] is None:
        seen = Custody.TYPED_PROMPT
    instead = {"password_choice": seen.password_choice, "protection": seen.protection}
    for name, (kinds, default) in ENUMERATED.items():
        columns[name] = _nearest(columns[name], kinds) or str(default) or instead[name]


def _state(columns: dict[str, Value]) -> None:
    """How far a record is, which is seen by what it has."""
    if columns["csr"] is None and columns["key_pem"] is None:
        columns |= dict.fromkeys(
            ("origin", "generated_at", "key_fingerprint", "secret_ref", "certificate", "not_after")
        )
        columns["state"] = str(State.DRAFT)
        return
    columns["state"] = str(State.GENERATED if columns["certificate"] is None else State.ISSUED)
    columns["csr"] = columns["csr"] or ""
    columns["key_fingerprint"] = columns["key_fingerprint"] or ""
    columns["generated_at"] = columns["generated_at"] or columns["updated_at"]
    elsewhere = columns["key_pem"] is None and not columns["token"]
    columns["origin"] = _nearest(columns["origin"], (Origin.LOCAL, Origin.TENCENT)) or str(
        Origin.TENCENT if elsewhere else Origin.LOCAL
    )


def _insert(write: Callable[..., sqlite3.Cursor], columns: dict[str, Value]) -> None:
    """A record, with what it refers to and what the search finds it by."""
    if columns["secret_ref"] is not None:
        write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (columns["secret_ref"],))
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    number = write(f"INSERT INTO record ({names}) VALUES ({marks})", tuple(columns.values())).lastrowid
    search.add(write, number, str(columns["id"]), tuple(str(columns[one]) for one in REQUEST))


def _rest(write: Callable[..., sqlite3.Cursor], seen: _Seen, others: list[tuple[str, tuple[Value, ...]]]) -> None:
    """The small tables: what belongs to a record that is there, and every password that is not doomed for certain."""
    for table, values in others:
        if table == "secret":
            write("INSERT OR IGNORE INTO secret (ref, doomed) VALUES (?, ?)", values)
    for values in seen.submissions:
        sent = _submission(values)
        if sent[SUBMISSION.index("sent_ref")] is not None:
            write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (sent[SUBMISSION.index("sent_ref")],))
        _put(write, "submission", SUBMISSION, sent)
    for values in seen.orders:
        _put(write, "certificate_order", ORDER, _order(values))
    for values in seen.lineage:
        _put(write, "lineage", ("record_id", "kind", "source_id", "same_key"), values)
    for values in seen.cas:
        if values[8] is not None:
            write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (values[8],))
        _put(write, "ca", CA_ROW, values)
    for record_id, name in seen.chosen.items():
        if name is not None:
            write("UPDATE record SET ca = (SELECT name FROM ca WHERE name = ?) WHERE id = ?", (name, record_id))
    for values in seen.token_keys:
        _put(write, "token_key", ("uri", "record_id", "noted_at"), values)
    for table, values in others:
        if table == "intent":
            if values[3] is not None:
                write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (values[3],))
            _put(write, "intent", ("id", "record_id", "kind", "secret_ref", "created_at"), values)
        elif table == "earlier_certificate":
            _put(write, table, ("record_id", "certificate", "not_after", "replaced_at"), values[1:])
    for table, column in (
        ("submission", "record_id"),
        ("certificate_order", "record_id"),
        ("lineage", "record_id"),
        ("lineage", "source_id"),
        ("earlier_certificate", "record_id"),
        ("intent", "record_id"),
    ):
        write(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM record)")


def _submission(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """What was sent for a record; a stage that cannot be read is an unknown outcome, so that nothing goes twice."""
    one = dict(zip(SUBMISSION, values, strict=True))
    if one["stage"] not in [*Stage]:
        one["stage"] = str(Stage.UNKNOWN)
    for name in ("endpoint", "account", "marker", "message"):
        one[name] = _text(one[name])
    for name in ("csr_id", "remote_status"):
        one[name] = one[name] if isinstance(one[name], int) else None
    for name in ("request_id", "sent_ref"):
        one[name] = _ascii(one[name])
    for name in ("sent_at", "searched_at"):
        one[name] = _date(one[name])
    one["sent_choice"] = _nearest(one["sent_choice"], PASSWORD_CHOICES)
    one["sent_protection"] = _nearest(one["sent_protection"], PROTECTIONS)
    return tuple(one[name] for name in SUBMISSION)


def _order(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """An order; a stage that cannot be read may have issued a certificate, so it is an unknown outcome."""
    one = dict(zip(ORDER, values, strict=True))
    if one["stage"] not in [*OrderStage]:
        one["stage"] = str(OrderStage.UNKNOWN)
    for name in ("ca", "message"):
        one[name] = _text(one[name])
    for name in ("directory", "account", "order_url", "finalize_url", "certificate_url", "csr_sha256"):
        one[name] = _ascii(one[name])
    for name in ("expires", "sent_at", "searched_at", "again_at"):
        one[name] = _date(one[name])
    one["proofs"] = _list(one["proofs"], _is_proof)
    return tuple(one[name] for name in ORDER)


def _is_proof(value: object) -> bool:
    return isinstance(value, list) and [*map(type, value)] == [str, str, str, str, str, bool, str, bool]


def _put(write: Callable[..., sqlite3.Cursor], table: str, columns: tuple[str, ...], values: tuple[Value, ...]) -> None:
    """A row of a small table, unless the store does not take it."""
    marks = ", ".join("?" * len(columns))
    with suppress(sqlite3.IntegrityError):
        write(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)


def _text(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else ""


def _ascii(value: Value) -> str | None:
    """A text that has no other characters; one whose byte has a bit too many gets it back."""
    if isinstance(value, bytes):
        return bytes(byte & 0x7F for byte in value).decode()
    return value if isinstance(value, str) else None


def _pem(text: str) -> bool:
    return "-----END " in text and "\0" not in text


def _whole_pem(value: Value, *, needed: bool) -> str | None:
    """A PEM to its end; one that is `needed` also where it is damaged, for only its owner can tell what it is worth."""
    text = _ascii(value)
    return text if text and (needed or _pem(text)) else None


def _list(value: Value, of: Callable[[object], bool]) -> str:
    try:
        found = json.loads(_text(value))
    except ValueError:
        return "[]"
    return _text(value) if isinstance(found, list) and all(map(of, found)) else "[]"


def _date(value: Value) -> str | None:
    text = _ascii(value)
    try:
        found = moment(text)
    except ValueError:
        return None
    return text if found is not None and found.tzinfo is not None else None


def _end(certificate: str) -> str | None:
    """When a certificate ends, by itself."""
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return stamp(load_pem_x509_certificate(certificate.encode()).not_valid_after_utc)
    except Exception:  # noqa: BLE001  # damaged certificates have errors of every kind in pyca
        return None


def _nearest(value: Value, kinds: Iterable[str]) -> str | None:
    """The value that this one was before a bit or two changed, if there is one."""
    words = [str(kind) for kind in kinds]
    found = get_close_matches(_ascii(value) or "", words, 1, 0.5)
    return found[0] if found else None
