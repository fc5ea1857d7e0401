"""Waiting for a CA: how long it takes, and a way out that stops nothing."""

from __future__ import annotations

from textual import getters, work
from textual.app import ComposeResult
from textual.widgets import Static

from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, Fact
from csr_tui.lifecycle.attach import Offer
from csr_tui.ui.ca_run import CARun
from csr_tui.ui.screens.dialog import TimedDialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.words import domain_name


class ObtainProgress(TimedDialog[Offer | Fact | CsrTuiError]):
    """Answers with how the run ended; None where the person left, while it goes on."""

    stage = getters.query_one("#stage", Static)

    def __init__(self, record: Record, run: CARun) -> None:
        super().__init__(f"Obtaining a certificate for {domain_name(record)}")
        self._run = run

    def compose_form(self) -> ComposeResult:
        yield Static(self._text(), id="stage", markup=False)
        yield Static(
            "You can leave: it continues, and the record shows the outcome.",
            classes="dialog-lead dialog-after",
            markup=False,
        )

    def compose_buttons(self) -> ComposeResult:
        yield Button("Leave it running", id="cancel")

    def on_mount(self) -> None:
        self.set_interval(0.25, lambda: self.stage.update(self._text()))
        self._wait()

    def _text(self) -> str:
        return f"{self._run.what} … ({self._run.seconds:.0f} s)"

    @work(group="run", exclusive=True, description="waiting for a CA")
    async def _wait(self) -> None:
        try:
            self.dismiss(await self._run.end())
        except CsrTuiError as error:
            self.dismiss(error)
