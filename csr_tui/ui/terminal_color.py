"""Whether the terminal is light: asked before the desk is imported, so that nothing waits for the answer."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from csr_tui.core.secret import Environ, variable

QUERY = b"\x1b]11;?\x07"
"""OSC 11: which colour is the background?"""

ANSWER = re.compile(r"\x1b\]11;rgba?:([\da-fA-F]{1,4})/([\da-fA-F]{1,4})/([\da-fA-F]{1,4})")

LATEST = 0.1
"""Seconds that a failed start waits for the answer, which the shell would take for input."""


class Terminal(NamedTuple):
    """A terminal that was asked: its own settings, and what it has sent so far, keys too."""

    settings: list[Any] | None = None
    sent: str = ""


NOT_ASKED = Terminal()


@contextmanager
def ask_background(environ: Environ) -> Iterator[ColorQuery]:
    """Ask where there is a terminal that knows colours; its settings return as they were."""
    question = ColorQuery(environ)
    failed = True
    try:
        yield question
        failed = False
    finally:
        question.end(failed=failed)


class ColorQuery:
    """The terminal echoes nothing and hands on each key while it is open, as Textual will set it again."""

    def __init__(self, environ: Environ) -> None:
        self._before: list[Any] | None = None
        if "NO_COLOR" in environ or variable(environ, "TERM") in {"", "dumb", "linux"} or not _at_terminal():
            return
        try:
            self._before = termios.tcgetattr(0)
            settings = termios.tcgetattr(0)
            settings[0] &= ~(termios.IXON | termios.ICRNL | termios.INLCR | termios.IGNCR)
            settings[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
            termios.tcsetattr(0, termios.TCSANOW, settings)
            os.write(2, QUERY)
        except (OSError, termios.error):
            self.end(failed=False)

    def heard(self) -> Terminal:
        """What came so far: the answer perhaps, and keys that were typed meanwhile."""
        sent = b""
        while self._before is not None and select.select([0], [], [], 0)[0] and (more := os.read(0, 4096)):
            sent += more
        return Terminal(self._before, sent.decode(errors="replace"))

    def end(self, *, failed: bool) -> None:
        if self._before is None:
            return
        if failed:
            select.select([0], [], [], LATEST)
        termios.tcsetattr(0, termios.TCSAFLUSH if failed else termios.TCSANOW, self._before)
        self._before = None


def is_light(sent: str) -> bool | None:
    """Whether the answer in what was sent names a light colour; None where there is no answer."""
    if (answer := ANSWER.search(sent)) is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in answer.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5


def _at_terminal() -> bool:
    """Whether keys come from a terminal to which Textual writes."""
    return all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))
