"""Small windows: remark and tags, a text to read, a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.notifications import Notification
from textual.widgets import Static

from csr_tui.core import rules
from csr_tui.core.findings import Level
from csr_tui.core.questions import parse_tags, tags_text
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets import status_line
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.hanging_indent import MarkedText


class Notes(Dialog[Record]):
    """The remark and the tags: the only parts of a generated request that stay the person's to change."""

    TITLE_TEXT = "Remark and tags"
    BUTTONS = {"cancel": "Cancel", "keep-notes": "Save"}

    remark = getters.query_one("#remark", Field)
    tags = getters.query_one("#tags", Field)

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def compose_form(self) -> ComposeResult:
        purpose = self._record.purpose
        yield Field("Remark", self._record.remark, id="remark", rule=lambda text: rules.FIELDS["remark"](text, purpose))
        yield Field(
            "Tags",
            tags_text(self._record.tags),
            id="tags",
            placeholder="e.g. team=web, env=production",
            rule=lambda text: rules.FIELDS["tags"](text, purpose),
        )

    @on(Button.Pressed, "#keep-notes")
    def _keep(self) -> None:
        for field in (self.remark, self.tags):
            field.validate()
            if field.finding is not None and field.finding.level is Level.ERROR:
                field.focus()
                return
        self.dismiss(replace(self._record, remark=self.remark.value, tags=parse_tags(self.tags.value)))


class Text(Dialog[None]):
    """A text to read, and to close."""

    BUTTONS = {"cancel": "Close"}

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self._text = text

    def compose_form(self) -> ComposeResult:
        yield MarkedText(escaped(self._text, keep="\n"))


class Messages(Dialog[None]):
    """The last messages of the status line, whole, the newest first."""

    TITLE_TEXT = "Messages"
    BUTTONS = {"cancel": "Close"}
    BINDINGS = [Binding("exclamation_mark,f3,q", "leave", "Close", show=False, id="messages.leave")]

    def __init__(self, messages: Sequence[Notification]) -> None:
        super().__init__()
        self._messages = messages

    def compose_form(self) -> ComposeResult:
        for message in reversed(self._messages):
            yield MarkedText(status_line.notice_text(message))
        if not self._messages:
            yield Static("No messages.", markup=False)


class Confirm(Dialog[bool]):
    """A question that is answered with the thing itself, or with Esc; Enter does it only where it is not `risky`."""

    ANSWERS = {"yes": True}

    def __init__(self, title: str, text: str, *, yes: str, risky: bool = True) -> None:
        super().__init__(title)
        self._text = text
        self._yes = yes
        self._risky = risky

    def compose_form(self) -> ComposeResult:
        yield MarkedText(escaped(self._text, keep="\n"))

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="cancel", variant="primary" if self._risky else "default")
        yield Button(self._yes, id="yes", variant="warning" if self._risky else "primary")

    def on_mount(self) -> None:
        if not self._risky:
            self.query_one("#yes").focus()
