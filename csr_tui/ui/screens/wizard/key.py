"""The fourth step: how the key is protected, or which file has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from csr_tui.core.custody import OFFERED, Custody
from csr_tui.core.findings import Finding
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.text import escaped
from csr_tui.files import absolute, is_there
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option
from csr_tui.ui.widgets.field import Field
from csr_tui.vault import VaultState, VaultStatus

SAYS = {
    VaultState.OPEN: "✓ Keyring ready: {name}",
    VaultState.LOCKED: "! {sentence} It asks you to unlock it when you generate.",
    VaultState.MISSING: "✗ {sentence} Choose a password that you type each time, or no encryption.",
}


def ways(status: VaultStatus | None = None) -> tuple[Option[Custody], ...]:
    """Each way to keep a key; those that need the keyring are refused where there is none."""
    missing = status is not None and status.state is VaultState.MISSING
    return tuple(
        Option(one, one.label, one.notes, "Not available without a keyring." if missing and one.in_keyring else "")
        for one in OFFERED
    )


class KeyStep(Step):
    """Who holds the password of a new key; the password itself is asked for when generating."""

    STEP = WizardStep.KEY
    LEAD = "How should the key be protected?"
    HELP = (
        "The private key is stored encrypted. A random password in your keyring is the simplest choice. You enter a "
        "password of your own when you generate; drafts never contain it. Servers such as haproxy cannot read an "
        "encrypted key: choose no encryption for them, or export the key in clear later."
    )

    password = getters.query_one("#password_choice", Choices)
    own = getters.query_one("#key_file", Field)
    BINDINGS = [Binding("f2", "browse", "Browse", id="key.browse", tooltip="Choose an existing key file from a list")]

    def __init__(self, record: Record, *, keyring: Callable[[], VaultStatus], **kwargs: object) -> None:
        super().__init__(record, **kwargs)  # type: ignore[arg-type]  # the step's own keywords
        self._keyring = keyring

    def compose_fields(self) -> ComposeResult:
        yield Static("Looking for the keyring …", id="keyring", markup=False)
        yield Choices(
            ways(),
            self.record.custody,
            id="password_choice",
            help="You enter a password of your own when you generate.",
        )
        if self.record.lineage.same_key:
            yield Static(f"✓ The key of record {self.record.lineage.renews}.", id="same", markup=False)
        yield Field(
            "Existing key",
            self.record.key_file,
            id="key_file",
            placeholder="optional; leave empty to generate a new key",
            help="A key file: PEM, DER or PKCS#12. F2 opens a list. It decides the key type.",
            rule=_key_file,
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
        custody = self.password.value
        usual = Custody.TYPED_PROMPT if status.state is VaultState.MISSING else Custody.RANDOM_KEYRING
        self.password.set_options(ways(status), usual if custody is Custody.RANDOM_KEYRING else custody)
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


def _key_file(text: str) -> Finding | None:
    """Whether there is such a file; what is in it is judged when it is opened."""
    if is_there(absolute(text)):
        return None
    return Finding.error("file-missing", "key_file", "No such file. Type its path, or leave this empty.")
