"""A record in words: its page, its line in a list, and how its key is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import names, rules, validity
from csr_tui.core.fields import FIELDS
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.core.text import visible
from csr_tui.lifecycle import drafts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

SAID_IDS = 5


def key(record: Record) -> str:
    """The kind of key."""
    return visible(label_of(record.key))


def made(record: Record) -> str:
    """Where the key was made, or what is at Tencent Cloud of a draft."""
    sent = record.submission
    if record.state is not State.DRAFT:
        if record.origin is Origin.LOCAL:
            return "FILE" if record.key_file else "HERE"
        return "SANDBOX" if record.submission is not None and record.submission.in_sandbox else "TENCENT"
    return f"({sent.stage})" if sent is not None else ""


def domain(record: Record) -> str:
    """The domain for people, in Unicode where it has it."""
    return visible(names.shown(record.subject.domain)) or "(no domain yet)"


def moment(time: datetime | None) -> str:
    """To the minute, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def page(record: Record, now: datetime, *, replaced: bool = False) -> str:
    """Everything about a record, a line for each thing; `replaced` where a renewal has its certificate."""
    rows = [(label, value) for label, value in _rows(record, now, replaced=replaced) if value]
    width = max(len(label) for label, _ in rows)
    return "".join(f"{label:<{width}}  {value}\n" for label, value in rows)


def renewing(old: Record, draft: Record, first: Record | None, now: datetime) -> Iterator[str]:
    """What there is to say of a renewal that was just begun; `first` is the oldest record with its key."""
    if before := old.lineage.renewed_by:
        yield f"It was renewed before: {_ids(before)}."
    if draft.lineage.same_key and first is not None:
        yield f"It will use the same key again, which {drafts.key_age(first, now)}."


def table(records: Sequence[Record], *, ending: datetime | None = None, replaced: frozenset[str] = frozenset()) -> str:
    """A line for each record: when it changed or, where `ending` is the time, when its certificate ends.

    `replaced` are the ids of those whose renewal has its certificate.
    """
    rows = [
        (
            one.id,
            "damaged" if one.damage else str(one.state),
            made(one),
            key(one),
            moment(one.updated_at).removesuffix(" UTC") if ending is None else _ends(one, ending),
            domain(one)
            if ending is None or not one.lineage.renewed_by
            else f"{domain(one)} ({_renewal(one, replaced)} {_ids(one.lineage.renewed_by)})",
        )
        for one in records
    ]
    head = ("ID", "STATE", "MADE", "KEY", "CHANGED (UTC)" if ending is None else "ENDS", "DOMAIN")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(5)]
    return "".join(
        "  ".join((*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[5])) + "\n"
        for row in (head, *rows)
    )


def _renewal(record: Record, replaced: frozenset[str]) -> str:
    return "renewed by" if record.id in replaced else "renewal without a certificate yet:"


def _ends(record: Record, now: datetime) -> str:
    if record.not_after is None:
        return ""
    return f"{record.not_after:%Y-%m-%d} ({validity.left(record.not_after, now)})"


def differences(record: Record) -> Iterator[str]:
    """Where the CSR or the certificate says something else than was asked for, a line each."""
    if record.csr is None:
        return
    from csr_tui.core import certificate

    for one in certificate.differences_of(record):
        asked, got = one.shown
        yield f"  {one.field}: asked {asked}, got {got}"


def history(record: Record) -> Iterator[str]:
    """The certificates that a record had before, the last first, a line each."""
    if record.earlier:
        from csr_tui.core import certificate

        for one in certificate.earlier(record):
            yield f"{moment(one.not_before)} to {moment(one.not_after)}, serial number {one.serial}"


def _custody(record: Record) -> str:
    if record.has_key:
        return record.custody.sentence
    return (
        f"to be {record.custody.sentence}" if record.state is State.DRAFT else "which stayed at Tencent Cloud (keyless)"
    )


def _remote(record: Record) -> Iterator[tuple[str, str]]:
    sent = record.submission
    if sent is None:
        return
    status = {0: "not generated", 1: "generated"}.get(sent.status if sent.status is not None else -1, "")
    there = ", ".join(filter(None, (f"CSR {sent.csr_id}" if sent.csr_id is not None else "", status)))
    yield "tencent", f"{sent.stage}{f': {there}' if there else ''} ({sent.endpoint})"
    yield "", visible(sent.message)
    yield "request id", visible(sent.request_id or "")


def _lineage(record: Record, *, replaced: bool) -> Iterator[tuple[str, str]]:
    lineage = record.lineage
    if lineage.renews is not None:
        yield "renews", f"{lineage.renews}, with {'the same' if lineage.same_key else 'a new'} key"
    yield "renewed by" if replaced else "renewal", _ids(lineage.renewed_by)
    yield "copied from", lineage.copied_from or ""
    yield "copies", _ids(lineage.copies)


def _ids(ids: Sequence[str]) -> str:
    more = len(ids) - SAID_IDS
    return ", ".join(ids[:SAID_IDS]) + (f" and {more} more" if more > 0 else "")


def _rows(record: Record, now: datetime, *, replaced: bool) -> Iterator[tuple[str, str]]:
    yield "domain", domain(record)
    yield "id", f"{record.id} (revision {record.revision})"
    there = "in the sandbox" if record.submission is not None and record.submission.in_sandbox else "at Tencent Cloud"
    where = "here" if record.origin is Origin.LOCAL else there
    made = f", made {where} on {moment(record.generated_at)}" if record.state is not State.DRAFT else ""
    if record.damage:
        yield (
            "damaged",
            f"the store cannot read its {', '.join(record.damage)}; csr-tui doctor --mend copies what it can",
        )
    yield "state", f"{record.state}{made}{', in the trash' if record.trashed_at else ''}"
    yield "key", f"{key(record)}, {_custody(record)}"
    yield "key file", visible(record.key_file)
    yield from _remote(record)
    yield "purpose", f"{record.purpose} CA"
    for field in FIELDS[1:]:
        yield field.name, visible(getattr(record.subject, field.name))
    for number, name in enumerate(record.sans):
        yield "" if number else "names", visible(names.shown(name))
    yield from _lineage(record, replaced=replaced)
    yield "remark", visible(record.remark)
    for number, tag in enumerate(record.tags):
        yield "" if number else "tags", f"{visible(tag.key)}={visible(tag.value)}"
    yield "fingerprint", record.key_fingerprint or ""
    if record.not_after is not None:
        yield "certificate", f"valid until {moment(record.not_after)} ({validity.left(record.not_after, now)})"
        if record.purpose is Purpose.PUBLIC and not record.lineage.renewed_by:
            longest = validity.longest(record.not_after.date())
            yield "", f"one that is issued when it ends lasts {longest} days at most (BR 6.3.2)"
    for number, line in enumerate(history(record)):
        yield "" if number else "earlier", line
    yield "created", moment(record.created_at)
    yield "changed", moment(record.updated_at)
    for line in differences(record):
        yield "differs", line.strip()
    for found in rules.check(record):
        yield str(found.level), f"{found.field}: {visible(found.message)}"
