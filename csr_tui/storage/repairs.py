"""The columns of damaged rows, each brought to a kind that the store takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches

from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Origin, Purpose, State, WizardStep, new_id
from csr_tui.core.submission import Stage
from csr_tui.core.usages import SERVER, USAGES
from csr_tui.storage.columns import moment, stamp
from csr_tui.storage.journal_rows import ORDER, SUBMISSION, proof_of
from csr_tui.storage.pages import StoredRow, Value
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
JUDGED = ("flaws", "issuer")
PEMS = ("csr", "key_pem", "certificate", "root", "attestation")

ID = re.compile(r"[0-9a-z]{10}")


def record_columns(
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
    columns |= dict.fromkeys(JUDGED)  # counted, or read, anew
    columns["key_fingerprint"] = _ascii(columns["key_fingerprint"])
    columns["secret_ref"] = _ascii(columns["secret_ref"])
    _dates(columns, now)
    _choices(columns)
    _state(columns)
    guessed = [name for name in found if name not in {"number", *JUDGED} and columns[name] != found[name]]
    if not row.whole:
        guessed += [name for name in stored[len(found) :] if name not in {*TEXTS, *JUDGED}]
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
        columns[name] = nearest(columns[name], kinds) or str(default) or instead[name]


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
    columns["origin"] = nearest(columns["origin"], (Origin.LOCAL, Origin.TENCENT)) or str(
        Origin.TENCENT if elsewhere else Origin.LOCAL
    )


def submission_columns(values: tuple[Value, ...]) -> tuple[Value, ...]:
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
    one["sent_choice"] = nearest(one["sent_choice"], PASSWORD_CHOICES)
    one["sent_protection"] = nearest(one["sent_protection"], PROTECTIONS)
    return tuple(one[name] for name in SUBMISSION)


def order_columns(values: tuple[Value, ...]) -> tuple[Value, ...]:
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
    if not isinstance(value, list):
        return False
    try:
        proof_of(value)
    except (TypeError, ValueError):
        return False
    return True


def _text(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else ""


def _ascii(value: Value) -> str | None:
    """A text that has no other characters; one whose byte has a bit too many gets it back."""
    if isinstance(value, bytes):
        return bytes(byte & 0x7F for byte in value).decode()
    return value if isinstance(value, str) else None


def is_whole_pem(text: str) -> bool:
    """Whether a PEM has its end, which is lost first."""
    return "-----END " in text and "\0" not in text


def _whole_pem(value: Value, *, needed: bool) -> str | None:
    """A PEM to its end; one that is `needed` also where it is damaged, for only its owner can tell what it is worth."""
    text = _ascii(value)
    return text if text and (needed or is_whole_pem(text)) else None


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


def nearest(value: Value, kinds: Iterable[str]) -> str | None:
    """The value that this one was before a bit or two changed, if there is one."""
    words = [str(kind) for kind in kinds]
    found = get_close_matches(_ascii(value) or "", words, 1, 0.5)
    return found[0] if found else None
