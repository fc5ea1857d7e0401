"""How far a long action is, in words."""

from __future__ import annotations


def line(what: str, done: int, total: int, seconds: float) -> str:
    """So much of so much; after the first second with the rate and the time that is left at it."""
    share = done / total if total else 1.0
    shown = f"{what} {done:,} of {total:,}  {share:4.0%}"
    if seconds < 1 or not done:
        return shown
    rate = done / seconds
    left = int((total - done) / rate)
    return f"{shown}  {rate:,.0f} a second, {left // 60}:{left % 60:02} left"
