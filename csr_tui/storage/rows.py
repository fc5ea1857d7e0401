"""A record as a row, and a row as a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from csr_tui.core import token_uri
from csr_tui.core.custody import Custody
from csr_tui.core.fields import NAMES, Subject, texts_of
from csr_tui.core.record import KeySpec, Origin, Purpose, Record, State, WizardStep, replace
from csr_tui.core.token_uri import TokenUri
from csr_tui.core.usages import SERVER, USAGES
from csr_tui.errors import UsageError
from csr_tui.storage import lineage
from csr_tui.storage.columns import moment, names_of, names_text, only_texts, path_of, path_text, tags_of, tags_text
from csr_tui.storage.journal_rows import ORDER, SUBMISSION, order_of, submission_of

REQUEST = (
    "purpose",
    *NAMES,
    "names",
    "algorithm",
    "key_parameter",
    "remark",
    "tags",
    "step",
    "key_file",
    "usage",
    "extra",
    "token",
)
"""The columns a person edits."""

_OWN = (
    "id",
    "revision",
    "state",
    "origin",
    *REQUEST,
    "password_choice",
    "protection",
    "created_at",
    "updated_at",
    "generated_at",
    "trashed_at",
    "csr",
    "key_fingerprint",
    "key",
    "secret_ref",
    "certificate",
    "not_after",
    "earlier",
    "has_root",
    "ca",
    "attestation",
    "issuer",
)
_EXPRESSIONS = {
    "key": "key_pem IS NOT NULL",
    "has_root": "root IS NOT NULL",
    "ca": "record.ca",
    "earlier": "(SELECT group_concat(certificate, '|') FROM earlier_certificate WHERE record_id = record.id)",
}
COLUMNS = ", ".join(
    (
        *(_EXPRESSIONS.get(name, name) for name in _OWN),
        *lineage.COLUMNS,
        *(f"submission.{column}" for column in SUBMISSION),
        *(f"certificate_order.{column}" for column in ORDER),
    )
)
"""What `record_of` reads, in its order; the key itself is not among them."""

_NAMES = (
    *_OWN,
    *["lineage"] * len(lineage.COLUMNS),
    *(f"submission {column}" for column in SUBMISSION),
    *(f"order {column}" for column in ORDER),
)
_NEUTRAL = tuple(
    {
        "id": "",
        "revision": 0,
        "state": "draft",
        "purpose": "public",
        "names": "[]",
        "tags": "[]",
        "step": "subject",
        "usage": SERVER,
        "extra": "[]",
        "password_choice": "random",
        "protection": "keyring",
        "key": 0,
        "submission record_id": "-",
        "submission stage": "unknown",
        **dict.fromkeys((f"submission {name}" for name in ("endpoint", "account", "marker", "message")), ""),
        "order record_id": "-",
        "order stage": "unknown",
        "order ca": "",
        "order proofs": "[]",
        "order message": "",
    }.get(name, "" if name in REQUEST else None)
    for name in _NAMES
)
"""What stands for a column that cannot be read."""

_SENT = _NAMES.index("submission record_id")
_ORDER = _NAMES.index("order record_id")
_NEXT = 5 + len(NAMES)

RECORDS = "record " + " ".join(
    f"LEFT JOIN {table} ON {table}.record_id = record.id" for table in ("submission", "lineage", "certificate_order")
)
"""Where `COLUMNS` come from."""


def request_of(record: Record) -> tuple[str, ...]:
    """The values of `REQUEST`."""
    return (
        str(record.purpose),
        *texts_of(record.subject),
        names_text(record.names),
        record.key.algorithm,
        record.key.parameter,
        record.remark,
        tags_text(record.tags),
        str(record.step),
        path_text(record.key_file),
        record.usage,
        names_text(record.extra),
        "" if record.token is None else str(record.token),
    )


_ANY = Record("")
"""What each record of a list is made from: `replace` takes a tenth of the time of a call with 34 fields."""

_STATES = {str(one): one for one in State}
_PURPOSES = {str(one): one for one in Purpose}
_STEPS = {str(one): one for one in WizardStep}


def record_of(row: tuple[Any, ...]) -> Record:
    """The record in a row of `COLUMNS`; one with `damage` where a column holds what none of ours can."""
    try:
        return _record(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _damaged(row)


class Rows(Sequence[Record]):
    """Records as rows of `COLUMNS`; each is made whenever it is asked for."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        return map(record_of, self._rows)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Rows: ...
    def __getitem__(self, at: int | slice) -> Record | Rows:
        return Rows(self._rows[at]) if isinstance(at, slice) else record_of(self._rows[at])


