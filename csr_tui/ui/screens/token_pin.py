"""Asking for the PIN of a token: each press of Enter is one try, and none is made twice."""

from __future__ import annotations

from collections.abc import Callable

from textual import getters, on, work
from textual.app import ComposeResult
from textual.widgets import Input, Label, Static

from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.token import Token
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.text_input import PasswordInput

ONE_TRY = "Each Enter is one try. The PIN is never stored."


class TokenPin(Dialog[Secret]):
    """Answers with the PIN that `opens` took; after a wrong one, the next has to be typed anew."""

    TITLE_TEXT = "PIN of the token"
    BUTTONS = {"cancel": "Cancel", "use": "Sign"}

    pin = getters.query_one("#pin", PasswordInput)
    trying = getters.query_one("#trying", Static)

    def __init__(self, token: Token, opens: Callable[[Secret], object]) -> None:
        super().__init__()
        self._token = token
        self._opens = opens
        self._busy = False

    def compose_form(self) -> ComposeResult:
        yield lead(self._token.uri.title)
        if self._token.pin.sentence:
            yield lead(f"! {self._token.pin.sentence}")
        yield Label("PIN", markup=False)
        yield PasswordInput(id="pin")
        yield Static(ONE_TRY, id="trying", markup=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self.complain("")

    @on(Input.Submitted)
    @on(Button.Pressed, "#use")
    @work(group="use", description="trying a PIN")
    async def _use(self) -> None:
        if self._busy:
            return
        secret = Secret(self.pin.value)
        if not self.pin.value:
            self.complain("Type the PIN, or press Esc.")
            return
        self._busy = True
        self.pin.value = ""
        self.trying.update("Trying the PIN …")
        try:
            await run_blocking(lambda: self._opens(secret))
        except CsrTuiError as error:
            self._busy = False
            self.trying.update(ONE_TRY)
            self.complain(advice.sentence(error))
            self.pin.focus()
        else:
            self.dismiss(secret)
