"""Pacer: so many calls of one kind within any second, for everything in this process."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from csr_tui.tencent.api import CALLS_A_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

WINDOW = 1.025
"""Seconds: a little more than one, for two calls never take the same time to arrive."""


class Pacer:
    """Hands out the moments at which calls may leave, first come, first served."""

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
        self._moments: defaultdict[Hashable, deque[float]] = defaultdict(lambda: deque(maxlen=calls))

    def wait(self, kind: Hashable) -> None:
        """Return when the next call of this kind may leave."""
        with self._lock:
            now, moments = self._clock(), self._moments[kind]
            moment = now if len(moments) < self._calls else max(now, moments[0] + self._window)
            moments.append(moment)
        if moment > now:
            self._sleep(moment - now)


SHARED = Pacer()
"""The one of this process."""
