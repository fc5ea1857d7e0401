"""Messages to the person: one line on every screen, and the last ones to read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Any

from textual import events
from textual.notifications import Notification, Notify

from csr_tui.core.text import escaped
from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.widgets import status_line

MOST_MESSAGES = 10
"""So many of the last ones can be read again."""


class NoticeApp(KeyGate[int]):
    """Shows messages in the status line, in place of Textual's toasts: never as markup, and until the next key."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._notices: list[Notification] = []
        self._before_click: tuple[Notification, ...] = ()
        self._messages: deque[Notification] = deque(maxlen=MOST_MESSAGES)

    def action_messages(self) -> None:
        from csr_tui.ui.screens.dialogs import Messages

        if not isinstance(self.screen, Messages):
            self.push_screen(Messages(tuple(self._messages)))

    async def on_event(self, event: events.Event) -> None:
        """A key or a click that comes after a notice takes it away.

        A click does once it has reached what it was aimed at, for without the line all that is above it moves.
        """
        released = isinstance(event, events.MouseUp) and not event.is_forwarded
        if isinstance(event, events.Key):
            self._drop(self._notices)
        elif isinstance(event, events.MouseDown) and not event.is_forwarded:
            self._before_click = tuple(self._notices)
        await super().on_event(event)
        if released and event not in self._waiting:
            self._drop(self._before_click)

    def on_notify(self, event: Notify) -> None:
        """Textual keeps it too, for as long as a toast would be seen."""
        self._notices.append(event.notification)
        self._messages.append(event.notification)
        self._refresh_notifications()

    def clear_notifications(self) -> None:
        self._notices.clear()
        super().clear_notifications()

    def _drop(self, notices: Collection[Notification]) -> None:
        if any(one in notices for one in self._notices):
            self._notices = [one for one in self._notices if one not in notices]
            self._refresh_notifications()

    def _refresh_notifications(self) -> None:
        """Textual's own mounts toasts, which lie on buttons and fields; it calls this for each screen that is seen."""
        if self._screen_stack:
            self.screen.call_after_refresh(self._show_notices)

    def _show_notices(self) -> None:
        if self.screen.is_attached:
            status_line.show(self.screen, tuple(self._notices))

    def _say(self, sentence: str) -> None:
        self.notify(escaped(sentence), severity="error")
