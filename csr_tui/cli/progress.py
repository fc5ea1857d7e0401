"""The progress of a long action on standard error: one redrawn line, or whole lines at a plain terminal."""

from __future__ import annotations

import sys
import time

from csr_tui.cli import output
from csr_tui.core.progress import line

EVERY = 0.1
"""Seconds between two looks of the line."""

EVERY_LINE = 10.0
"""Seconds between two lines that stay."""

ERASE = "\r\x1b[K"


class Progress:
    """Called with what is being done, how much of it is, and of how much; remembers the last it was told."""

    def __init__(self, *, plain: bool = False) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._plain = plain
        self._drawn = 0.0
        self._begun = 0.0
        self.what = ""
        self.done = self.total = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self.what:
            self._begun, self._drawn = now, 0.0
        self.what, self.done, self.total = what, done, total
        if self._shown and now - self._drawn >= (EVERY_LINE if self._plain else EVERY):
            self._drawn = now
            text = line(what, done, total, now - self._begun)
            sys.stderr.write(f"{text}\n" if self._plain else f"{ERASE}{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, before anything else is written."""
        if self._shown and not self._plain:
            sys.stderr.write(ERASE)
            sys.stderr.flush()

    def interrupted(self) -> None:
        """Say how far it came, and that nothing of that is lost."""
        self.clear()
        if self.total:
            output.say(
                f"Stopped at {self.what}: {self.done:,} of {self.total:,}. Run the same command again to continue."
            )
