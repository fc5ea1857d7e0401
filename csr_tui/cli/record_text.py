"""A record in words: its page, its line in a list, and how its key is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from csr_tui.core import facts, rules, validity
from csr_tui.core.fields import field_label
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.core.text import counted, escaped
from csr_tui.lifecycle import drafts


def key(record: Record) -> str:
    return escaped(label_of(record.key))


def key_origin(record: Record) -> str:
    """Where the key was made, or what is at Tencent Cloud of a draft."""
    sent = record.submission
    if record.state is not State.DRAFT:
        match record.origin:
            case Origin.TOKEN:
                return "TOKEN"
            case Origin.TENCENT:
                return "SANDBOX" if record.in_sandbox else "TENCENT"
        return "FILE" if record.key_file else "HERE"
    return f"({sent.stage})" if sent is not None else ""


def domain(record: Record) -> str:
    """The domain for people, in Unicode where it has it."""
    return escaped(facts.domain(record))


def page(record: Record, now: datetime, *, replaced: bool = False) -> str:
    """Everything about a record, a line for each thing; `replaced` where a renewal has its certificate."""
    rows = [
        ("" if number else fact.label.lower(), escaped(value))
        for fact in facts.facts(record, now, replaced=replaced)
        for number, value in enumerate(fact.values)
    ]
    if record.state is State.GENERATED and record.purpose is Purpose.PRIVATE:
        rows.append(("microsoft ca", facts.certreq(record)))
    if record.damage:
        rows.append(("", "csr-tui doctor --mend copies the readable parts"))
    rows += [("" if number else "earlier", line) for number, line in enumerate(history(record))]
    rows += [("differs", line.strip()) for line in differences(record)]
    rows += [(str(found.level), escaped(found.labelled)) for found in rules.check(record)]
    width = max(len(label) for label, _ in rows)
    return "".join(f"{label:<{width}}  {value}\n" for label, value in rows)


def renewing(old: Record, draft: Record, first: Record | None, now: datetime) -> Iterator[str]:
    """Hints about a renewal that was just drafted; `first` is the oldest record with its key."""
    if before := old.lineage.renewed_by:
        yield f"Earlier renewals of {domain(old)}: {facts.listed(before)}."
    if draft.lineage.same_key and first is not None:
        yield f"The renewal of {domain(old)} reuses its key, which {drafts.key_age(first, now)}."


def table(records: Sequence[Record], now: datetime, renewals: Mapping[str, State], *, expiry: bool) -> str:
    """A line for each record. `expiry`: how long each certificate lasts and the next command, not the last change.

    `renewals` are the states of the furthest renewal of those records that have one, by their ids.
    """
    columns: list[tuple[str, list[str]]] = [
        ("ID", [one.id for one in records]),
        ("STATE", ["damaged" if one.damage else str(one.state) for one in records]),
        ("MADE", [key_origin(one) for one in records]),
        ("KEY", [key(one) for one in records]),
        ("ENDS (UTC)", [_ends(one, now, left=expiry) for one in records]),
        ("CHANGED (UTC)", [facts.moment(one.updated_at).removesuffix(" UTC") for one in records]),
        ("DOMAIN", [" ".join(filter(None, (domain(one), _renewal(one, renewals)))) for one in records]),
    ]
    if not set(columns[2][1]) - {"", "HERE"}:
        del columns[2]
    if expiry:
        columns[-2] = ("NEXT", [_next(one, renewals) for one in records])
    widths = [max(len(cell) for cell in (head, *cells)) for head, cells in columns[:-1]] + [0]
    rows = zip(*((head, *cells) for head, cells in columns), strict=True)
    return "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) + "\n" for row in rows
    )


def plain(records: Sequence[Record], now: datetime, renewals: Mapping[str, State], *, expiry: bool) -> str:
    """The same as a paragraph for each record, one fact per line."""
    return "\n".join(
        "".join(f"{name}: {fact}\n" for name, fact in _plain(one, now, renewals, expiry=expiry)) for one in records
    )


def _plain(record: Record, now: datetime, renewals: Mapping[str, State], *, expiry: bool) -> Iterator[tuple[str, str]]:
    yield "domain", domain(record)
    yield "id", record.id
    yield "state", "damaged" if record.damage else str(record.state)
    if place := key_origin(record):
        yield "made", place.strip("()").lower()
    yield "key", key(record)
    if record.not_after is not None:
        yield "ends", f"{facts.moment(record.not_after)}, {validity.left(record.not_after, now)}"
    if note := _renewal(record, renewals):
        yield "renewal", note.strip("()")
    if expiry and (step := _next(record, renewals)):
        yield "next", f"csr-tui {step}"
    yield "changed", facts.moment(record.updated_at)


def _renewal(record: Record, renewals: Mapping[str, State]) -> str:
    """What is known of the renewals of a record: only one with a certificate has renewed it."""
    match renewals.get(record.id):
        case None:
            return ""
        case State.ISSUED:
            what = "renewed by"
        case State.GENERATED:
            what = "renewal waiting for its certificate:"
        case State.DRAFT:
            what = "renewal drafted:"
    return f"({what} {facts.listed(record.lineage.renewed_by)})"


def _next(record: Record, renewals: Mapping[str, State]) -> str:
    """The command that brings a certificate in the place of this one closer."""
    if record.not_after is None:
        return ""
    newest = record.lineage.renewed_by[-1] if record.lineage.renewed_by else ""
    match renewals.get(record.id):
        case None:
            return f"renew {record.id}"
        case State.ISSUED:
            return ""
        case State.GENERATED:
            return f"attach {newest} FILE" if record.ca is None else f"obtain {newest}"
        case State.DRAFT:
            return f"generate {newest}"


def _ends(record: Record, now: datetime, *, left: bool) -> str:
    if record.not_after is None:
        return ""
    return f"{record.not_after:%Y-%m-%d}" + (f" ({validity.left(record.not_after, now)})" if left else "")


def differences(record: Record) -> Iterator[str]:
    """Where the CSR or the certificate differs from the request, one line each."""
    if record.csr is None:
        return
    from csr_tui.core import certificate

    for one in certificate.differences_of(record):
        asked, got = one.shown
        yield f"  {field_label(one.field)}: requested {asked}, got {got}"


def history(record: Record) -> Iterator[str]:
    """The certificates that a record had before, the last first, a line each."""
    if record.earlier:
        from csr_tui.core import certificate

        for one in certificate.earlier(record):
            yield f"{facts.moment(one.not_before)} to {facts.moment(one.not_after)}, serial number {one.serial}"


def lost_history(record: Record) -> str:
    """How many earlier certificates cannot be read; an empty text where all can."""
    lost = len(record.earlier) - len(list(history(record)))
    return f"{counted(lost, 'earlier certificate')} cannot be read: the store is damaged." if lost else ""
