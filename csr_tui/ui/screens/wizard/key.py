"""The fourth step: how the key is protected, or which file has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from csr_tui.core import questions
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.text import escaped
from csr_tui.files import absolute
from csr_tui.lifecycle import existing_key
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.vault import VaultState, VaultStatus

SAYS = {
    VaultState.OPEN: "✓ Keyring ready: {name}",
    VaultState.LOCKED: "! {sentence} It asks you to unlock it when you generate.",
    VaultState.MISSING: "✗ {sentence} Choose a password that you type each time, or no encryption.",
}


class KeyStep(Step):
    """Who holds the password of a new key; the password itself is asked for when generating."""

    STEP = WizardStep.KEY
    LEAD = "How should the key be protected?"
    HELP = questions.CUSTODY.help

    password = getters.query_one("#password_choice", Choices)
    own = getters.query_one("#key_file", Field)
    BINDINGS = [Binding("f2", "browse", "Browse", id="key.browse", tooltip="Choose an existing key file from a list")]

    def __init__(self, record: Record, *, keyring: Callable[[], VaultStatus], **kwargs: object) -> None:
        super().__init__(record, **kwargs)  # type: ignore[arg-type]  # the step's own keywords
        self._keyring = keyring

    def compose_fields(self) -> ComposeResult:
        yield Static("Looking for the keyring …", id="keyring", markup=False)
        yield Choices(
            questions.custodies(),
            self.record.custody,
            id=questions.CUSTODY.field,
            help="You enter a password of your own when you generate.",
        )
        if self.record.lineage.same_key:
            yield Static(f"✓ The key of record {self.record.lineage.renews}.", id="same", markup=False)
        yield Field(
            questions.KEY_FILE.label,
            self.record.key_file,
            id=questions.KEY_FILE.field,
            placeholder=questions.KEY_FILE.placeholder,
            help=f"{questions.KEY_FILE.help} F2 opens a list.",
            rule=existing_key.file_fault,
        )

    def on_mount(self) -> None:
        self._look_for_keyring()

    @work(group="key-step", exclusive=True, description="looking for the keyring")
    async def _look_for_keyring(self) -> None:
        """What comes of it may be another choice, so keys wait for it, unlike elsewhere."""
        status = await run_blocking(self._keyring)
        if not self.is_attached:
            return
        line = self.query_one("#keyring", Static)
        line.set_class(not status.usable, "-missing")
        line.update(escaped(SAYS[status.state].format(name=status.name, sentence=status.sentence)))
        custody, missing = self.password.value, status.state is VaultState.MISSING
        if isinstance(custody, Custody):
            custody = questions.usual_custody(custody, no_keyring=missing)
        self.password.set_options(questions.custodies(no_keyring=missing), custody)
        self.edited()

    def read(self) -> Record:
        custody = self.password.value
        return replace(
            self.record,
            custody=custody if isinstance(custody, Custody) else self.record.custody,
            key_file=str(absolute(self.own.value)) if self.own.value else "",
        )

    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import browse

        browse(self.own, "Choose a key file")
