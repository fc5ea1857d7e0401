"""Pacer: so many calls of one kind within any second, for everything in this process."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable

from csr_tui.tencent.api import CALLS_A_SECOND

WINDOW = 1.025
"""Seconds: a little more than one, for two calls never take the same time to arrive."""


class Slot:
    """One call's place in the queue; `left` is called when its first byte goes, or when none ever will."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = threading.Event()
        self._at = 0.0

    def left(self) -> None:
        """The call's time counts from now on, for connecting may have taken any; said twice, the first counts."""
        if not self._left.is_set():
            self._at = self._clock()
            self._left.set()

    def wait(self) -> float:
        """Return, once the call has left, when that was."""
        self._left.wait()
        return self._at


class Pacer:
    """First come, first served: a call leaves a `window` after the one that was `calls` places before it."""

    def __init__(
        self,
        *,
        calls: int = CALLS_A_SECOND,
        window: float = WINDOW,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls = calls
        self._window = window
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._slots: defaultdict[Hashable, deque[Slot]] = defaultdict(lambda: deque(maxlen=calls))

    def wait(self, kind: Hashable) -> Slot:
        """Return when the next call of this kind may leave."""
        slot = Slot(self._clock)
        with self._lock:
            slots = self._slots[kind]
            before = slots[0] if len(slots) == self._calls else None
            slots.append(slot)
        try:
            if before is not None and (rest := before.wait() + self._window - self._clock()) > 0:
                self._sleep(rest)
        except BaseException:
            slot.left()
            raise
        return slot


SHARED = Pacer()
"""The one of this process."""