def _damaged(row: tuple[Any, ...]) -> Record:
    """The record in a row some of whose columns are damaged: each is tried by itself, among neutral ones."""
    columns = list(row)
    damage = []
    for at, name in enumerate(_NAMES):
        if (name.startswith("submission") and not row[_SENT]) or (name.startswith("order") and not row[_ORDER]):
            continue
        try:
            _record((*_NEUTRAL[:at], columns[at], *_NEUTRAL[at + 1 :]))
        except (ValueError, KeyError, TypeError, AttributeError):
            columns[at] = _NEUTRAL[at]
            damage.append(name)
    if "state" in damage and columns[_NAMES.index("csr")] is not None:
        columns[_NAMES.index("state")] = "generated"
    return replace(_record(tuple(columns)), damage=tuple(damage))


def _record(row: tuple[Any, ...]) -> Record:
    (id_, revision, state, origin, purpose), subject, row = row[:5], row[5:_NEXT], row[_NEXT:]
    (typed_names, algorithm, parameter, remark, tags, step, key_file, usage, extra, token) = row[:10]
    (choice, protection, created, updated, generated, trashed, csr, fingerprint, has_key, secret_ref) = row[10:20]
    certificate, not_after, earlier, has_root, ca, attestation, issuer = row[20:27]
    texts = filter(None, (csr, fingerprint, secret_ref, certificate, earlier, ca, issuer))
    only_texts((id_, purpose, *subject, *row[:11], *texts))
    return replace(
        _ANY,
        id=id_,
        revision=revision + 0,
        state=_STATES[state],
        origin=_origin(origin, token) if origin else None,
        purpose=_PURPOSES[purpose],
        subject=Subject(*subject),
        names=() if typed_names == "[]" else names_of(typed_names),
        key=KeySpec(algorithm, parameter),
        remark=remark,
        tags=() if tags == "[]" else tags_of(tags),
        custody=Custody.TOKEN if token else Custody.of(choice, protection),
        step=_STEPS[step],
        created_at=moment(created),
        updated_at=moment(updated),
        generated_at=moment(generated),
        trashed_at=moment(trashed),
        csr=csr,
        key_fingerprint=fingerprint,
        has_key=bool(has_key),
        secret_ref=secret_ref,
        certificate=certificate,
        not_after=moment(not_after),
        earlier=tuple(reversed(earlier.split("|"))) if earlier else (),
        has_root=bool(has_root),
        lineage=lineage.lineage_of(row[27:31]),
        key_file=path_of(key_file),
        usage=USAGES[usage].name,
        extra=() if extra == "[]" else names_of(extra),
        submission=submission_of(row[31:45]) if row[31] else None,
        ca=ca,
        order=order_of(row[45:]) if row[45] else None,
        token=_token(token) if token else None,
        attestation=attestation,
        issuer=issuer or "",
    )


def _origin(stored: str, token: str) -> Origin:
    origin = Origin(stored)
    return Origin.TOKEN if token and origin is Origin.LOCAL else origin


def stored_origin(origin: Origin | None) -> str:
    """The column of an origin; the URI of its token tells a key there from one of this machine."""
    return str(Origin.LOCAL if origin is Origin.TOKEN else origin)


def _token(text: str) -> TokenUri:
    if text == token_uri.SCHEME:
        return TokenUri()
    try:
        return token_uri.parse(text)
    except UsageError as error:
        raise ValueError(text) from error
