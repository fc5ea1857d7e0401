"""A record as a row, and a row as a record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from csr_tui.core import token_uri
from csr_tui.core.ca import ACCOUNT_CUSTODIES, CA
from csr_tui.core.custody import Custody
from csr_tui.core.fields import NAMES, Subject, texts_of
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import KeySpec, Origin, Purpose, Record, State, Tag, WizardStep
from csr_tui.core.submission import Stage, Submission
from csr_tui.core.token_uri import TokenUri
from csr_tui.core.usages import SERVER, USAGES
from csr_tui.errors import UsageError
from csr_tui.storage import lineage

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

SUBMISSION = (
    "record_id",
    "stage",
    "endpoint",
    "account",
    "marker",
    "csr_id",
    "remote_status",
    "request_id",
    "message",
    "sent_at",
    "searched_at",
    "sent_ref",
    "sent_choice",
    "sent_protection",
)
"""What the journal keeps of a record, in the order of `Submission`."""

ORDER = (
    "record_id",
    "stage",
    "ca",
    "directory",
    "account",
    "order_url",
    "finalize_url",
    "certificate_url",
    "csr_sha256",
    "expires",
    "proofs",
    "message",
    "sent_at",
    "searched_at",
    "again_at",
)
"""What is kept of an order, in the order of `CertificateOrder`."""

CA_ROW = (
    "name",
    "directory",
    "command",
    "trust",
    "email",
    "account_url",
    "account_key",
    "protection",
    "secret_ref",
    "created_at",
)
CA_COLUMNS = ", ".join(one for one in CA_ROW if one != "account_key")
"""What `ca_of` reads, in its order; the account's key is not among them."""

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
        record.key_file,
        record.usage,
        names_text(record.extra),
        "" if record.token is None else str(record.token),
    )


def names_text(texts: tuple[str, ...]) -> str:
    """A column of texts; most have none, which is known without an encoder."""
    return json.dumps(texts) if texts else "[]"


def tags_text(tags: Iterable[Tag]) -> str:
    """The column of tags."""
    return json.dumps(pairs) if (pairs := [[tag.key, tag.value] for tag in tags]) else "[]"


_STATES = {str(one): one for one in State}
_PURPOSES = {str(one): one for one in Purpose}
_STEPS = {str(one): one for one in WizardStep}


