"""What a CA will do with each part of a request: keep it, drop it, limit it, or refuse the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from csr_tui.core import extra, validity
from csr_tui.core.fields import FIELDS, texts_of
from csr_tui.core.findings import Level
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Purpose, Record
from csr_tui.core.rules.record_check import check
from csr_tui.core.usages import USAGES, MainName


class Treatment(Enum):
    """What becomes of a part."""

    KEPT = "kept"
    DROPPED = "dropped"
    REFUSED = "refused"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One part of the request, what becomes of it, and why."""

    part: str
    treatment: Treatment
    reason: str


def forecast(record: Record, today: date) -> tuple[Expectation, ...]:
    """In the order of the request; what is empty is not spoken of."""
    usage = USAGES[record.usage]
    if "usage" in _refused(record):
        return (Expectation("usage", Treatment.REFUSED, "see the findings"),)
    if record.purpose is Purpose.PUBLIC and usage.serves:
        return tuple(_public(record, today))
    if record.purpose is Purpose.PUBLIC and usage.main is MainName.MAILBOX:
        return tuple(_mail(record))
    return tuple(_private(record))


def _refused(record: Record) -> set[str]:
    return {finding.field for finding in check(record) if finding.level is Level.ERROR}


def _public(record: Record, today: date) -> Iterator[Expectation]:
    parts, refused = record.subject, _refused(record)
    if record.sans:
        yield _part("names", refused & ({"sans", "domain"} if parts.domain else {"sans"}), "those you prove control of")
    if parts.organization:
        yield _part(
            "organization and place",
            refused & {"organization", "province", "city", "country"},
            "in an OV certificate, once checked; a DV certificate drops them",
        )
    elif any((parts.province, parts.city, parts.country)):
        yield Expectation("place", Treatment.DROPPED, "a place needs an organization")
    for field in FIELDS:
        if field.dropped and getattr(parts, field.name):
            yield Expectation(field.name, Treatment.DROPPED, field.dropped)
    lines = filter(None, (row for row, _ in map(extra.parse, record.extra)))
    yield from (Expectation(row.name, Treatment.DROPPED, row.dropped) for row in dict.fromkeys(lines))
    yield _part("key", refused & {"algorithm", "key_parameter"}, label_of(record.key))
    yield Expectation("validity", Treatment.LIMITED, validity.limits(today))


def _mail(record: Record) -> Iterator[Expectation]:
    """By the S/MIME Baseline Requirements: 7.1.4.2 for the subject, 6.3.2 for the validity."""
    refused = _refused(record)
    yield _part("mailboxes", refused & {"sans", "domain", "email"}, "those you prove control of")
    if any(texts_of(replace(record.subject, domain="", email=""))):
        reason = "with your organization in it, once that is checked; with the mailbox alone, the CA drops the rest"
        yield Expectation("subject", Treatment.KEPT, reason)
    yield _part("key", refused & {"algorithm", "key_parameter"}, label_of(record.key))
    yield Expectation("validity", Treatment.LIMITED, "at most 825 days")


def _private(record: Record) -> Iterator[Expectation]:
    if record.sans:
        yield Expectation("names", Treatment.KEPT, "if your CA's profile copies them from the request")
    if any(texts_of(record.subject)[1:]):
        yield Expectation("subject", Treatment.KEPT, "if your CA's policy agrees; many replace it")
    yield Expectation("key", Treatment.KEPT, label_of(record.key))
    if record.extra:
        yield Expectation("extra lines", Treatment.KEPT, "if your CA's profile copies them from the request")
    if not USAGES[record.usage].usual:
        yield Expectation("usage", Treatment.KEPT, "if your CA's profile copies the extensions; others set their own")


def _part(part: str, refused: set[str], reason: str) -> Expectation:
    if refused:
        return Expectation(part, Treatment.REFUSED, "see the findings")
    return Expectation(part, Treatment.KEPT, reason)
