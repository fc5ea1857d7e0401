"""What is known of a record, in words: each fact once, for every face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from csr_tui.core import host_names, validity
from csr_tui.core.fields import FIELDS
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.core.usages import USAGES

MAX_IDS = 5

STAGES = {
    OrderStage.INTENT: "nothing sent yet",
    OrderStage.ORDERING: "placing the order",
    OrderStage.ORDERED: "order placed",
    OrderStage.PROVING: "the CA checks the proofs",
    OrderStage.FINALISING: "CSR sent",
    OrderStage.FETCHING: "certificate issued, not here yet",
    OrderStage.CONFIRMED: "certificate attached",
    OrderStage.REFUSED: "refused",
    OrderStage.UNKNOWN: "outcome unknown",
    OrderStage.EXPIRED: "order expired",
}


class Topic(Enum):
    """What a fact is about."""

    REQUEST = auto()
    STATE = auto()
    REMOTE = auto()
    OWN = auto()


class RecordFact(NamedTuple):
    """A label, and texts as they were typed or came: a face escapes them."""

    topic: Topic
    label: str
    values: tuple[str, ...]


def facts(record: Record, now: datetime, *, replaced: bool = False) -> tuple[RecordFact, ...]:
    """What the record asks for, how far it is, what is known of it elsewhere, and what is kept with it.

    What is empty is left out; `replaced` where a renewal has its certificate.
    """
    topics = (
        (Topic.REQUEST, _request(record)),
        (Topic.STATE, _state(record, now)),
        (Topic.REMOTE, _remote(record)),
        (Topic.OWN, _own(record, replaced=replaced)),
    )
    return tuple(
        RecordFact(topic, label, tuple(values)) for topic, found in topics for label, *values in found if any(values)
    )


def domain(record: Record) -> str:
    """The domain in Unicode, where it has it."""
    return host_names.to_unicode(record.subject.domain) or "(no domain yet)"


def certreq(record: Record) -> str:
    """How a Microsoft CA takes the request; its template belongs there, for one in the CSR could not be corrected."""
    from csr_tui.core.bundle import stem  # which reads names: not before the first paint

    return f'certreq -submit -attrib "CertificateTemplate:NAME" {stem(record.subject.domain)}.csr'


def moment(time: datetime | None) -> str:
    """To the minute, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def _request(record: Record) -> Iterator[tuple[str, ...]]:
    yield USAGES[record.usage].main.value, domain(record)
    for field in FIELDS[1:]:
        yield field.label, getattr(record.subject, field.name)
    yield "Names", *map(host_names.to_unicode, record.sans)
    yield "Extra lines", *record.extra
    yield "Key", label_of(record.key)
    yield "Purpose", f"{record.purpose} CA"
    if not USAGES[record.usage].usual:
        yield "Usage", USAGES[record.usage].label


def _state(record: Record, now: datetime) -> Iterator[tuple[str, ...]]:
    if record.damage:
        yield "Damaged", f"the store cannot read its {', '.join(record.damage)}"
    where = _PLACES.get(record.origin, f"at {record.place}")
    made = "" if record.state is State.DRAFT else f"generated {where} on {moment(record.generated_at)}"
    state = "" if record.state is State.GENERATED else str(record.state)
    yield "State", ", ".join(filter(None, (state, made, "in the trash" if record.trashed_at else "")))
    yield from _order(record)
    if record.not_after is not None:
        left = validity.left(record.not_after, now)
        until = (
            f"expired on {moment(record.not_after)}"
            if record.not_after <= now
            else f"valid until {moment(record.not_after)}"
        )
        yield "Certificate", f"{until} ({left.removeprefix('expired ')})"
        if record.purpose is Purpose.PUBLIC and not record.lineage.renewed_by:
            longest = validity.longest(record.not_after.date())
            yield "Next lifetime", f"{longest} days at most, if issued when this one expires (BR 6.3.2)"
    yield "Fingerprint", record.key_fingerprint or ""


def _order(record: Record) -> Iterator[tuple[str, ...]]:
    order = record.order
    if order is None:
        yield "CA", record.ca or ""
        return
    until = f", until {moment(order.expires)}" if order.is_open and order.expires is not None else ""
    yield "CA", f"{order.ca}, {STAGES[order.stage]}{until}"
    for proof in order.unproven if order.is_open else ():
        yield "Prove", proof.place, proof.value, *filter(None, (proof.whole_note,))
    yield "Message", order.message


_PLACES: dict[Origin | None, str] = {Origin.LOCAL: "here", Origin.TOKEN: "with a key on a token"}


def _remote(record: Record) -> Iterator[tuple[str, ...]]:
    sent = record.submission
    if sent is None:
        return
    status = {0: "not generated", 1: "generated"}.get(-1 if sent.status is None else sent.status, "status unknown")
    yield "CSR", f"{sent.csr_id}, {status}" if sent.csr_id is not None else ""
    yield "Submission", str(sent.stage)
    yield "Endpoint", sent.endpoint.removeprefix("https://")
    yield "Request id", sent.request_id or ""
    yield "Message", sent.message


def _own(record: Record, *, replaced: bool) -> Iterator[tuple[str, ...]]:
    lineage = record.lineage
    yield "Private key", _custody(record)
    yield "Key file", record.key_file
    yield "Token key", str(record.token) if record.token is not None else ""
    yield "Attestation", "attached" if record.attestation else ""
    yield "Remark", record.remark
    yield "Tags", *map(str, record.tags)
    if lineage.renews is not None:
        yield "Renews", f"{lineage.renews}, with {'the same' if lineage.same_key else 'a new'} key"
    yield "Renewed by" if replaced else "Renewal", listed(lineage.renewed_by)
    yield "Copied from", lineage.copied_from or ""
    yield "Copies", listed(lineage.copies)
    yield "Id", f"{record.id} (revision {record.revision})"
    yield "Created", moment(record.created_at)
    yield "Changed", moment(record.updated_at)


def _custody(record: Record) -> str:
    if record.has_key or (record.token is not None and record.state is not State.DRAFT):
        return record.custody.verified if record.token is None else record.custody_text
    if record.state is State.DRAFT:
        return f"to be {record.custody_text}"
    return f"not on this machine: it stayed at {record.place}"


def listed(ids: Sequence[str]) -> str:
    """The first ids, and how many more there are."""
    more = len(ids) - MAX_IDS
    return ", ".join(ids[:MAX_IDS]) + (f" and {more} more" if more > 0 else "")
