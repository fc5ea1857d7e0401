"""A record in words: its page, its line in a list, and how its key is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from csr_tui.core import facts, rules, validity
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Origin, Record, State
from csr_tui.core.text import visible
from csr_tui.lifecycle import drafts


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
    return visible(facts.domain(record))


def page(record: Record, now: datetime, *, replaced: bool = False) -> str:
    """Everything about a record, a line for each thing; `replaced` where a renewal has its certificate."""
    rows = [
        ("" if number else fact.label.lower(), visible(value))
        for fact in facts.facts(record, now, replaced=replaced)
        for number, value in enumerate(fact.values)
    ]
    if record.damage:
        rows.append(("", "csr-tui doctor --mend copies what can still be read"))
    rows += [("" if number else "earlier", line) for number, line in enumerate(history(record))]
    rows += [("differs", line.strip()) for line in differences(record)]
    rows += [(str(found.level), f"{found.field}: {visible(found.message)}") for found in rules.check(record)]
    width = max(len(label) for label, _ in rows)
    return "".join(f"{label:<{width}}  {value}\n" for label, value in rows)


def renewing(old: Record, draft: Record, first: Record | None, now: datetime) -> Iterator[str]:
    """What there is to say of a renewal that was just begun; `first` is the oldest record with its key."""
    if before := old.lineage.renewed_by:
        yield f"It was renewed before: {facts.listed(before)}."
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
            facts.moment(one.updated_at).removesuffix(" UTC") if ending is None else _ends(one, ending),
            domain(one)
            if ending is None or not one.lineage.renewed_by
            else f"{domain(one)} ({_renewal(one, replaced)} {facts.listed(one.lineage.renewed_by)})",
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
            yield f"{facts.moment(one.not_before)} to {facts.moment(one.not_after)}, serial number {one.serial}"
