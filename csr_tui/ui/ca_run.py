"""The way of one record to a CA: in a thread of its own, which goes on when its window is left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic

from csr_tui.errors import Fact
from csr_tui.lifecycle.attach import Offer


class CARun:
    """`work` is given what takes the messages of the CA, and `what` says what it does.

    `watched` says that a window shows how it ends.
    """

    def __init__(self, ca: str, what: str, work: Callable[[Callable[[str], None]], Offer | Fact]) -> None:
        self.ca = ca
        self.what = what
        self.watched = True
        self.messages: list[str] = []
        self._started = monotonic()
        self._end: Future[Offer | Fact] = Future()
        self._end.set_running_or_notify_cancel()
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return monotonic() - self._started

    async def end(self) -> Offer | Fact:
        """What it returns or raises; whoever waits for it may leave, and another one may wait."""
        return await asyncio.wrap_future(self._end)

    def _run(self, work: Callable[[Callable[[str], None]], Offer | Fact]) -> None:
        try:
            self._end.set_result(work(self.messages.append))
        except BaseException as error:  # noqa: BLE001  # handed over whole, to whoever awaits it
            self._end.set_exception(error)
