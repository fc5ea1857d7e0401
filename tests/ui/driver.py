"""The app as a person drives it: keys, clicks, what shows, and waiting for it."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch

from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, DataTable, Input, Static, TextArea

from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.password import CurrentPassword, NewPassword
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.text_box import TextBox
from csr_tui.ui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import AsyncIterator, Callable

    from textual.css.model import RuleSet
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from csr_tui.core.record import Record
    from csr_tui.ui.app import CsrTui
    from csr_tui.ui.widgets.record_list import RecordList

Shown = TypeVar("Shown", bound=Widget)

PATIENCE = 0.1
"""Seconds in which most of what threads do has been done."""

KEYS = {
    " ": "space",
    ".": "full_stop",
    "-": "minus",
    "*": "asterisk",
    "\n": "enter",
    "@": "at",
    "=": "equals_sign",
}
"""What Textual calls the keys of some characters."""

VARIES = (
    (r"terminal-\d+", "terminal-X"),
    (r"again&#160;in&#160;\d+", "again&#160;in&#160;20"),
    (r"serial&#160;[0-9a-f]{16}", "serial&#160;0123456789abcdef"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:40000"),
)
"""What another run draws otherwise, and what stands for it in a picture."""

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, css: str, read_from: tuple[str, str], **how: Any) -> list[RuleSet]:
    """The rules of a text, which Textual parses for each app again: a tenth of the time of these tests."""
    key = (css, read_from, *how.items(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, read_from, **how)
    return _parsed[key]


@asynccontextmanager
async def drive(app: CsrTui, *, size: tuple[int, int] = (80, 24), notifications: bool = False) -> AsyncIterator[Driver]:
    """Run the app for as long as the block does; no cursor blinks."""
    with (
        patch.object(TextArea, "_toggle_cursor_blink_visible", lambda _: None),
        patch.object(Input, "_toggle_cursor", lambda _: None),
        patch.object(Stylesheet, "_parse_rules", _parse_once),
    ):
        async with app.run_test(size=size, notifications=notifications):
            with patch("textual.app.wait_for_idle", _at_once):  # between press and release of Textual's own pilot
                yield Driver(app)


async def _at_once(_: float = 0) -> None:
    await asyncio.sleep(0)


def is_waiting(pump: MessagePump) -> bool:
    """Whether it waits for its next message: it handles none, nor what comes after one, and is past its making."""
    waiters: deque[asyncio.Future[bool]] = pump._message_queue.ready_event._waiters
    waits = not pump.message_queue_size and not all(one.done() for one in waiters)
    return waits or pump._closing or pump._closed


class Driver(Pilot[int]):
    """Textual's pilot with the words of this program."""

    def on(self, screen: type[Shown]) -> Shown:
        """The screen that shows, which is of this kind."""
        assert isinstance(self.app.screen, screen)
        return self.app.screen

    async def see(self, screen: type[Shown]) -> Shown:
        """Wait for a screen of this kind."""
        await self.until(lambda: isinstance(self.app.screen, screen))
        await self.pause()
        return self.on(screen)

    async def press(self, *keys: str) -> None:
        """Press keys, each once all that the one before has brought about has been done."""
        for key in keys:
            await super().press(key)
            await self.pause()

    async def pause(self, delay: float | None = None) -> None:
        """Wait until all messages have arrived and all is drawn; for work in threads no longer than `PATIENCE`.

        Textual's pilot waits until the process uses no processor, which also looks so when a busy machine does not
        let it.
        """
        if delay is not None:
            await asyncio.sleep(delay)
        loop = asyncio.get_running_loop()
        start, at_rest = loop.time(), 0
        while at_rest < 2:
            await self.app.animator.wait_until_complete()
            if not await self._wait_for_screen() or not self.app._screen_stack:
                return  # the app has ended
            screen, waited = self.app.screen, loop.time() - start
            screen._on_timer_update()
            moving = self._moving(screen)
            assert waited < 20, f"{moving} are never at rest"
            working = waited < PATIENCE and self._works()
            at_rest = 0 if moving or working else at_rest + 1
            await asyncio.sleep(0.005 if working else 0.001)

    async def _wait_for_screen(self, timeout: float = 30.0) -> bool:  # noqa: ASYNC109  # as in Textual
        """Wait until nothing on the screen handles a message; False once the app has ended.

        Textual's own sends a message to every widget and waits for it, which took half the time of these tests.
        """
        async with asyncio.timeout(timeout):
            for turn in count():
                if self.app._exception_event.is_set() or not self.app._screen_stack:
                    return False
                if all(map(is_waiting, self._pumps(self.app.screen))):
                    return True
                await asyncio.sleep(0 if turn < 100 else 0.002)
        return False

    def _pumps(self, screen: Screen[object]) -> list[MessagePump]:
        return [self.app, *screen.walk_children(with_self=True)]

    def _moving(self, screen: Screen[object]) -> list[object]:
        """What handles messages or has some to handle, and what waits for the screen to be drawn."""
        pumps = [one for one in self._pumps(screen) if one._next_callbacks or not is_waiting(one)]
        resized = self.app._resize_event  # Textual acts on it 8 ms later
        return [*pumps, *screen._callbacks, *([] if resized is None else [resized])]

    def _works(self) -> bool:
        """Whether a key still waits, or a worker is on its way that does not wait at an open window."""
        gate = isinstance(self.app, KeyGate) and self.app._gate is not None
        windows = self.app._windows if isinstance(self.app, KeyGate) else {}
        return gate or not all(one.is_finished or windows.get(one) in self.app.screen_stack for one in self.app.workers)

    async def settle(self) -> None:
        """Let every message and every worker that is on its way arrive; one at an open window has arrived."""
        await self.pause()
        await self.until(lambda: not self._works())
        await self.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what a thread does; a minute is far more than anything here takes."""
        async with asyncio.timeout(60):
            while not condition():
                await self.pause(0.01)

    @property
    def records(self) -> RecordList:
        """The list on the desk, which shows."""
        return self.on(Desk).records

    @property
    def current(self) -> Record:
        """The record under the cursor of the desk."""
        assert self.records.current is not None
        return self.records.current

    @property
    def said(self) -> str:
        """Every notification since the start."""
        return " ".join(notification.message for notification in self.app._notifications)

    @property
    def texts(self) -> str:
        """What the screen says, line by line."""
        return "\n".join(str(one.render()) for one in self.app.screen.query(Static))

    def text(self, selector: str) -> str:
        """What one place of the screen says."""
        return str(self.app.screen.query_one(selector, Static).render())

    async def picture(self) -> str:
        """The screen as an SVG that is the same at each run."""
        for field in (*self.app.screen.query(TextInput), *self.app.screen.query(TextBox)):
            field.cursor_blink = False
        tables = self.app.screen.query(DataTable)
        # A table has the widths of its columns only once it has been idle; what was drawn before may stay.
        await self.until(lambda: not any(table._require_update_dimensions for table in tables))
        for table in tables:
            table._clear_caches()
            table.refresh()
        await self.pause()
        drawn = self.app.export_screenshot()
        for varies, fixed in VARIES:
            drawn = re.sub(varies, fixed, drawn)
        return drawn

    def field(self, selector: str) -> Field:
        return self.app.screen.query_one(selector, Field)

    async def still(self) -> None:
        """Wait until nothing on the screen moves any more."""
        regions = None
        while regions != (now := [(one, one.region) for one in self.app.screen.query(Widget)]):
            regions = now
            await self.pause(0.01)

    async def click(self, widget: type[Widget] | Widget | str | None = None, **how: Any) -> bool:  # type: ignore[override]
        """Click what stands still, for the pilot aims before the layout has ended, and can be pressed.

        Textual ignores a button for the 0.2 s in which it looks pressed. With an offset it may be a part of the
        widget that is hit, such as its bar.
        """
        await self.still()
        target = widget if isinstance(widget, Widget) or widget is None else self.app.screen.query_one(widget)
        await self.until(lambda: not (isinstance(target, Button) and target.has_class("-active")))
        hit = await super().click(target, **how)
        assert hit or "offset" in how, f"{widget} was not hit"
        return hit

    async def type(self, text: str) -> None:
        """Press the keys of a text, one by one."""
        await self.press(*(KEYS.get(char, char) for char in text))

    async def choose(self, selector: str, value: object) -> None:
        """Mark an option with the arrow keys."""
        choices = self.app.screen.query_one(selector, Choices)
        choices.focus()
        while choices.value != value:
            await self.press("down")
            await self.pause()

    async def type_new(self, password: str) -> None:
        """Give a new password to the window that asks for one."""
        window = await self.see(NewPassword)
        window.first.value = window.second.value = password
        window.second.focus()
        await self.press("enter")

    async def type_current(self, password: str) -> None:
        """Give the password of a key to the window that asks for it."""
        window = await self.see(CurrentPassword)
        window.current.value = password
        await self.press("enter")
