"""Where Enter goes from a field."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Button


def advance(widget: Widget, *, confirms: bool = False) -> None:
    """Focus the next field, or after the last the button that a window or step is for, past the way out of it.

    A window that asks for nothing but this choice is answered at once, where that `confirms`.
    A button of the class `deliberate` does what nobody can take back: a person walks there, and does not run into it.
    """
    screen = widget.screen
    ways = [button for button in screen.query(Button) if button.variant == "primary" and button.focusable]
    alone = all(one is widget or isinstance(one, Button) for one in screen.focus_chain)
    if confirms and alone and screen.is_modal and ways:
        ways[0].press()
    elif isinstance(screen.focus_next(), Button):
        for button in ways:
            if not button.has_class("deliberate"):
                screen.set_focus(button)  # at once, or an Enter that follows fast would leave