def record_of(row: tuple[Any, ...]) -> Record:
    """The record in a row of `COLUMNS`; one with `damage` where a column holds what none of ours can."""
    try:
        return _record(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _damaged(row)


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
    certificate, not_after, earlier, has_root, ca, attestation = row[20:26]
    _texts((id_, purpose, *subject, *row[:11], *filter(None, (csr, fingerprint, secret_ref, certificate, earlier, ca))))
    return Record(
        id=id_,
        revision=revision + 0,
        state=_STATES[state],
        origin=_origin(origin, token) if origin else None,
        purpose=_PURPOSES[purpose],
        subject=Subject(*subject),
        names=() if typed_names == "[]" else _names(typed_names),
        key=KeySpec(algorithm, parameter),
        remark=remark,
        tags=() if tags == "[]" else _tags(tags),
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
        lineage=lineage.lineage_of(row[26:30]),
        key_file=key_file,
        usage=USAGES[usage].name,
        extra=() if extra == "[]" else _names(extra),
        submission=submission_of(row[30:44]) if row[30] else None,
        ca=ca,
        order=order_of(row[44:]) if row[44] else None,
        token=_token(token) if token else None,
        attestation=attestation,
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


_texts = "".join
"""TypeError where one of them is none: damage can make a column of another type."""


_scanned = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # which typeshed leaves out


def _names(text: str) -> tuple[str, ...]:
    try:
        names, end = _scanned(text, 0)  # `loads` takes four times as long
    except StopIteration:
        raise ValueError(text) from None
    if end != len(text):
        raise ValueError(text)
    _texts(names)
    return tuple(names)


@lru_cache(maxsize=1024)
def _tags(text: str) -> tuple[Tag, ...]:
    tags = tuple(Tag(key, value) for key, value in json.loads(text))
    _texts(part for tag in tags for part in (tag.key, tag.value))
    return tags


def submission_of(row: tuple[Any, ...]) -> Submission:
    """The submission in a row of `SUBMISSION`."""
    (record_id, stage, endpoint, account, marker, csr_id, status, request_id, message) = row[:9]
    (sent_at, searched_at, secret_ref, choice, protection) = row[9:]
    _texts((record_id, endpoint, account, marker, message, *filter(None, (request_id, secret_ref))))
    return Submission(
        record_id=record_id,
        stage=Stage(stage),
        endpoint=endpoint,
        account=account,
        marker=marker,
        csr_id=csr_id,
        status=status,
        request_id=request_id,
        message=message,
        sent_at=moment(sent_at),
        searched_at=moment(searched_at),
        secret_ref=secret_ref,
        custody=Custody.of(choice or "random", protection or "keyring") if choice or protection else None,
    )


def row_of(submission: Submission) -> tuple[Any, ...]:
    """The values of `SUBMISSION`."""
    return (
        submission.record_id,
        str(submission.stage),
        submission.endpoint,
        submission.account,
        submission.marker,
        submission.csr_id,
        submission.status,
        submission.request_id,
        submission.message,
        stamp(submission.sent_at),
        stamp(submission.searched_at),
        submission.secret_ref,
        *((None, None) if submission.custody is None else submission.custody.words),
    )


def order_of(row: tuple[Any, ...]) -> CertificateOrder:
    """The order in a row of `ORDER`."""
    (record_id, stage, ca, directory, account, url, finalize_url, certificate_url, csr_sha256) = row[:9]
    (expires, proofs, message, sent_at, searched_at, again_at) = row[9:]
    _texts((record_id, ca, message, *filter(None, (directory, account, url, finalize_url, certificate_url))))
    return CertificateOrder(
        record_id=record_id,
        stage=OrderStage(stage),
        ca=ca,
        directory=directory,
        account=account,
        url=url,
        finalize_url=finalize_url,
        certificate_url=certificate_url,
        csr_sha256=csr_sha256,
        expires=moment(expires),
        proofs=() if proofs == "[]" else tuple(_proof(one) for one in json.loads(proofs)),
        message=message,
        sent_at=moment(sent_at),
        searched_at=moment(searched_at),
        again_at=moment(again_at),
    )


def _proof(values: list[Any]) -> NameProof:
    name, kind, place, value, challenge, seen, note, proven = values
    _texts((name, kind, place, value, challenge, note))
    return NameProof(name, kind, place, value, challenge, bool(seen), note, bool(proven))


def order_row(order: CertificateOrder) -> tuple[Any, ...]:
    """The values of `ORDER`."""
    return (
        order.record_id,
        str(order.stage),
        order.ca,
        order.directory,
        order.account,
        order.url,
        order.finalize_url,
        order.certificate_url,
        order.csr_sha256,
        stamp(order.expires),
        json.dumps([astuple(proof) for proof in order.proofs]),
        order.message,
        stamp(order.sent_at),
        stamp(order.searched_at),
        stamp(order.again_at),
    )


def ca_of(row: Sequence[Any]) -> CA:
    """The CA in a row of `CA_COLUMNS`."""
    name, directory, command, trust, email, account_url, protection, secret_ref, created_at = row
    return CA(
        name,
        directory=directory,
        command=command,
        trust=trust,
        email=email,
        account_url=account_url,
        custody=None if protection is None else ACCOUNT_CUSTODIES[protection],
        secret_ref=secret_ref,
        created_at=moment(created_at),
    )


def stamp(moment: datetime | None) -> str | None:
    """A time as text that sorts as the times do; None stays None."""
    return moment.isoformat(timespec="microseconds") if moment is not None else None


@lru_cache(maxsize=16)
def moment(text: str | None) -> datetime | None:
    """The aware time in a stamp."""
    return datetime.fromisoformat(text) if text is not None else None
