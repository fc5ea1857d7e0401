"""Adding a CA: a program, or an account at an ACME directory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Label, Static

from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.questions import Option
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.ui import advice
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.text_input import PasswordInput

CUSTODIES = {
    Custody.RANDOM_KEYRING: "Encrypt the account's key; the keyring stores its password",
    Custody.TYPED_PROMPT: "Encrypt it with your own password, typed each time",
    Custody.NONE_UNPROTECTED: "No encryption at all (file mode 0600)",
}


@dataclass(frozen=True, slots=True)
class CAInput:
    """What was typed; `eab_key` is None where no key id was."""

    name: str
    command: str = ""
    directory: str = ""
    email: str = ""
    ca_file: str = ""
    eab_kid: str = ""
    eab_key: Secret | None = None
    custody: Custody = Custody.RANDOM_KEYRING


class _NewCA(Dialog[CA]):
    """Answers with the CA once `add` has added it; what goes wrong before that is shown, and what was typed stays."""

    BUTTONS = {"cancel": "Cancel", "add": "Add"}
    BUSY: ClassVar[str]

    def __init__(self, add: Callable[[CAInput], Awaitable[CA | None]]) -> None:
        super().__init__()
        self._add_typed = add

    def read(self) -> CAInput:
        """What is typed now."""
        raise NotImplementedError

    def value(self, name: str) -> str:
        """What is typed into a field, "" where that is not asked for."""
        return next((field.value for field in self.query(Field) if field.id == name), "")

    @on(Button.Pressed, "#add")
    @work(group="add", exclusive=True, description="adding a CA")
    async def _add(self) -> None:
        self.complain("")
        busy = self.query_one("#busy", Static)
        busy.update(self.BUSY)
        try:
            added = await self._add_typed(self.read())
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
        else:
            if added is not None:
                self.dismiss(added)
        finally:
            busy.update("")


class NewCommandCA(_NewCA):
    """A program that signs."""

    TITLE_TEXT = "A program as CA"
    BUSY = ""

    def compose_form(self) -> ComposeResult:
        yield lead(
            "{csr} becomes the path of the CSR, {out} the path of the certificate (without it: standard output). The "
            "line is split into words once; no shell runs."
        )
        yield Field("Name", id="name", placeholder="e.g. corp", missing="Enter a name, such as corp.")
        yield Field("Command", id="command", placeholder="e.g. step ca sign {csr} {out}", missing="Enter the command.")
        yield Static("", id="busy", markup=False)

    def read(self) -> CAInput:
        return CAInput(self.value("name"), command=self.value("command"))


class NewDirectoryCA(_NewCA):
    """An account at an ACME directory; with `directory`, at that one, which is public and knows nobody before."""

    TITLE_TEXT = "An account at an ACME directory"
    BUSY = "Reading the directory …"

    def __init__(
        self, add: Callable[[CAInput], Awaitable[CA | None]], *, name: str, directory: str, without_keyring: str
    ) -> None:
        super().__init__(add)
        self._name_first = name
        self._directory = directory
        self._without_keyring = without_keyring

    def compose_form(self) -> ComposeResult:
        yield Field("Name", self._name_first, id="name", placeholder="e.g. corp", missing="Enter a name, such as corp.")
        if not self._directory:
            yield Field("Directory", id="directory", placeholder="e.g. https://ca.example.com/acme/directory")
        yield Field("Email", id="email", placeholder="optional: where the CA can reach you")
        if not self._directory:
            yield Field("CA file", id="ca-file", placeholder="private CA: path of its root certificate (PEM)")
            yield Field("Key id (EAB)", id="eab-kid", placeholder="if the CA gave you one")
            yield Label("Key (EAB; not shown, used once)", markup=False)
            yield PasswordInput(id="eab-key")
        keyring = Custody.RANDOM_KEYRING
        yield Choices(
            tuple(
                Option(one, title, refusal=self._without_keyring if one is keyring else "")
                for one, title in CUSTODIES.items()
            ),
            Custody.TYPED_PROMPT if self._without_keyring else keyring,
            id="custody",
        )
        yield Static("", id="busy", markup=False)

    @on(Input.Submitted, "#eab-key")
    def _on(self) -> None:
        self.query_one("#custody").focus()

    def read(self) -> CAInput:
        key = "" if self._directory else self.query_one("#eab-key", PasswordInput).value
        return CAInput(
            self.value("name"),
            directory=self._directory or self.value("directory"),
            email=self.value("email"),
            ca_file=self.value("ca-file"),
            eab_kid=self.value("eab-kid"),
            eab_key=Secret(key) if key else None,
            custody=self.query_one("#custody", Choices).value or Custody.RANDOM_KEYRING,
        )
