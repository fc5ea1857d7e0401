"""The keyring, and what can be done without one."""

from __future__ import annotations

from time import monotonic

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from csr_tui.core.custody import OFFERED, Custody
from csr_tui.core.questions import Option
from csr_tui.core.text import escaped
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.vault import Vault

WITHOUT = tuple(Option(custody, custody.label, custody.notes) for custody in OFFERED if not custody.in_keyring)
"""What needs no keyring, and what it means."""


class KeyringScreen(Dialog[None]):
    """Which keyring there is, with a way to unlock it and look again."""

    TITLE_TEXT = "The keyring"
    BUTTONS = {"cancel": "Close", "again": "Check again"}
    BINDINGS = [Binding("r", "again", "Unlock", id="keyring.again", tooltip="Unlock it, and check again")]

    state = getters.query_one("#keyring-state", Static)
    again = getters.query_one("#again", Button)

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault
        self._asked = 0.0

    def compose_form(self) -> ComposeResult:
        yield lead(
            "The password store of your system. csr-tui stores random key passwords in it, and your own if you "
            "choose that; it stores them nowhere else."
        )
        yield MarkedText("Looking …", id="keyring-state")
        yield Static(
            Content("\n").join(
                (
                    Content("\nWithout a keyring (step Key of a draft, or K on a record's page):"),
                    *(
                        Content("\n").join(
                            (
                                Content(f"› {option.title}"),
                                *(Content.styled(f"  {one}", "$muted") for one in option.lines),
                            )
                        )
                        for option in WITHOUT
                    ),
                )
            ),
            markup=False,
        )

    def on_mount(self) -> None:
        self.set_interval(0.5, self._tick)
        self._look(unlock=False)

    @on(Button.Pressed, "#again")
    def action_again(self) -> None:
        self._look(unlock=True)

    @work(group="keyring", exclusive=True, description="looking for the keyring")
    async def _look(self, *, unlock: bool) -> None:
        self.again.disabled = True
        self._asked = monotonic()
        status = await run_blocking(self._vault.unlock if unlock else self._vault.status)
        self._asked = 0.0
        self.again.disabled = False
        self.again.label = Content("Check again" if status.usable or not status.name else "Unlock")
        self.again.focus()
        self.state.set_classes("-open" if status.usable else "-shut")
        self.state.update(escaped(f"{'✓' if status.usable else '✗'} {status.sentence}"))

    def _tick(self) -> None:
        """What a person reads who may have overlooked the keyring's own window."""
        seconds = monotonic() - self._asked
        if self._asked and seconds >= 1:
            self.state.set_classes("")
            self.state.update(
                f"Waiting for the keyring ({seconds:.0f} s). If a window asks you to unlock it, do so. "
                "Esc leaves; nothing is lost."
            )


class WithoutKeyring(Dialog[Custody]):
    """The keyring failed a new key: once more, or one of the ways that need none. Nothing was made so far."""

    TITLE_TEXT = "The keyring cannot store the key's password"

    instead = getters.query_one("#instead", Choices)

    def __init__(
        self, reason: str, wanted: Custody, *, missing: bool = False, cancel: str = "Cancel, keep the draft"
    ) -> None:
        """With a `missing` keyring, trying again helps nobody: the first way that needs none is chosen, and is first.

        Down and Enter try again then, and never leave a key unprotected.
        """
        super().__init__()
        self._missing = missing
        self._first = Custody.TYPED_PROMPT if missing else wanted
        self._reason = reason
        self._wanted = wanted
        self._cancel = cancel

    def compose_form(self) -> ComposeResult:
        yield MarkedText(escaped(f"✗ {self._reason}"), id="keyring-state", classes="-shut")
        yield Static("\nNo key was generated. Choose how to continue.\n", markup=False)
        again = Option(self._wanted, "Try again, with the keyring running and unlocked", ("Your input is saved.",))
        options = (WITHOUT[0], again, *WITHOUT[1:]) if self._missing else (again, *WITHOUT)
        yield Choices(options, self._first, id="instead")

    def compose_buttons(self) -> ComposeResult:
        yield Button(self._cancel, id="cancel")
        yield Button("Continue", id="go", variant="primary")

    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if isinstance(self.instead.value, Custody):
            self.dismiss(self.instead.value)


class KeyringFailure(Dialog[bool]):
    """The keyring failed a key that is there: once more, or not. What was typed is kept for that."""

    TITLE_TEXT = "The keyring failed"
    BUTTONS = {"cancel": "Cancel", "again": "Try again"}
    ANSWERS = {"again": True}

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def compose_form(self) -> ComposeResult:
        yield MarkedText(escaped(f"✗ {self._reason}"), id="keyring-state", classes="-shut")
        yield Static("\nThe key is unchanged. Unlock or start the keyring, and try again.", markup=False)
