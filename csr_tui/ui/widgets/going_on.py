"""Where Enter goes from a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Button

if TYPE_CHECKING:
    from textual.widget import Widget


def go_on(widget: Widget) -> None:
    """Focus the next field, or after the last the button that a window or step is for, past the way out of it.

    A button of the class `deliberate` does what nobody can take back: a person walks there, and does not run into it.
    """
    screen = widget.screen
    if isinstance(screen.focus_next(), Button):
        for button in screen.query(Button):
            if button.variant == "primary" and button.focusable and not button.has_class("deliberate"):
                screen.set_focus(button)  # at once, or an Enter that follows fast would leave
