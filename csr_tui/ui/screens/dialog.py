"""A window on top of a screen: a title, a form, a line that says what is wrong, and its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import getters
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from csr_tui.core.text import visible

if TYPE_CHECKING:
    from textual.app import ComposeResult

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Esc always leaves without doing anything."""

    TITLE_TEXT: ClassVar[str] = ""
    BINDINGS = [Binding("escape", "leave", "Cancel", id="dialog.leave", tooltip="Leave without doing anything")]

    problem = getters.query_one("#problem", Static)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(self.title_text(), classes="dialog-title", markup=False)
            yield from self.compose_form()
            yield Static("", id="problem", markup=False)
            with Horizontal(classes="dialog-ends"):
                yield from self.compose_ends()

    def title_text(self) -> str:
        """What the window is about."""
        return self.TITLE_TEXT

    def compose_form(self) -> ComposeResult:
        """What is asked."""
        raise NotImplementedError

    def compose_ends(self) -> ComposeResult:
        """The buttons, the safe one first."""
        raise NotImplementedError

    def complain(self, sentence: str) -> None:
        """Say what is wrong; an empty sentence takes it back."""
        self.problem.update(visible(sentence))
        self.problem.set_class(bool(sentence), "-shown")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel":
            event.stop()
            self.action_leave()

    def action_leave(self) -> None:
        self.dismiss(None)
