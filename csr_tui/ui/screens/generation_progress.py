"""Waiting for a key: alive, with the time that went by, and with a way out."""

from __future__ import annotations

from time import monotonic

from textual import getters, work
from textual.app import ComposeResult
from textual.widgets import Static

from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.generate import Generation
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.words import key_name
from csr_tui.vault import Vault

STAGES: dict[str, str] = {
    Point.INTENT: "Storing the password in the keyring. If a window asks you to unlock it, do so …",
    Point.PASSWORD_KEPT: "Generating the key …",
    Point.KEY_MADE: "Signing and verifying the request …",
    Point.CSR_PROVED: "Saving the record …",
}


class GenerationProgress(Dialog[Record | CsrTuiError]):
    """Answers with the generated record, with what went wrong, or with None when the person cancelled in time."""

    AUTO_FOCUS = ""  # an Enter that was typed ahead cancels nothing
    BUTTONS = {"cancel": "Cancel, keep the draft"}

    stage = getters.query_one("#stage", Static)
    elapsed = getters.query_one("#elapsed", Static)

    def __init__(self, store: RecordStore, vault: Vault, generation: Generation) -> None:
        super().__init__(f"Generating {key_name(generation.record)} for {escaped(generation.record.subject.domain)}")
        self._store = store
        self._vault = vault
        self._generation = generation
        self._stages = STAGES
        if (token := generation.record.token) is not None:
            asks = f"on {token.place}. Enter the PIN if the device asks for it …"
            first = f"Generating the key {asks}" if generation.new_key is not None else f"Signing {asks}"
            self._stages = {**STAGES, Point.PASSWORD_KEPT: first, Point.KEY_MADE: f"Signing {asks}"}
            del self._stages[Point.INTENT]
        self._started = monotonic()
        self._cancelled = False

    def compose_form(self) -> ComposeResult:
        yield Static(self._stages[Point.PASSWORD_KEPT], id="stage", markup=False)
        yield Static("", id="elapsed", markup=False)

    def on_mount(self) -> None:
        self.set_interval(0.1, self._tick)
        self._make()

    def _tick(self) -> None:
        seconds = monotonic() - self._started
        if seconds >= 0.3:
            self.elapsed.update(f"{seconds:.1f} s")

    @work(group="generate", exclusive=True, description="generating")
    async def _make(self) -> None:
        def reached(label: str) -> None:
            if label in self._stages and not self._cancelled:
                self.app.call_later(self.stage.update, self._stages[label])

        try:
            record = await run_blocking(
                lambda: generate.finish(self._store, self._vault, self._generation, reached=reached)
            )
        except CsrTuiError as error:
            self._answer(error)
        else:
            self._answer(record)

    def _answer(self, answer: Record | CsrTuiError) -> None:
        if not self._cancelled:
            self.dismiss(answer)

    def action_leave(self) -> None:
        """Take the intent away; where that comes too late, the key is there, and the answer is on its way."""
        if not self._cancelled and generate.cancel(self._store, self._generation):
            self._cancelled = True
            self.dismiss(None)
