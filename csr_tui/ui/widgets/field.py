"""A labelled line of text, with the finding of its rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events, getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from csr_tui.core.findings import Finding, Level
from csr_tui.core.text import escaped, trim
from csr_tui.ui.widgets.focus import advance
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.text_input import TextInput

Rule = Callable[[str], Finding | None]
Complete = Callable[[str], tuple[tuple[str, str], ...]]
"""Text -> (value, what a person calls it), best first."""


class Field(Vertical):
    """Asks its rule when it is left, and on each key while a finding stands; Enter takes the finding's fix."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        & Horizontal { height: 1; }
        & Label { width: 17; color: $muted; padding: 0 1 0 0; }
        & TextInput { width: 1fr; background: $surface; padding: 0 1; color: $foreground; }
        & TextInput:focus { background: $panel; }
        & .note { display: none; margin-left: 17; padding: 0 1; height: auto; width: 1fr; }
        &.-focused Label { color: $primary; text-style: bold; }
        &.-hint .note { display: block; color: $muted; }
        &.-warning .note { display: block; color: $warning; }
        &.-error .note { display: block; color: $error; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text is another one now."""

        field: Field

    @dataclass
    class Focused(Message):
        """The field has the focus; its help may be shown."""

        field: Field

    @dataclass
    class Submitted(Message):
        """Enter, where there was nothing to put right; the next field has the focus."""

        field: Field

    @dataclass
    class Validated(Message):
        """The rule has spoken, or has nothing more to say."""

        field: Field

    input = getters.query_one(TextInput)
    note = getters.query_one(".note", Static)

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        id: str,
        help: str = "",
        placeholder: str = "",
        missing: str = "",
        rule: Rule | None = None,
        complete: Complete | None = None,
        paste: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self.help = help
        self.finding: Finding | None = None
        self._initial = value
        self._placeholder = placeholder
        self._missing = missing
        self._rule = rule
        self._complete = complete
        self._paste = paste

    @property
    def value(self) -> str:
        """The text without the blanks around it."""
        return trim(self.input.value) if self.is_mounted else self._initial

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(f"{self.label} *" if self._missing else self.label, markup=False)
            yield TextInput(self._initial, placeholder=self._placeholder, paste=self._paste)
        yield MarkedText("", classes="note")

    def ask(self, label: str, *, missing: str, placeholder: str, help: str) -> None:
        """Ask for something else from now on; what is typed stays, and is judged anew where it was before."""
        self.label, self.help, self._missing = label, help, missing
        self.query_one(Label).update(f"{label} *" if missing else label)
        self.input.placeholder = placeholder
        if self.finding is not None or self.value:
            self.validate()

    def focus(self, scroll_visible: bool = True) -> Field:
        self.input.focus(scroll_visible)
        return self

    def validate(self) -> None:
        """Ask the rule, and show what it says under the field; `missing` is what it says where nothing is typed."""
        if self._missing and not self.value:
            self._show(Finding.error("field-missing", self.id or "", self._missing))
            return
        self._show(self._rule(self.value) if self._rule and self.value else None)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._initial and self.finding is None:
            return
        self._initial = event.value
        if self.finding is not None and (self.finding.level is not Level.HINT or self._complete is None):
            self.validate()
        elif self._complete is not None:
            self._suggest(self._complete)
        self.post_message(self.Changed(self))

    def on_descendant_blur(self) -> None:
        self.remove_class("-focused")

    def on_descendant_focus(self) -> None:
        self.add_class("-focused")
        self.post_message(self.Focused(self))

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        if self.input.value != self.value:
            self.input.value = self.value
            self.notify(f"{self.label}: spaces around it were removed.")
        self.validate()

    @on(Input.Submitted)
    def _focused(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._take_fix():
            advance(self)
            self.post_message(self.Submitted(self))

    @on(events.Click, ".note")
    def _clicked(self) -> None:
        self._take_fix()

    def _take_fix(self) -> bool:
        """Put in what the finding offers; False where it offers nothing."""
        if self.finding is None or self.finding.fix is None:
            return False
        self.input.value = self.finding.fix
        self.input.cursor_position = len(self.finding.fix)
        self.validate()
        return True

    def _suggest(self, complete: Complete) -> None:
        """Offer what the text may stand for; Enter takes the first."""
        found = complete(self.value) if self.value else ()
        if not found or found[0][0] == self.value:
            self._show(None)
            return
        others = "".join(f"   {value} {name}" for value, name in found[1:3])
        value, name = found[0]
        self._show(Finding.hint("offered", self.id or "", f"Enter: {value} {name}{others}", fix=value))

    def _show(self, finding: Finding | None) -> None:
        self.finding = finding
        self.remove_class("-error", "-warning", "-hint")
        if finding is not None:
            self.add_class(f"-{finding.level}")
            offer = f" (Enter: {finding.fix})" if finding.fix and finding.level is not Level.HINT else ""
            mark = {"error": "✗ ", "warning": "! ", "hint": ""}[finding.level]
            self.note.update(escaped(f"{mark}{finding.message}{offer}"))
        self.post_message(self.Validated(self))
