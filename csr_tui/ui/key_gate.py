"""Keys one by one: what follows a key that may change where keys go waits until that key has settled."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, get_current_worker

from csr_tui.ui.live_screen import is_live

Answer = TypeVar("Answer")
ScreenAnswer = TypeVar("ScreenAnswer")

PATIENCE = 1.5
"""Seconds that what a key has started may hold up those behind it."""

STUCK = 10.0
"""Seconds that the key itself may be on its way, where the machine is busy; it has no effect before that either."""

NOTICED = 0.3
"""Seconds after which a person may have read a window; a key before that was meant for what comes after it."""

BURST, SURE = 0.12, 3
"""Seconds between two keys of a burst, too few to see what the first has done; and after how many keys only a
pause of `NOTICED` ends the burst, since a busy machine delays keys too."""

ROUNDS = 2
"""How often everything that a key passes has to be found at rest."""

ACTION = "do"
"""Group of the workers that carry out what a person asks for, window by window."""

BACKGROUND = frozenset({"warm", "keyring", "read", "copy", "obtain", "orders"})
"""Groups of workers that show what they find; no key means something else after them."""

INPUT = (events.InputEvent, events.Paste, events.AppFocus, events.AppBlur)


class KeyGate(App[Answer]):
    """Textual hands each key to what has the focus when it arrives, while the keys before it are still on their way.

    Here text for a field passes at once while nothing waits. Everything else, and what is behind it, goes in order:
    the next is handed on when the last has changed all that it changes.
    """

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._waiting: deque[events.Event] = deque()
        self._handed: deque[events.Event] = deque()
        self._gate: asyncio.Task[None] | None = None
        self._given = 0.0
        self._arrived = 0.0
        self._ahead = 0
        """Keys of a burst so far, part of which was typed for a window that does not come in time; 0 where none was."""
        self._windows: dict[Worker[Any], Screen[Any]] = {}
        self._older: frozenset[Worker[Any]] = frozenset()

    async def on_event(self, event: events.Event) -> None:
        if self._handed and event is self._handed[0]:
            self._handed.popleft()
        elif isinstance(event, INPUT) and not event.is_forwarded:
            if not self._waiting:
                self._older |= self._noticed()
            if self._gate is not None or self._handed or not self._passes(event):
                self._waiting.append(event)
                if self._gate is None:
                    self._gate = asyncio.create_task(self._hand_on())
                return
            if self._is_for_no_field(event):
                return
            self._begin()
        if self._screen_stack or not isinstance(event, INPUT):  # a key may arrive while the last screen closes
            await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """A capital letter without a use of its own does what its small one does: sentences name keys in capitals."""
        if len(event.key) == 1 and event.key.isupper() and event.key not in (active := self.active_bindings):
            small = active.get(event.key.lower())
            if small is not None and small.enabled:
                event.prevent_default()
                await self.run_action(small.binding.action, small.node)

    def forget_keys_ahead(self) -> None:
        """Drop the keys that still wait: the window that they were typed for, such as one for a PIN, does not open.

        What comes of the same burst is no text of a field either.
        """
        if self._waiting:
            self._arrived = self._waiting[-1].time
        self._ahead = max(self._ahead, 1) + len(self._waiting)
        self._waiting.clear()

    async def push_screen_wait(self, screen: Screen[ScreenAnswer] | str, *, mode: str | None = None) -> Any:
        worker = get_current_worker()
        if isinstance(screen, Screen):
            self._windows[worker] = screen
        try:
            answer = await super().push_screen_wait(screen, mode=mode)
        finally:
            self._windows.pop(worker, None)
        if not is_live(worker.node):
            raise asyncio.CancelledError
        return answer

    async def _hand_on(self) -> None:
        try:
            while self._waiting:
                event = self._waiting.popleft()
                passes = self._passes(event)
                if not passes:
                    await self._settled()  # text before it may still be on its way into its field
                if self._is_for_no_field(event):
                    continue
                self._begin()
                self._handed.append(event)
                self.post_message(event)
                if not passes:
                    await self._settled()
        finally:
            self._gate = None

    def _begin(self) -> None:
        """From here on it counts what the event that is handed on now brings about."""
        self._given = asyncio.get_running_loop().time()
        self._older = self._at_work()

    async def _settled(self) -> None:
        """Wait until what has the focus, and all above it, is at rest; for a worker no longer than `PATIENCE`."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(STUCK):
                rounds = 0
                while rounds < ROUNDS and self.is_running and self._screen_stack:
                    screen, focused = self.screen, self.screen.focused
                    way = list((focused or screen).ancestors_with_self)
                    for pump in way:
                        await _turn(pump)
                    if not self._screen_stack or (self.screen, screen.focused) != (screen, focused):
                        rounds = 0
                    elif self._is_at_rest(screen, way):
                        rounds += 1
                        continue
                    elif loop.time() > self._given + PATIENCE:
                        if any(one.group == ACTION for one in self._at_work() - self._older):
                            self._ahead = max(self._ahead, 1) + len(self._waiting)
                        rounds += 1
                        continue
                    await asyncio.sleep(0.002)

    def _is_at_rest(self, screen: Screen[Any], way: list[DOMNode]) -> bool:
        return (
            not any(pump.message_queue_size for pump in way)
            and not screen._callbacks  # noqa: SLF001  # those of call_after_refresh, which nothing public tells
            and self._at_work() <= self._older
        )

    def _at_work(self) -> frozenset[Worker[Any]]:
        """The workers that neither have ended nor wait at a window: what they do next may take the keys elsewhere."""
        shown = self.screen_stack if self._screen_stack else []
        return frozenset(
            worker
            for worker in self.workers
            if not worker.is_finished and worker.group not in BACKGROUND and self._windows.get(worker) not in shown
        )

    def _noticed(self) -> frozenset[Worker[Any]]:
        """The work of a window that shows how long it takes: a key that comes while it does is for that window."""
        screen = self.screen if self._screen_stack else None
        if getattr(screen, "shown_for", 0.0) < NOTICED:
            return frozenset()
        return frozenset(worker for worker in self.workers if worker.node is screen)

    def _is_for_no_field(self, event: events.Event) -> bool:
        """Whether it is for a field, and was typed for a window that did not come in time: a password, maybe."""
        if not isinstance(event, events.Key | events.Paste):
            return False
        pause, self._arrived = event.time - self._arrived, event.time
        if not self._ahead or pause >= (BURST if self._ahead < SURE else NOTICED):
            self._ahead = 0
            return False
        self._ahead += 1
        return (
            isinstance(event, events.Paste)
            or self._passes(event)
            or (event.key == "enter" and takes_text(self.focused))
        )

    def _passes(self, event: events.Event) -> bool:
        """Whether it changes nothing that the keys behind it depend on."""
        if isinstance(event, events.MouseMove):
            return True
        if not isinstance(event, events.Key) or not event.is_printable or (field := self.focused) is None:
            return False
        return not field.disabled and takes_text(field)


def takes_text(widget: object) -> bool:
    """Whether a letter is text there, and no key."""
    return isinstance(widget, Input) or getattr(widget, "TAKES_TEXT", False)


async def _turn(pump: MessagePump) -> None:
    """Wait until it has handled what it has got so far."""
    handled = asyncio.Event()
    if pump.call_later(handled.set):
        await handled.wait()
