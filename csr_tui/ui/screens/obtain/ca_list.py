"""The CAs, and the kinds of CA that can be added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListOption

from csr_tui.core.ca import CA
from csr_tui.core.questions import Option
from csr_tui.core.text import escaped
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.focus import advance


@dataclass(frozen=True, slots=True)
class CAChange:
    """A CA to remove; without one, another is to be added."""

    remove: CA | None = None


class CAList(Dialog[CAChange]):
    """Each with its directory or its command, and with its account."""

    TITLE_TEXT = "CAs"
    ANSWERS = {"add": CAChange()}

    listed = getters.query_one("#cas", OptionList)

    def __init__(self, known: Sequence[CA]) -> None:
        super().__init__()
        self._known = known

    def compose_form(self) -> ComposeResult:
        if self._known:
            yield OptionList(*(ListOption(_content(ca)) for ca in self._known), id="cas", compact=True)
        else:
            yield lead("No CAs yet. Add an ACME directory such as Let's Encrypt, or a program of yours that signs.")

    def compose_buttons(self) -> ComposeResult:
        yield Button("Close", id="cancel")
        if self._known:
            yield Button("Remove", id="remove", variant="warning")
        yield Button("Add", id="add", variant="primary")

    def on_mount(self) -> None:
        for listed in self.query(OptionList):
            listed.highlighted = 0

    @on(OptionList.OptionSelected)
    def _opened(self) -> None:
        advance(self.listed)

    @on(Button.Pressed, "#remove")
    def _remove(self) -> None:
        if self.listed.highlighted is not None:
            self.dismiss(CAChange(self._known[self.listed.highlighted]))


def _content(ca: CA) -> Content:
    lines = [escaped(ca.directory or f"runs {ca.command}")]
    if ca.directory is not None:
        account = "no account yet: add it again to register one" if ca.account_url is None else "account registered"
        lines.append(", ".join(filter(None, (account, escaped(ca.email)))))
    return Content.assemble((ca.name, "bold"), *(part for line in lines for part in ("\n  ", (line, "$muted"))))


class CAKind(Enum):
    """What can be added; the value is the directory's name, as the command line takes it, where it has one."""

    STAGING = "letsencrypt-staging"
    LETS_ENCRYPT = "letsencrypt"
    DIRECTORY = "directory"
    COMMAND = "command"


class ChooseKind(Dialog[CAKind]):
    """To rehearse comes first."""

    TITLE_TEXT = "Add a CA"
    BUTTONS = {"cancel": "Cancel", "go-on": "Continue"}

    kind = getters.query_one("#kind", Choices)

    def compose_form(self) -> ComposeResult:
        yield Choices(
            (
                Option(
                    CAKind.STAGING,
                    "Let's Encrypt, staging",
                    ("To rehearse: its rate limits are high, and no browser trusts its certificates.",),
                ),
                Option(
                    CAKind.LETS_ENCRYPT,
                    "Let's Encrypt",
                    ("At most 5 certificates a week for the same names. Every name is published.",),
                ),
                Option(
                    CAKind.DIRECTORY,
                    "Another ACME directory",
                    ("By its URL; a private CA also needs its root certificate.",),
                ),
                Option(
                    CAKind.COMMAND,
                    "A program of yours",
                    ("csr-tui runs it with the path of the CSR; it returns the certificate.",),
                ),
            ),
            CAKind.STAGING,
            id="kind",
        )

    @on(Button.Pressed, "#go-on")
    def _go_on(self) -> None:
        self.dismiss(self.kind.value)
