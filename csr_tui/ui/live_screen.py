"""Screens that may be left at any moment: what still comes for one that is gone is nobody's any more."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TypeVar

from textual import messages
from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.events import Event, Resize
from textual.message import Message
from textual.screen import Screen

Answer = TypeVar("Answer")

STYLES = Path(__file__).with_name("screens.tcss")
"""Of every screen but the desk, whose first paint would wait 6 ms for them."""


def is_live(node: DOMNode) -> bool:
    """Whether a screen is still shown, be it under another one; everything else is here as long as the app runs."""
    if not node.app.is_running or not isinstance(node, Screen):
        return node.app.is_running
    return node.is_attached and node in node.app.screen_stack


class LiveScreen(Screen[Answer]):
    """Drops messages once it is gone, and with them the first look at parts that it will never have."""

    CSS_PATH: ClassVar[Path | None] = STYLES

    async def _dispatch_message(self, message: Message) -> None:
        if not isinstance(message, Event) and type(message).__module__ != messages.__name__ and not is_live(self):
            return
        try:
            await super()._dispatch_message(message)
        except NoMatches:
            if is_live(self):
                raise

    async def _on_resize(self, event: Resize) -> None:
        """Only to the size that the terminal has: two at once would have Textual go from one to the other for ever."""
        if event.size != self.app.size:
            event.prevent_default()

    def on_unmount(self) -> None:
        StylesCache.get_inner_outer.cache_clear()  # its keys hold all that the last 1,024 widgets painted

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer once, while it is here; what lies above it is closed first, for Textual closes the topmost."""
        if not is_live(self):
            return AwaitComplete()
        while (above := self.app.screen) is not self:
            above.dismiss(None)
        return super().dismiss(result)
