"""Which CA a record is taken to."""

from __future__ import annotations

from collections.abc import Sequence

from textual import getters, on
from textual.app import ComposeResult
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.ca import CA
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices


class ChooseCA(Dialog[CA]):
    """The one that the record was taken to last is marked; nothing is sent before the button is pressed."""

    BUTTONS = {"cancel": "Cancel", "obtain": "Obtain"}
    AUTO_FOCUS = "#ca"
    HELP = (
        "The CSR of this record goes to the CA that you choose; the private key stays where it is. The certificate "
        "passes the checks of every certificate that is attached. A command runs once and is never repeated by itself."
    )

    ca = getters.query_one("#ca", Choices)

    def __init__(self, record: Record, known: Sequence[CA]) -> None:
        super().__init__(f"Obtain a certificate for {escaped(host_names.to_unicode(record.subject.domain))}")
        self._known = known
        self._first = record.ca if any(ca.name == record.ca for ca in known) else known[0].name

    def compose_form(self) -> ComposeResult:
        yield Static("The CA gets the CSR; the key stays where it is.", classes="dialog-lead", markup=False)
        yield Choices(
            tuple(Option(ca.name, ca.name, (escaped(f"runs {ca.command}"),)) for ca in self._known),
            self._first,
            id="ca",
        )

    @on(Button.Pressed, "#obtain")
    def _obtain(self) -> None:
        self.dismiss(next(ca for ca in self._known if ca.name == self.ca.value))
