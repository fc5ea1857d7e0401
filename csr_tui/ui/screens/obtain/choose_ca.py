"""The choice of a CA for a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import getters, on
from textual.app import ComposeResult

from csr_tui.core.ca import CA
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.words import domain_name


class ChooseCA(Dialog[CA]):
    """The one that the record was taken to last is marked; nothing is sent before the button is pressed."""

    BUTTONS = {"cancel": "Cancel", "obtain": "Obtain"}
    HELP = (
        "csr-tui sends the CSR of this record to the CA that you choose; the private key stays where it is. The "
        "certificate goes through the same checks as one that you attach. A command runs once and is never repeated "
        "automatically."
    )

    ca = getters.query_one("#ca", Choices)

    def __init__(self, record: Record, known: Sequence[CA]) -> None:
        super().__init__(f"Obtain a certificate for {domain_name(record)}")
        self._known = known
        ready = [ca.name for ca in known if not _refusal(ca)]
        self._first = record.ca if record.ca in ready else next(iter(ready), None)

    def compose_form(self) -> ComposeResult:
        yield lead("The CA gets the CSR; the key stays where it is.")
        yield Choices(
            tuple(
                Option(ca.name, ca.name, tuple(map(escaped, _lines(ca))), refusal=_refusal(ca)) for ca in self._known
            ),
            self._first,
            id="ca",
        )

    @on(Button.Pressed, "#obtain")
    def _obtain(self) -> None:
        chosen = next((ca for ca in self._known if ca.name == self.ca.value), None)
        if chosen is None:
            self.complain("None of these CAs can be used yet.")
        else:
            self.dismiss(chosen)


def _lines(ca: CA) -> Iterator[str]:
    yield ca.directory or f"runs {ca.command}"
    if ca.is_public:
        yield "A public CA: it publishes every name that it certifies."


def _refusal(ca: CA) -> str:
    no_account = ca.directory is not None and ca.account_url is None
    return "It has no account yet: F4 on the desk, then Add with the same name." if no_account else ""
