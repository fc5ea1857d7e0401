"""Several lines of text, shown with control and bidi characters masked; too long a paste is refused with a word."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import TextArea

from csr_tui.core.text import masked
from csr_tui.ui.widgets.text_input import LONGEST_PASTE, refuse


class TextBox(TextArea):
    """Several lines of text, whatever is pasted into them."""

    TAKES_TEXT: ClassVar = True
    BINDINGS = [
        Binding("ctrl+underscore", "undo", "Undo in the field", show=False, id="box.undo")
    ]  # Ctrl+Z stops the program

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        line.plain = masked(line.plain)
        return line

    async def _on_paste(self, event: events.Paste) -> None:
        if len(event.text) > LONGEST_PASTE:
            refuse(self, event, LONGEST_PASTE)
            return
        await super()._on_paste(event)
        event.prevent_default()
