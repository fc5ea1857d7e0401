"""Waiting for something long: how far it is, how fast it goes, and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from textual import getters, work
from textual.app import ComposeResult
from textual.widgets import ProgressBar, Static

from csr_tui.core import progress
from csr_tui.errors import CsrTuiError, StateError
from csr_tui.lifecycle.batch.generate_many import Progress
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import TimedDialog
from csr_tui.ui.widgets.buttons import Button

Result = TypeVar("Result")


class ProgressDialog(TimedDialog[Result | CsrTuiError]):
    """Answers with what `run` returns, or with what went wrong; with None where it was stopped and kept nothing.

    `run` works in a thread; it is given what to tell its progress to, and what says that it is to stop. Where it
    `keeps` what is done by then, its answer is waited for.
    """

    status = getters.query_one("#status", Static)
    bar = getters.query_one(ProgressBar)

    def __init__(
        self, title: str, run: Callable[[Progress, Callable[[], bool]], Result], *, stop: str, keeps: bool
    ) -> None:
        super().__init__(title)
        self._run = run
        self._stop_text = stop
        self._keeps = keeps
        self._stop = threading.Event()
        self._now = ("", 0, 0)
        self._what = ""
        self._begun = self._opened

    def compose_form(self) -> ComposeResult:
        yield Static("", id="status", markup=False)
        yield ProgressBar(show_eta=False, show_percentage=False)

    def compose_buttons(self) -> ComposeResult:
        yield Button(self._stop_text, id="cancel")

    def on_mount(self) -> None:
        self.set_interval(0.1, self._tick)
        self._work()

    def _tick(self) -> None:
        what, done, total = self._now
        if not what:
            return
        if what != self._what:
            self._what, self._begun = what, monotonic()
        stopping = "stopping; " if self._stop.is_set() else ""
        self.status.update(stopping + progress.line(what, done, total, monotonic() - self._begun))
        self.bar.update(total=total or None, progress=done)

    @work(group="working", exclusive=True, description="working")
    async def _work(self) -> None:
        def report(what: str, done: int, total: int) -> None:
            self._now = (what, done, total)
            if self._stop.is_set() and not self._keeps:
                raise StateError("Stopped.")

        try:
            result = await run_blocking(lambda: self._run(report, self._stop.is_set))
        except CsrTuiError as error:
            self.dismiss(None if self._stop.is_set() and not self._keeps else error)
        else:
            self.dismiss(result)

    def action_leave(self) -> None:
        self._stop.set()
        self._tick()
