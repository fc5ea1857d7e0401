"""Whether a renewal gets a new key or uses the one that is there."""

from __future__ import annotations

from collections.abc import Callable

from textual import getters, on, work
from textual.app import ComposeResult
from textual.widgets import Static

from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.words import domain_name


class Renew(Dialog[bool]):
    """True for the same key. The draft asks for what the record asked for, whatever its CA made of that.

    `suggestion` asks the CA when to renew, where it can be asked; it blocks, and may be empty.
    """

    BUTTONS = {"cancel": "Cancel", "renew": "Create the draft"}

    key = getters.query_one("#key", Choices)
    suggested = getters.query_one("#suggestion", Static)

    def __init__(self, record: Record, age: str, suggestion: Callable[[], str] | None = None) -> None:
        super().__init__(f"Renew {domain_name(record)}")
        self._record = record
        self._age = age
        self._suggestion = suggestion

    def compose_form(self) -> ComposeResult:
        yield lead("The new draft has the values of this request, even where the CA changed them.")
        if before := self._record.lineage.renewed_by:
            yield lead(f"Renewed before: {', '.join(before[:4])}.")
        if self._suggestion is not None:
            yield Static("", id="suggestion", classes="dialog-lead", markup=False)
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

    def on_mount(self) -> None:
        if self._suggestion is not None:
            self.suggested.display = False
            self._ask(self._suggestion)

    @work(group="suggestion", description="asking a CA when to renew")
    async def _ask(self, suggestion: Callable[[], str]) -> None:
        if sentence := await run_blocking(suggestion):
            self.suggested.update(escaped(sentence))
            self.suggested.display = True

    @on(Button.Pressed, "#renew")
    def _renew(self) -> None:
        self.dismiss(bool(self.key.value))
