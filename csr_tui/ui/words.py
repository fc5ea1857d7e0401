"""Short words for records, the same on every screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from csr_tui.core import host_names
from csr_tui.core.fields import field_label
from csr_tui.core.findings import Level
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Origin, Record, State, Tag
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES
from csr_tui.core.validity import days_left
from csr_tui.storage import Query, Sort
from csr_tui.vault import VaultState, VaultStatus

if TYPE_CHECKING:
    from csr_tui.core.csr import Difference

SIGNS = {Level.ERROR: ("✗", "$error"), Level.WARNING: ("!", "$warning"), Level.HINT: ("›", "$muted")}
"""Level of a finding -> its sign and style."""

STATES = {None: "All records", State.DRAFT: "Drafts", State.GENERATED: "CSR ready", State.ISSUED: "Issued"}
ORIGINS = {None: "anywhere", Origin.LOCAL: "here or by token", Origin.TENCENT: "at Tencent Cloud"}
USAGE_NAMES: dict[str | None, str] = {None: "any", **{usage.name: usage.label for usage in USAGES.values()}}
ORDERS = {
    Sort.CHANGED: "by last change",
    Sort.DOMAIN: "by domain",
    Sort.EXPIRY: "by expiry",
    Sort.STATE: "by state",
    Sort.KEY: "by key",
    Sort.TAGS: "by tags",
    Sort.NAMES: "by names",
    Sort.ORGANIZATION: "by organization",
    Sort.ISSUER: "by issuer",
}


def with_sign(level: Level, text: str) -> Content:
    """The text of a finding after the sign of its level."""
    sign, style = SIGNS[level]
    return Content.styled(f"{sign} {escaped(text)}", style)


def domain_name(record: Record) -> str:
    """The main name, in Unicode where it has it."""
    return escaped(host_names.to_unicode(record.subject.domain))


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
    """How long since, in ten cells."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86400:
        return f"{seconds // 3600} h ago"
    days = seconds // 86400
    return "yesterday" if days == 1 else f"{days} d ago"


def expiry_text(not_after: datetime, now: datetime) -> str:
    """How far away the end of a certificate is, in ten cells; a date would need its zone beside it."""
    days = abs(days_left(not_after, now))
    hours = int(abs((not_after - now).total_seconds()) // 3600)
    span = f"{days} d" if days else f"{hours} h" if hours else "< 1 h"
    return f"{span} ago" if not_after <= now else f"in {span}"


def describe_query(query: Query) -> str:
    """What is listed, in words; what was typed in the search stands beside them."""
    parts = [STATES[query.state]]
    if query.origin is not None:
        parts.append(f"key generated {ORIGINS[query.origin]}")
    if query.usage is not None:
        parts.append(f"for {USAGE_NAMES[query.usage]}")
    if query.tag is not None:
        parts.append(f"tag {tag_text(query.tag)}")
    if query.expiring_before is not None:
        parts.append(f"expiring before {query.expiring_before:%Y-%m-%d} UTC")
    return escaped(" · ".join((*parts, ORDERS[query.sort] + (", reversed" if query.reverse else ""))))


def tag_text(tag: Tag) -> str:
    """A tag as it is typed here; one without a value stands for any value."""
    return str(tag) if tag.value else tag.key


def differences_text(found: Sequence[Difference]) -> Content:
    """A line for what was asked, and one for what came, of each part that differs."""
    lines: list[Content] = []
    for one in found:
        asked, got = one.shown
        lines.append(Content.assemble((f"{field_label(one.field):<14} ", "bold"), ("asked ", "$muted"), asked))
        lines.append(Content.assemble(" " * 15, ("got   ", "$warning"), got))
    return Content("\n").join(lines)
