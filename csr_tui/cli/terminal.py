"""One line from a terminal, shown or not: the prompt comes again after Ctrl+Z and `fg`, and nothing hidden is shown."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from csr_tui.cli import output

TERMINAL = Path("/dev/tty")


def line(prompt: str) -> str:
    """What was typed, with its end; empty at the end of the input."""
    with _stopping(lambda: _write(prompt)):
        _write(prompt)
        return sys.stdin.buffer.readline().decode(errors="replace")


def secret(prompt: str) -> str:
    """What was typed, unseen; EOFError at the end of the input."""
    from getpass import getpass

    with _stopping(lambda: _write(prompt, TERMINAL), _set_echo):
        return getpass(prompt)


def is_gone() -> bool:
    """Whether the terminal has been closed."""
    return not sys.stdin.isatty()


@contextmanager
def _stopping(ask: Callable[[], None], show: Callable[..., None] = lambda **_: None) -> Iterator[None]:
    """Let the shell have a terminal that shows what is typed while the program is stopped, and `ask` again after that.

    A shell restores its own modes and not ours, or none at all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: int | FrameType | None) -> None:
        show(echo=True)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # returns when the program goes on, or at once where no shell would do that
        signal.signal(signal.SIGTSTP, stop)
        show(echo=False)

    def go_on(*_: int | FrameType | None) -> None:
        show(echo=False)
        ask()

    wanted = {signal.SIGTSTP: stop, signal.SIGCONT: go_on}
    before = {one: signal.getsignal(one) for one in wanted}
    wanted = {one: handler for one, handler in wanted.items() if before[one] is signal.SIG_DFL}
    for one, handler in wanted.items():
        signal.signal(one, handler)
    try:
        yield
    finally:
        for one in wanted:
            signal.signal(one, signal.SIG_DFL)


def _write(prompt: str, place: Path | None = None) -> None:
    if place is not None:
        with suppress(OSError):
            place.write_text(prompt, encoding="utf-8", errors="backslashreplace")
    else:
        output.prompt(prompt)


def _set_echo(*, echo: bool) -> None:
    import termios

    with suppress(OSError, termios.error):  # without a terminal, getpass reads standard input
        descriptor = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
        try:
            mode = termios.tcgetattr(descriptor)
            if bool(mode[3] & termios.ECHO) is not echo:
                mode[3] ^= termios.ECHO
                termios.tcsetattr(descriptor, termios.TCSAFLUSH, mode)
        finally:
            os.close(descriptor)
