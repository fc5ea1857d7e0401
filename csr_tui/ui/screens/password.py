"""Asking for a key password: a new one (twice, with its strength) or the one a key has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Checkbox, Input, Label, Static

from csr_tui.core.findings import Finding, Level
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Answer, Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.text_input import PasswordInput


@dataclass(frozen=True, slots=True)
class TypedPassword:
    """A new password, and whether the person insists on a weak one."""

    password: Secret
    weak_ok: bool


class _PasswordDialog(Dialog[Answer]):
    """Shows or hides what is typed."""

    BINDINGS = [Binding("ctrl+r", "reveal", "Show or hide", id="password.reveal", tooltip="Show or hide what is typed")]

    @on(Button.Pressed, "#reveal")
    def action_reveal(self) -> None:
        typed = self.query(PasswordInput)
        hide = not typed.first().password
        for field in typed:
            field.password = hide
        for button in self.query("#reveal").results(Button):
            button.label = Content("Show" if hide else "Hide")


class NewPassword(_PasswordDialog[TypedPassword]):
    """Typed twice; a weak one is taken only when the person says so."""

    TITLE_TEXT = "New password for the key"
    BUTTONS = {"cancel": "Cancel", "reveal": "Show", "use": "Use this password"}

    first = getters.query_one("#first", PasswordInput)
    second = getters.query_one("#second", PasswordInput)
    strength = getters.query_one("#strength", Static)
    anyway = getters.query_one("#anyway", Checkbox)

    def __init__(self, context: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._avoid = context
        self._finding: Finding | None = None

    def compose_form(self) -> ComposeResult:
        yield lead("It encrypts the private key. It cannot be recovered if you lose it.")
        yield Label("Password", markup=False)
        yield PasswordInput(id="first")
        yield MarkedText("At least 12 characters that are not easily guessed.", id="strength")
        yield Label("Repeat the password", markup=False)
        yield PasswordInput(id="second")
        yield Checkbox(Content("Use it anyway"), id="anyway", compact=True)

    def on_mount(self) -> None:
        self.anyway.display = False
        self._marked()

    @on(Checkbox.Changed)
    def _marked(self) -> None:
        """Textual shows whether it is marked by its colour alone."""
        self.anyway.BUTTON_INNER = "✓" if self.anyway.value else " "
        self.anyway.refresh()

    @on(Input.Changed, "#first")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")
        self._weigh()

    @work(group="strength", exclusive=True, description="weighing a password")
    async def _weigh(self) -> None:
        from csr_tui.core import password

        secret = Secret(self.first.value)
        finding = await run_blocking(lambda: password.check(secret, context=self._avoid)) if self.first.value else None
        self._finding = finding
        self.strength.set_classes("-weak" if finding else "-strong" if self.first.value else "")
        self.strength.update(
            escaped(finding.message)
            if finding
            else "✓ Strong enough."
            if self.first.value
            else "At least 12 characters that are not easily guessed."
        )
        self.anyway.display = finding is not None and finding.level is not Level.ERROR

    @on(Input.Submitted, "#first")
    def _on(self) -> None:
        self.second.focus()

    @on(Input.Submitted, "#second")
    @on(Button.Pressed, "#use")
    @work(group="use", exclusive=True, description="taking a password")
    async def _use(self) -> None:
        from csr_tui.core import password

        secret = Secret(self.first.value)
        if not self.first.value:
            self.complain("Type a password.")
        elif secret != Secret(self.second.value):
            self.complain("The passwords differ. Type the second one again.")
            self.second.value = ""
            self.second.focus()
        elif (finding := await run_blocking(lambda: password.check(secret, context=self._avoid))) and (
            finding.level is Level.ERROR or not self.anyway.value
        ):
            self.anyway.display = finding.level is not Level.ERROR
            more = "" if finding.level is Level.ERROR else ' Or mark "Use it anyway".'
            self.complain(f"{finding.message}{more}")
        else:
            self.dismiss(TypedPassword(secret, weak_ok=self.anyway.value))


class CurrentPassword(_PasswordDialog[Secret]):
    """The password of a key that the person holds themselves; it is asked for until `opens` takes it."""

    TITLE_TEXT = "Password of the key"
    BUTTONS = {"cancel": "Cancel", "use": "Decrypt"}

    current = getters.query_one("#current", PasswordInput)

    def __init__(self, why: str, opens: Callable[[Secret], object] = lambda _: None, *, heading: str = "") -> None:
        super().__init__(heading)
        self._why = why
        self._opens = opens

    def compose_form(self) -> ComposeResult:
        yield lead(escaped(self._why))
        yield PasswordInput(id="current")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")

    @on(Input.Submitted)
    @on(Button.Pressed, "#use")
    @work(group="use", exclusive=True, description="trying a password")
    async def _use(self) -> None:
        secret = Secret(self.current.value)
        if not self.current.value:
            self.complain("Type the password, or press Esc.")
            return
        try:
            await run_blocking(lambda: self._opens(secret))
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
            self.current.focus()
            self.current.select_all()
        else:
            self.dismiss(secret)


class ChallengePassword(_PasswordDialog[Secret]):
    """The challenge password of a request that is about to be generated."""

    TITLE_TEXT = "Challenge password of the CA"
    BUTTONS = {"cancel": "Cancel", "reveal": "Show", "use": "Generate"}

    challenge = getters.query_one("#challenge", PasswordInput)

    def compose_form(self) -> ComposeResult:
        yield Static(
            "Some CAs require it in the CSR, such as those with SCEP. Anyone who has the CSR can read it there; "
            "csr-tui stores it nowhere else.",
            classes="dialog-lead",
            markup=False,
        )
        yield PasswordInput(id="challenge")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")

    @on(Input.Submitted)
    @on(Button.Pressed, "#use")
    def _use(self) -> None:
        from csr_tui.core.challenge import challenge_fault

        secret = Secret(self.challenge.value)
        if (wrong := challenge_fault(secret)) is not None:
            self.complain(wrong.message)
        else:
            self.dismiss(secret)
