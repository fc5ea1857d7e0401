"""How long certificates last: what is left of one, and what public CAs may give."""

from __future__ import annotations

from datetime import date, datetime

from csr_tui.core.text import counted

LIMITS = ((date(2020, 9, 1), 398), (date(2026, 3, 15), 200), (date(2027, 3, 15), 100), (date(2029, 3, 15), 47))
"""From which day on a public TLS certificate lasts how many days at most (BR 6.3.2)."""

SOON = 30
"""Days before its end from which on a certificate is marked."""


def longest(day: date) -> int:
    """How many days a public certificate that is issued on this day lasts at most."""
    return next(days for begins, days in reversed(LIMITS) if begins <= max(day, LIMITS[0][0]))


def limits(day: date) -> str:
    """What holds on this day and what comes after it, as a part of a sentence."""
    coming = ", ".join(f"{days} from {begins:%Y-%m-%d}" for begins, days in LIMITS if begins > day)
    return f"{longest(day)} days at most{f'; {coming}' if coming else ''} (BR 6.3.2)"


def left(not_after: datetime, now: datetime) -> str:
    """What is left of a certificate, in words: `in 12 days`, `in 5 hours`, `expired 3 days ago`."""
    days = abs(days_left(not_after, now))
    hours = int(abs((not_after - now).total_seconds()) // 3600)
    span = counted(days, "day") if days else counted(hours, "hour") if hours else "less than an hour"
    return f"expired {span} ago" if now >= not_after else f"in {span}"


def days_left(not_after: datetime, now: datetime) -> int:
    """Whole days until its end; negative after it."""
    seconds = (not_after - now).total_seconds()
    return int(seconds // 86400) if seconds >= 0 else -int(-seconds // 86400)
