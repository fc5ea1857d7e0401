"""Waiting for something that may take long or never end: alive, with what is waited for, and with a way out."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from textual import getters, work
from textual.app import App, ComposeResult
from textual.widgets import Static

from csr_tui.errors import CsrTuiError, StateError
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import TimedDialog

Result = TypeVar("Result")

LAST = Point.PASSWORD_KEPT
"""The point after which it cannot be left: the next thing is the commit. What comes after that only tidies up."""

FOR_KEYRING = "Waiting for the keyring ({seconds:.0f} s). If a window asks you to unlock it, do so."
FOR_DEVICE = "Waiting for the token ({seconds:.0f} s)."


class WaitDialog(TimedDialog[Callable[[], object]]):
    """Runs `work` and answers with what gives its result or raises its error; None when the person left.

    `work` is told when it reaches a point; when the person has left, it finds out there, and takes everything back.
    """

    BUTTONS = {"cancel": "Cancel"}

    elapsed = getters.query_one("#elapsed", Static)

    def __init__(self, title: str, work: Callable[[Reached], object], waiting: str) -> None:
        super().__init__(title)
        self._waiting = waiting
        self._work = work
        self._lock = Lock()
        self._left = False
        self._too_late = False

    def compose_form(self) -> ComposeResult:
        yield Static("", id="elapsed", markup=False)

    def on_mount(self) -> None:
        self.set_interval(0.1, self._tick)
        self._run()

    def _tick(self) -> None:
        seconds = self.shown_for
        if seconds >= 1:
            self.elapsed.update(self._waiting.format(seconds=seconds))

    @work(group="working", exclusive=True, description="working on a key")
    async def _run(self) -> None:
        try:
            result = await run_blocking(lambda: self._work(self._reached))
        except CsrTuiError as error:
            failure = error
            self._answer(lambda: _raise(failure))
        else:
            self._answer(lambda: result)

    def _reached(self, label: str) -> None:
        """In the working thread: stop here if nobody waits any more."""
        with self._lock:
            if self._left:
                raise StateError("Cancelled.")
            self._too_late = label == LAST

    def _answer(self, answer: Callable[[], object]) -> None:
        if not self._left:
            self.dismiss(answer)

    def action_leave(self) -> None:
        with self._lock:
            if self._too_late or self._left:
                return
            self._left = True
        self.dismiss(None)


async def wait_for(
    app: App[int], title: str, function: Callable[[Reached], Result], *, waiting: str = FOR_KEYRING
) -> Result | None:
    """What `function` returns or raises, with a window to wait in; None when the person left.

    `waiting` is what the window shows after a second, with the `seconds`.
    """
    kept: list[Result] = []
    answer = await app.push_screen_wait(WaitDialog(title, lambda reached: kept.append(function(reached)), waiting))
    if answer is None:
        return None
    answer()
    return kept[0]


def _raise(error: CsrTuiError) -> None:
    raise error
