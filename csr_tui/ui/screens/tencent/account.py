"""The settings of the Tencent Cloud account's site and API key."""

from __future__ import annotations

from enum import Enum

from textual import getters, on, work
from textual.app import ComposeResult
from textual.widgets import Input, Label

from csr_tui.core.questions import Option
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.tencent import account
from csr_tui.tencent.endpoint import endpoint_of
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.text_input import PasswordInput, TextInput
from csr_tui.vault import Vault

OTHER = "other"
SITES = (
    Option("international", "International site (intl.tencentcloudapi.com)"),
    Option("mainland", "Mainland China site (tencentcloudapi.com); needs its own API key"),
    Option(OTHER, "Another endpoint, such as a sandbox"),
)


class AccountChange(Enum):
    """What became of the settings."""

    KEPT = "kept"
    REMOVED = "removed"


class AccountScreen(Dialog[AccountChange]):
    """Both parts of the key go into the keyring, and nowhere else; what is wrong is said, and nothing typed is lost."""

    TITLE_TEXT = "Tencent Cloud account"
    BUTTONS = {"cancel": "Cancel", "remove": "Remove from the keyring", "keep-key": "Save in the keyring"}
    AUTO_FOCUS = "#secret-id"

    site = getters.query_one("#site", Choices)
    endpoint = getters.query_one("#endpoint", TextInput)
    secret_id = getters.query_one("#secret-id", TextInput)
    secret_key = getters.query_one("#secret-key", PasswordInput)

    def __init__(self, vault: Vault, known: str) -> None:
        super().__init__()
        self._vault = vault
        self._known = known

    def compose_form(self) -> ComposeResult:
        create = "No API key yet. Create one in the console: Access Management, API Keys."
        there = f"The API key is {self._known}." if self._known else create
        yield lead(escaped(there))
        yield Choices(SITES, "international", id="site")
        yield TextInput(placeholder="e.g. https://…", id="endpoint")
        yield Label("SecretId", markup=False)
        yield TextInput(placeholder="e.g. AKID…", id="secret-id")
        yield Label("SecretKey (not shown)", markup=False)
        yield PasswordInput(id="secret-key")

    def on_mount(self) -> None:
        self.query_one("#remove").display = "keyring" in self._known
        self._sited()

    @on(Choices.Changed, "#site")
    def _sited(self) -> None:
        self.endpoint.display = self.site.value == OTHER

    @on(Input.Submitted, "#secret-id")
    def _on(self) -> None:
        self.secret_key.focus()

    @on(Input.Submitted, "#secret-key")
    @on(Button.Pressed, "#keep-key")
    @work(group="account", exclusive=True, description="saving an API key")
    async def _keep(self) -> None:
        wanted = self.endpoint.value if self.site.value == OTHER else str(self.site.value)
        secret_id, secret_key = self.secret_id.value, Secret(self.secret_key.value)
        try:
            credentials, endpoint = account.credentials_of(secret_id, secret_key), endpoint_of(wanted)
            await run_blocking(lambda: account.login(self._vault, credentials, endpoint))
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
        else:
            self.dismiss(AccountChange.KEPT)

    @on(Button.Pressed, "#remove")
    @work(group="account", exclusive=True, description="removing an API key")
    async def _remove(self) -> None:
        try:
            await run_blocking(lambda: account.logout(self._vault))
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
        else:
            self.dismiss(AccountChange.REMOVED)
