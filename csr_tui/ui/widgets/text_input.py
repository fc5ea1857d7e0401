"""Inputs that show control and bidi characters as a mark, and say so when a paste does not fit."""

from __future__ import annotations

from collections.abc import Callable

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from csr_tui.core.text import masked

LONGEST_LINE = 4096
LONGEST_PASTE = 200_000

MOST_UNDONE = 100
"""Changes of a field that can be undone."""


class _Mask(Highlighter):
    """Draws a value with its unseen characters masked; the value itself stays as it is."""

    def highlight(self, text: Text) -> None:
        text.plain = masked(text.plain)


class TextInput(Input):
    """One line of text, whatever is pasted into it; `paste` returns what of that is for this line."""

    BINDINGS = [Binding("ctrl+underscore", "undo", "Undo in the field", show=False, id="field.undo")]

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,
        paste: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(value, placeholder=placeholder, highlighter=_Mask(), compact=True, id=id)
        self._paste = paste
        self._past: list[str] = []
        self._typing = False

    def on_mount(self) -> None:
        self.watch(self, "value", self._remember, init=False)

    def _remember(self, before: str, now: str) -> None:
        """Letters that follow one another are undone together, word by word."""
        typing = len(now) == len(before) + 1
        if not self.password and not (typing and self._typing):
            self._past = [*self._past[-MOST_UNDONE:], before]
        self._typing = typing and not now.endswith(" ")

    def action_undo(self) -> None:
        """Put back what was there before the last change."""
        if self._past:
            past = self._past[:-1]
            self.value = self._past[-1]
            self.cursor_position = len(self.value)
            self._past, self._typing = past, False

    def _on_paste(self, event: events.Paste) -> None:
        text = self._paste(event.text) if self._paste and len(event.text) <= LONGEST_PASTE else event.text
        if len(text) > LONGEST_LINE:
            refuse(self, event, LONGEST_LINE)
            return
        lines = text.strip("\r\n").splitlines()
        if len(lines) > 1:
            self.notify(f"This field takes one line; the first of {len(lines)} was pasted.", severity="warning")
        super()._on_paste(events.Paste(lines[0] if lines else ""))
        event.stop()
        event.prevent_default()


class PasswordInput(TextInput):
    """A line that never leaves the screen in clear: copying and cutting do nothing."""

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__("", placeholder=placeholder, id=id)
        self.password = True

    def action_copy(self) -> None:
        self.notify("A password is not copied from here.", severity="warning")

    def action_cut(self) -> None:
        self.action_copy()


def refuse(widget: Widget, event: events.Paste, limit: int) -> None:
    widget.notify(
        f"The text has {len(event.text):,} characters, and this field allows {limit:,}; nothing was pasted.",
        severity="error",
    )
    event.stop()
    event.prevent_default()
