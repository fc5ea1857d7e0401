"""A terminal that has gone: noticed by itself, for the signal of it goes to whoever leads the session alone."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

PATIENCE = 5.0
"""Seconds to save and to leave: Textual may wait for ever to write to a terminal that is gone."""


def watch(terminal: int, gone: Callable[[], object]) -> None:
    """Have `gone` called, in a thread, once nobody is at the other end; where that does not end the process, end it."""
    threading.Thread(target=_wait, args=(terminal, gone), name="hangup", daemon=True).start()


def _wait(terminal: int, gone: Callable[[], object]) -> None:
    poll = select.poll()
    poll.register(terminal, 0)  # a hang-up is told whatever is asked for
    while not poll.poll():
        pass
    with suppress(RuntimeError):  # the loop has ended meanwhile
        gone()
    time.sleep(PATIENCE)
    os._exit(128 + signal.SIGHUP)
