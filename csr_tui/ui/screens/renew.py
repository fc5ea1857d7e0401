"""Whether a renewal gets a new key or uses the one that is there."""

from __future__ import annotations

from textual import getters, on
from textual.app import ComposeResult
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices


class Renew(Dialog[bool]):
    """True for the same key. The draft asks for what the record asked for, whatever its CA made of that."""

    BUTTONS = {"cancel": "Cancel", "renew": "Create the draft"}
    AUTO_FOCUS = "#key"

    key = getters.query_one("#key", Choices)

    def __init__(self, record: Record, age: str) -> None:
        super().__init__(f"Renew {escaped(host_names.to_unicode(record.subject.domain))}")
        self._record = record
        self._age = age

    def compose_form(self) -> ComposeResult:
        yield Static(
            "The new draft has the values of this request, even where the CA changed them.",
            classes="dialog-lead",
            markup=False,
        )
        if before := self._record.lineage.renewed_by:
            yield Static(f"Renewed before: {', '.join(before[:4])}.", classes="dialog-lead", markup=False)
        yield Choices(
            (
                Option(False, "New key (usual)", ("A leak of the old key does not affect the new certificate.",)),
                Option(
                    True,
                    "Same key",
                    (f"It {self._age}.", "Use it if clients pin the key, with TLSA records for example."),
                ),
            ),
            False,
            id="key",
        )

    @on(Button.Pressed, "#renew")
    def _renew(self) -> None:
        self.dismiss(bool(self.key.value))
