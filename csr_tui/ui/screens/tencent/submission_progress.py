"""While requests are with Tencent Cloud: how far each is, and a way to begin no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import ProgressBar, Static

from csr_tui.core.record import Record
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.lifecycle.tencent import submit_many
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.words import domain_name

STAGES: dict[str, str] = {
    Point.INTENT: "Storing the password in the keyring …",
    Point.PASSWORD_KEPT: "Recording the submission …",
    Point.CREATING: "Creating the draft …",
    Point.CREATE_ANSWERED: "Draft created …",
    Point.CREATED: "Checking the draft …",
    Point.FINALISING: "Generating the key and the CSR …",
    Point.FINALISE_ANSWERED: "Downloading the key and the CSR …",
    Point.DESCRIBED: "Verifying the CSR …",
}


class SubmissionProgress(Dialog[tuple[submit_many.SubmitResult, ...]]):
    """Answers with what became of each; one request closes it by itself, of several the results stay to be read."""

    AUTO_FOCUS = ""  # an Enter that was typed ahead stops nothing
    BUTTONS = {"cancel": "Stop after these"}
    BINDINGS = [Binding("escape", "leave", "Stop", id="submitting.leave", tooltip="Start no more; close at the end")]

    stage = getters.query_one("#stage", Static)
    results = getters.query_one("#results", Static)

    def __init__(self, chosen: Sequence[Record], submit: Callable[[Record, Reached], Record]) -> None:
        what = domain_name(chosen[0]) if len(chosen) == 1 else f"{len(chosen)} requests"
        super().__init__(f"Submitting {what}")
        self._chosen = tuple(chosen)
        self._submit = submit
        self._started = monotonic()
        self._stop = threading.Event()
        self._lines: list[Content] = []
        self._ended: tuple[submit_many.SubmitResult, ...] | None = None
        self._label = ""

    def compose_form(self) -> ComposeResult:
        yield Static("Asking the keyring …", id="stage", markup=False)
        if len(self._chosen) > 1:
            yield ProgressBar(total=len(self._chosen), id="progress", show_eta=False)
            yield MarkedText("", id="results")

    def on_mount(self) -> None:
        self.query_one("#cancel").display = len(self._chosen) > 1
        self.set_interval(0.25, self._tick)
        self._run()

    def _tick(self) -> None:
        if self._ended is not None:
            return
        what = self._label or "Running …"
        if len(self._chosen) > 1:
            what = f"{len(self._lines)} of {len(self._chosen)}"
        if self._stop.is_set():
            what += ", stopping after these"
        self.stage.update(f"{what}  ({monotonic() - self._started:.0f} s)")

    @work(group="submit", description="submitting")
    async def _run(self) -> None:
        def reached(label: str) -> None:
            self._label = STAGES.get(label, self._label)

        def show(ended: submit_many.SubmitResult) -> None:
            self.app.call_later(self._show_result, ended)

        self._ended = await run_blocking(
            lambda: submit_many.submit_all(
                self._chosen, lambda record: self._submit(record, reached), ended=show, stop=self._stop
            )
        )
        if len(self._chosen) == 1:
            self.dismiss(self._ended)
            return
        good = sum(one.after is not None for one in self._ended)
        begun = sum(one.after is not None or one.error is not None for one in self._ended)
        not_begun = (
            f", {len(self._ended) - begun} not started; submit them again to continue"
            if begun < len(self._ended)
            else ""
        )
        self.stage.update(f"{good} of {len(self._ended)} are done{not_begun}.")
        close = self.query_one("#cancel", Button)
        close.label = Content("Close")
        close.focus()

    def _show_result(self, ended: submit_many.SubmitResult) -> None:
        domain = domain_name(ended.before)
        if ended.error is not None:
            line = Content.assemble(("✗ ", "bold $error"), f"{domain}: {advice.sentence(ended.error)}")
        elif ended.after is None:
            line = Content.assemble(("- ", "$muted"), f"{domain}: not started")
        else:
            sent = ended.after.submission
            there = f"CSR {sent.csr_id}" if sent is not None else "done"
            line = Content.assemble(("✓ ", "bold $success"), f"{domain}: {there}")
        self._lines.append(line)
        if len(self._chosen) > 1:
            self.query_one("#progress", ProgressBar).advance()
            self.results.update(Content("\n").join(reversed(self._lines)))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """What was sent cannot be taken back, so those under way come to their end."""
        if self._ended is not None:
            self.dismiss(self._ended)
        elif len(self._chosen) > 1:
            self._stop.set()
        else:
            self.notify("A sent request cannot be cancelled. Ctrl+Q leaves; the next start looks up the outcome.")
