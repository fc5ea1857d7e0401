"""Short words for what a record is, as every screen says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from csr_tui.core.facts import RecordFact
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Origin, Record, State, Tag
from csr_tui.core.submission import Stage
from csr_tui.core.text import visible
from csr_tui.core.validity import SOON, days_left, left
from csr_tui.storage import Query, Sort
from csr_tui.vault import VaultState, VaultStatus

if TYPE_CHECKING:
    from csr_tui.core.csr import Difference

STATES = {None: "All records", State.DRAFT: "Drafts", State.GENERATED: "Generated", State.ISSUED: "Issued"}
ORIGINS = {None: "anywhere", Origin.LOCAL: "here", Origin.TENCENT: "at Tencent Cloud"}
ORDERS = {Sort.CHANGED: "last change first", Sort.DOMAIN: "by domain", Sort.EXPIRY: "first to expire first"}

MAX_VALUES = 4
"""Of several values of a fact, so many are shown."""


def state_name(record: Record) -> str:
    """The state, and where the key was made; of a draft, how far it is at Tencent Cloud."""
    if record.damage:
        return "damaged"
    sent = record.submission
    if record.state is State.DRAFT:
        return f"draft ({sent.stage})" if sent is not None and sent.stage is not Stage.INTENT else "draft"
    if record.origin is Origin.LOCAL:
        return f"{record.state} HERE"
    return f"{record.state} {'SANDBOX' if sent is not None and sent.in_sandbox else 'TENCENT'}"


def fact_lines(facts: Iterable[RecordFact]) -> list[Content]:
    """A line for each fact, with the first of its values."""
    return [Content.assemble((f"{fact.label:<15}", "$muted"), visible(_joined(fact.values))) for fact in facts]


def _joined(values: Sequence[str]) -> str:
    more = len(values) - MAX_VALUES
    return ", ".join(values[:MAX_VALUES]) + (f" and {more} more" if more > 0 else "")


def key_name(record: Record) -> str:
    """The kind of key in ten cells."""
    return label_of(record.key)[:10]


def keyring_name(status: VaultStatus) -> str:
    """Which keyring there is, and how it stands with it, in a few cells; with the key that does something about it."""
    match status.state:
        case VaultState.OPEN:
            return f"✓ {status.name.partition(' (')[0]}"
        case VaultState.LOCKED:
            return "✗ keyring locked: V"
        case VaultState.MISSING:
            return "✗ no keyring: V"


def ago(then: datetime, now: datetime) -> str:
    """How long since, in words a person says; the date once it is more than a week."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86400:
        return f"{seconds // 3600} h ago"
    if seconds < 7 * 86400:
        days = seconds // 86400
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{then:%Y-%m-%d}"


def ends(not_after: datetime, now: datetime) -> str:
    """When a certificate ends, in eleven cells: the days that are left, or the date while it is far away."""
    if not_after <= now:
        return "ended"
    if (not_after - now).total_seconds() < 3600:
        return "in < 1 hour"
    return left(not_after, now) if days_left(not_after, now) < 100 else f"{not_after:%Y-%m-%d}"


def ending(not_after: datetime, now: datetime) -> str:
    """The mark of a certificate that ends soon, or has ended."""
    if not_after <= now:
        return "✗ ended"
    days = days_left(not_after, now)
    hours = int((not_after - now).total_seconds() // 3600)
    return "" if days > SOON else f"! {days} d" if days else f"! {hours} h" if hours else "! < 1 h"


def said(query: Query) -> str:
    """What is listed, in words; what was typed in the search stands beside them."""
    parts = [STATES[query.state]]
    if query.origin is not None:
        parts.append(f"made {ORIGINS[query.origin]}")
    if query.tag is not None:
        parts.append(f"tag {shown_tag(query.tag)}")
    if query.expiring_before is not None:
        parts.append(f"ending before {query.expiring_before:%Y-%m-%d}")
    return visible(" · ".join((*parts, ORDERS[query.sort])))


def shown_tag(tag: Tag) -> str:
    """A tag as it is typed here; one without a value stands for any value."""
    return str(tag) if tag.value else tag.key


def asked_and_got(found: Sequence[Difference]) -> Content:
    """A line for what was asked, and one for what came, of each part that differs."""
    lines: list[Content] = []
    for one in found:
        asked, got = one.shown
        lines.append(Content.assemble((f"{one.field:<12} ", "bold"), ("asked ", "$muted"), asked))
        lines.append(Content.assemble(" " * 13, ("got   ", "$warning"), got))
    return Content("\n").join(lines)
