"""The outcome at a CA: asked and issued side by side, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import Enum

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from csr_tui.core import facts
from csr_tui.core.order import CertificateOrder
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.attach import Offer
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.attach import offer_lines
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.words import domain_name


class ObtainResult(Dialog[bool]):
    """The certificate is attached; True leads on to its export."""

    BUTTONS = {"cancel": "Close", "export": "Export"}
    ANSWERS = {"export": True}

    def __init__(self, offer: Offer, ca: str, messages: Sequence[str], now: datetime) -> None:
        super().__init__(f"Certificate from {ca} attached")
        self._offer = offer
        self._ca = ca
        self._messages = messages
        self._now = now

    def compose_form(self) -> ComposeResult:
        yield MarkedText(Content("\n").join(offer_lines(self._offer, self._now)))
        yield from _messages(self._ca, self._messages)


class OutcomeDecision(Enum):
    """What to do about a run whose outcome is unknown."""

    ATTACH = "attach"
    GIVE_UP = "give up"


class RunUnknown(Dialog[OutcomeDecision | Offer]):
    """The command is not run again; `settle` looks at what it returned, and answers with that where it is usable."""

    ANSWERS = {"give-up": OutcomeDecision.GIVE_UP, "attach": OutcomeDecision.ATTACH}

    def __init__(
        self, record: Record, order: CertificateOrder, messages: Sequence[str], settle: Callable[[], Offer]
    ) -> None:
        super().__init__(f"Outcome unknown: {domain_name(record)}")
        self._order = order
        self._messages = messages
        self._settle = settle

    def compose_form(self) -> ComposeResult:
        order = self._order
        yield lead(escaped(order.message or "The command has not ended."))
        started = f" It started on {facts.moment(order.sent_at)}." if order.sent_at is not None else ""
        yield Static(
            f"The CA {escaped(order.ca)} may have issued a certificate, so its command is not run again.{started}\n\n"
            "If you receive the certificate, attach it. If you know that none was issued, give up: then you can send "
            "the CSR to a CA again.",
            markup=False,
        )
        yield from _messages(order.ca, self._messages)

    def compose_buttons(self) -> ComposeResult:
        yield Button("Close", id="cancel")
        yield Button("Give up", id="give-up", variant="warning")
        yield Button("Look again", id="settle")
        yield Button("Attach", id="attach", variant="primary")

    @on(Button.Pressed, "#settle")
    @work(group="settle", exclusive=True, description="looking at what a command returned")
    async def _look(self) -> None:
        self.complain("")
        try:
            self.dismiss(await run_blocking(self._settle))
        except CsrTuiError as error:
            self.complain(advice.sentence(error))


def _messages(ca: str, messages: Sequence[str]) -> Iterator[Static]:
    """What the CA reported last."""
    if messages:
        yield Static(f"Messages of {ca}", classes="dialog-after paste-lead", markup=False)
        yield Static(escaped("\n".join(messages), keep="\n"), classes="paste", markup=False)
