"""A window on top of a screen: its title and its buttons stay where they are, and what is between them scrolls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, ClassVar, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from csr_tui.core.text import escaped
from csr_tui.ui.widgets.buttons import Button, ButtonRow
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.page import Page, PagedScreen

Answer = TypeVar("Answer")


class Dialog(PagedScreen[Answer], ModalScreen[Answer]):
    """Esc always leaves without doing anything, Ctrl+S always does what the window is for, and its frame says so.

    The first focus is the form's, or else the button that Enter is for.
    """

    TITLE_TEXT: ClassVar[str] = ""
    BUTTONS: ClassVar[Mapping[str, str]] = {}
    """A button's id -> its label, the safe one first, the one that the window is for last."""

    ANSWERS: ClassVar[Mapping[str | None, Any]] = {}
    """A button's id -> what it answers, where that takes no more than pressing it."""

    AUTO_FOCUS = ".dialog-form *, .dialog-buttons Button.-primary"
    BINDINGS = [
        Binding("escape", "leave", "Cancel", id="dialog.leave", tooltip="Cancel without any change"),
        Binding("ctrl+s", "confirm", "Confirm", id="dialog.confirm", tooltip="Press the window's main button"),
        Binding("exclamation_mark,f3", "app.messages", "Messages", show=False, id="dialog.messages"),
    ]

    problem = getters.query_one("#problem", Static)

    def __init__(self, heading: str = "") -> None:
        super().__init__()
        self._heading = heading or self.TITLE_TEXT

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as frame:
            yield Static(self._heading, classes="dialog-title", markup=False)
            with Page(classes="dialog-form"):
                yield from self.compose_form()
            with Vertical(classes="dialog-foot"):
                yield MarkedText("", id="problem")
                with ButtonRow(classes="dialog-buttons"):
                    buttons = list(self.compose_buttons())
                    frame.border_subtitle = Content(", ".join(_keys(buttons)))
                    yield from buttons

    def on_mount(self) -> None:
        self.call_after_refresh(self._open_at_top)

    def _open_at_top(self) -> None:
        """A tall first choice scrolls down to its end, where its beginning is enough; a field that is below stays."""
        for page in self.query(Page):  # none where it has been closed meanwhile
            if self.focused is None or self.focused.region.y + page.scroll_offset.y < page.content_region.bottom:
                page.scroll_home(animate=False)

    def compose_form(self) -> ComposeResult:
        """What is asked."""
        raise NotImplementedError

    def compose_buttons(self) -> ComposeResult:
        """The buttons, where they are not always the same."""
        for name, label in self.BUTTONS.items():
            last = name == [*self.BUTTONS][-1]
            yield Button(label, id=name, variant="primary" if last else "default")

    def complain(self, sentence: str) -> None:
        """Show an error; an empty sentence removes it."""
        self.problem.update(escaped(f"✗ {sentence}" if sentence else ""))
        self.problem.set_class(bool(sentence), "-shown")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel":
            event.stop()
            self.action_leave()
        elif event.button.id in self.ANSWERS:
            event.stop()
            self.dismiss(self.ANSWERS[event.button.id])

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_confirm(self) -> None:
        for button in self.query(Button):
            if button.variant == "primary" and button.id != "cancel":
                button.press()


class TimedDialog(Dialog[Answer]):
    """A window that comes and goes by itself."""

    AUTO_FOCUS = ""  # an Enter that was typed ahead ends nothing

    def __init__(self, heading: str) -> None:
        super().__init__(heading)
        self._opened = monotonic()

    @property
    def shown_for(self) -> float:
        """Seconds since it was opened: a key that comes later is for this window."""
        return monotonic() - self._opened


def lead(text: str) -> MarkedText:
    """The first sentences of a window."""
    return MarkedText(text, classes="dialog-lead")


def _keys(buttons: Iterable[Widget]) -> Iterator[str]:
    """The keys that press a window's buttons, wherever the focus is."""
    for button in buttons:
        if isinstance(button, Button) and button.id == "cancel":
            yield f"Esc {button.label}"
        elif isinstance(button, Button) and button.variant == "primary":
            yield f"^S {button.label}"
