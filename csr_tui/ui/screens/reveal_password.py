"""A stored password, shown for a short time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.ui import clipboard
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button

SHOWN = 20.0
"""Seconds until it is hidden again."""


class RevealPassword(Dialog[None]):
    """Hidden again after a while, and as soon as the terminal loses the focus; asked for, it shows once more."""

    ALLOW_SELECT = False
    BINDINGS = [
        Binding("r", "reveal", "Show or hide", id="reveal_password.reveal", tooltip="Show or hide the password"),
        Binding(
            "c", "copy", "Copy", id="reveal_password.copy", tooltip="Send the password to the terminal's clipboard"
        ),
    ]

    password = getters.query_one("#password", Static)
    until = getters.query_one("#until", Static)
    reveal = getters.query_one("#reveal", Button)

    def __init__(self, domain: str, secret: Secret, *, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(f"The password of the key of {escaped(host_names.to_unicode(domain))}")
        self._secret = secret
        self._clock = clock
        self._hide_at = 0.0

    def compose_form(self) -> ComposeResult:
        yield Static("", id="password", markup=False)
        yield Static("", id="until", markup=False)
        yield Static(clipboard.WARNING, id="copying", markup=False)

    def compose_buttons(self) -> ComposeResult:
        yield Button("Close", id="cancel", variant="primary")
        yield Button("Hide", id="reveal")
        yield Button("Copy", id="copy")

    def on_mount(self) -> None:
        self.watch(self.app, "app_focus", self._focus_changed, init=False)
        self.set_interval(0.25, self._tick)
        self._show()

    @on(Button.Pressed, "#reveal")
    def action_reveal(self) -> None:
        if self._hide_at:
            self._hide("Hidden.")
        else:
            self._show()

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        sent = clipboard.send_secret(self.app, self._secret)
        self.notify(clipboard.SENT if sent else clipboard.NOT_SENT, title="Password")

    def action_leave(self) -> None:
        self._hide("")
        super().action_leave()

    def _focus_changed(self, focused: bool) -> None:
        if not focused and self._hide_at:
            self._hide("Hidden because the window lost the focus.")

    def _show(self) -> None:
        self._hide_at = self._clock() + SHOWN
        self.password.update(escaped(self._secret.reveal()))
        self.reveal.label = Content("Hide")
        self._tick()

    def _hide(self, why: str) -> None:
        self._hide_at = 0.0
        self.password.update("•" * 12)
        self.until.update(why)
        self.reveal.label = Content("Show")

    def _tick(self) -> None:
        if not self._hide_at:
            return
        left = self._hide_at - self._clock()
        if left <= 0:
            self._hide("Hidden again.")
        else:
            self.until.update(f"Hidden again in {left:.0f} s.")
