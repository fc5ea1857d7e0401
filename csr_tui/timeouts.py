"""Calls that may never come back: each in a daemon thread, with a limit, and none behind one that is still out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from csr_tui.errors import CsrTuiError

Result = TypeVar("Result")

NOTICE = 2.0
"""Seconds after which the program names what it waits for."""

STEP = 0.5
"""Seconds of one wait, whatever the clock shows after it."""

GRACE = 1.0
"""Seconds that a call which overstayed is given once more, before the next one is refused."""


class TimedOutError(CsrTuiError):
    """A call did not come back in time, or an earlier one still has not; as its text states."""


class Timeouts:
    """One at a time may be stuck: as long as it is, what follows is refused instead of waiting as long again."""

    def __init__(self, whose: str, waiting: Callable[[], None]) -> None:
        """`whose` calls they are begins the sentences, such as `The keyring`; `waiting` is called after a while."""
        self._whose = whose
        self._waiting = waiting
        self._stuck: _Call[Any] | None = None

    def run(
        self,
        limit: float,
        function: Callable[[], Result],
        *,
        on_late: Callable[[], object] = lambda: None,
        insist: bool = False,
    ) -> Result:
        """What `function` returns or raises; TimedOutError where that takes longer than `limit` seconds.

        `on_late` is run, in its thread, if it comes back after nobody waits any more: past the limit, or interrupted.
        With `insist` it is called even while an earlier call is stuck.
        """
        if not insist:
            self._refuse_while_stuck()
        call = _Call(function, on_late)
        threading.Thread(target=call.run, daemon=True).start()
        try:
            if not _waited(call.over, min(limit, NOTICE)) and limit > NOTICE:
                self._waiting()
                _waited(call.over, limit - NOTICE)
        finally:
            if not call.came_back():
                self._stuck = call
        if call.left:
            raise TimedOutError(f"{self._whose} did not respond within {limit:.0f} seconds.")
        if insist:
            self._stuck = None
        return call.result()

    def _refuse_while_stuck(self) -> None:
        if self._stuck is not None and not self._stuck.over.wait(GRACE):
            raise TimedOutError(f"{self._whose} has not responded to an earlier call, and still does not respond.")
        self._stuck = None


def _waited(over: threading.Event, seconds: float) -> bool:
    """Wait in steps, so that the time in which this process was stopped (Ctrl+Z) counts as one of them."""
    while seconds > 0:
        if over.wait(min(STEP, seconds)):
            return True
        seconds -= STEP
    return over.is_set()


class _Call(Generic[Result]):
    """One call, and whether it came back while somebody waited for it.

    It is waited for by `over`: a join that a signal interrupts makes Python 3.11 take a running thread for a dead one.
    """

    def __init__(self, function: Callable[[], Result], on_late: Callable[[], object]) -> None:
        self.over = threading.Event()
        self.left = False
        self._function = function
        self._on_late = on_late
        self._returned = False
        self._lock = threading.Lock()
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._function())
        except BaseException as error:  # noqa: BLE001  # backends raise whatever their libraries do
            self._error = error
        with self._lock:
            self._returned = True
        if self.left:
            with suppress(BaseException):  # nobody waits for it any more
                self._on_late()
        self.over.set()

    def came_back(self) -> bool:
        """Whether it has returned; if not, it counts as left behind from now on."""
        with self._lock:
            self.left = not self._returned
            return self._returned

    def result(self) -> Result:
        if isinstance(self._error, Exception):
            raise self._error
        if self._error is not None:  # SystemExit and its like are the thread's affair, not the program's
            raise RuntimeError(type(self._error).__name__)
        return self._results[0]
