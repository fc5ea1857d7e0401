"""Stopping and going on: the shell gets its terminal whole, and returns one that has to be set and painted anew."""

from __future__ import annotations

import os
import signal
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.drivers.linux_driver import LinuxDriver

MODES = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1004h\x1b[?2004h"
"""The other screen, no cursor, no wrapping; the focus and pastes are reported."""


def has_shell() -> bool:
    """Whether somebody could bring this process back after a stop: not where its group is that of the whole session."""
    return os.getpgrp() != os.getsid(0)


class JobControl:
    """For a driver that has started; Textual's own starts one more reader of the keyboard at each SIGCONT."""

    def __init__(self, driver: LinuxDriver) -> None:
        self._driver = driver
        self._raw = termios.tcgetattr(driver.fileno)

    def stop(self) -> None:
        """Give the terminal back and stop, until a shell brings this process to the front; at once where none could."""
        self._driver.suspend_application_mode()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # the kernel drops it where no shell is there to go on with us
        with suppress(OSError):  # no terminal that controls us
            while os.tcgetpgrp(self._driver.fileno) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)  # after bg
        self._driver.resume_application_mode()

    def resume(self) -> None:
        """After a stop that nobody announced: set what a shell may have changed, and leave the reader alone."""
        termios.tcsetattr(self._driver.fileno, termios.TCSANOW, self._raw)
        self._driver.write(MODES)
        self._driver._enable_mouse_support()  # noqa: SLF001  # its sequences; flushes
