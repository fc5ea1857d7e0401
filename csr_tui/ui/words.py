"""Short words for what a record is, as every screen says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import Origin, Record, State

if TYPE_CHECKING:
    from datetime import datetime

SHORT_KEYS = {"prime256v1": "ECC P-256", "secp384r1": "ECC P-384", "ed25519": "Ed25519"}


def state_name(record: Record) -> str:
    """The state, and where the key was made."""
    if record.state is State.DRAFT:
        return "draft"
    made = "here" if record.origin is Origin.LOCAL else "Tencent"
    return f"{record.state} · {made}" if record.state is State.ISSUED else "generated"


def key_name(record: Record) -> str:
    """The kind of key in ten cells."""
    return SHORT_KEYS.get(record.key.parameter, f"{record.key.algorithm} {record.key.parameter}"[:10])


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
