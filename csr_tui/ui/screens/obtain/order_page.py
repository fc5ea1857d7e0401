"""An order at an ACME directory: what to prove, which proofs are seen, and its progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.facts import moment
from csr_tui.core.fields import FIELDS
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Record
from csr_tui.core.text import counted, escaped
from csr_tui.core.validity import left
from csr_tui.errors import CsrTuiError
from csr_tui.ui import advice, clipboard
from csr_tui.ui.actions import Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.ca_run import CARun
from csr_tui.ui.widgets.buttons import Button, ButtonRow
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.widgets.texts import Sideways, slide
from csr_tui.ui.words import domain_name

AFTER = {OrderStage.FINALISING, OrderStage.FETCHING, OrderStage.UNKNOWN, OrderStage.REFUSED, OrderStage.EXPIRED}
PAGE_STAGES = AFTER | {OrderStage.ORDERED, OrderStage.PROVING}
"""Those of an order that has a page: it was placed, and has not ended with a certificate."""


class OrderDecision(Enum):
    OBTAIN = "obtain"
    OTHER_PROOF = "other proof"
    ATTACH = "attach"
    GIVE_UP = "give up"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record or a file that proves a name; `once` for all orders of the account."""

    proof: NameProof
    place: str
    value: str
    once: bool = False

    @property
    def text(self) -> str:
        kind = "file" if self.proof.kind == "http-01" else "TXT"
        return escaped(f"{kind:<5}{self.place}\n     {self.value}", keep="\n")


class OrderPage(PagedScreen[CARun | Next]):
    """Leaving it stops nothing. `look` looks for the proofs, and returns the record with what it saw.

    `carry_out` asks over this page what a decision needs, and returns what follows; None where the page stays.
    """

    HELP = (
        "Publish each record in your DNS, or each file on your web server: C copies the value, N the name of the "
        "record or the address of the file, Up and Down choose between several. L looks again, at the name servers of "
        "the domain. Ctrl+O has the CA check the proofs and obtains the certificate. The CA checks each proof once, "
        "and a failed check ends the order. You can leave at any time: the order waits, and Ctrl+O on the record "
        "returns here."
    )
    BINDINGS = [
        Binding(
            "ctrl+o",
            "obtain",
            "Obtain",
            id="order.obtain",
            tooltip="Have the CA check the proofs, and obtain the certificate",
        ),
        Binding("l", "look", "Look again", id="order.look", tooltip="Look for the proofs again"),
        Binding("c", "copy('value')", "Copy", id="order.copy", tooltip="Copy the value that proves this name"),
        Binding("n", "copy('place')", "Copy name", id="order.place", tooltip="Copy where that value belongs"),
        Binding("w", "other", "Other proof", id="order.other", tooltip="Prove the names another way"),
        Binding(
            "a", "attach", "Attach", id="order.attach", tooltip="Attach the certificate if you received it another way"
        ),
        Binding("g", "give_up", "Give up", id="order.give_up", tooltip="Give up this order"),
        Binding("up", "step(-1)", "Previous name", show=False, id="order.up", tooltip="Choose the name above"),
        Binding("down", "step(1)", "Next name", show=False, id="order.down", tooltip="Choose the name below"),
        Binding("left", "slide(-8)", "Scroll left", show=False, id="order.left", tooltip="Scroll long lines"),
        Binding("right", "slide(8)", "Scroll right", show=False, id="order.right", tooltip="Scroll long lines"),
        Binding("escape,q", "leave", "Leave", id="order.leave", tooltip="Leave; the order waits"),
    ]

    def __init__(
        self,
        record: Record,
        order: CertificateOrder,
        look: Callable[[], Record],
        carry_out: Callable[[OrderDecision], Awaitable[CARun | Next | None]],
        now: Callable[[], datetime],
        problem: str,
    ) -> None:
        super().__init__(classes="order")
        self._record = record
        self._order = order
        self._look_again = look
        self._carry_out = carry_out
        self._deciding = False
        self._now = now
        self._problem = problem
        self._chosen = 0

    @property
    def _proofs(self) -> tuple[NameProof, ...]:
        """What is to be proven, or was; once the CSR was sent, nothing is."""
        return () if self._order.may_have_issued else self._order.unproven

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(domain_name(self._record), id="heading", markup=False)
            yield Static(escaped(self._order.ca), id="kept", markup=False)
        with Page(id="page"):
            if self._problem:
                yield MarkedText(f"✗ {self._problem}", id="trouble")
            yield MarkedText(self._lead(), id="lead")
            if self._order.files and not self._problem:
                folder = self._order.files[0].folder
                yield Static(escaped(f"csr-tui wrote the files below {folder}."), id="folder", markup=False)
            for number, entry in enumerate(self._entries):
                yield Static("", id=f"name-{number}", classes="proof-name", markup=False)
                yield Sideways(Static(entry.text, markup=False), id=f"text-{number}", classes="paste")
                yield MarkedText("", id=f"note-{number}", classes="proof-note")
            yield Static(_disclosure(self._record, self._order), id="sent", markup=False)
        with Vertical(id="foot"):
            yield MarkedText("", id="looked")
            with ButtonRow(id="buttons"):
                yield Button("Leave", id="leave")
                if self._order.is_to_prove:
                    yield Button("Look again", id="look")
                yield Button(self._verb(), id="obtain")
            yield KeyBar()

    def on_mount(self) -> None:
        self._show()
        if self._order.is_to_prove and self._proofs:
            self.action_look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Only what is still to be proven is looked for and copied; only what may have been issued can be attached."""
        match action:
            case "look":
                return self._order.is_to_prove and bool(self._proofs)
            case "other":
                return self._order.is_to_prove
            case "copy":
                return bool(self._proofs)
            case "attach":
                return self._order.may_have_issued
        return True

    def action_look(self) -> None:
        self._looking()

    @work(group="read", exclusive=True, description="looking for proofs")
    async def _looking(self) -> None:
        looked = self.query_one("#looked", Static)
        looked.update("Looking …")
        try:
            record = await run_blocking(self._look_again)
        except CsrTuiError as error:
            looked.update("")
            advice.report(self, error)
            return
        order = record.order
        if order is None or order.stage not in PAGE_STAGES:  # another process gave it up, or brought it home
            self.dismiss(None)
            return
        shown, self._record, self._order = (self._order.stage, self._texts), record, order
        if shown != (order.stage, self._texts):
            self._chosen = 0
            await self.recompose()
            self.query_one("#leave").focus()
        self.query_one("#looked", Static).update(f"Looked at {self._now():%H:%M:%S} UTC.")
        self._show()

    @property
    def _texts(self) -> list[str]:
        return [entry.text for entry in self._entries]

    @property
    def _entries(self) -> tuple[_Entry, ...]:
        """What can be copied."""
        return tuple(_entries(self._proofs, is_open=self._order.is_open))

    def _show(self) -> None:
        """What is seen of each name now, and which one is chosen."""
        entries = self._entries
        for number, entry in enumerate(entries):
            mark = "▸ " if number == self._chosen and len(entries) > 1 else "  "
            if entry.once:
                name = Content.assemble(mark, ("Or once, for all orders of this account", "$muted"))
            else:
                domain = escaped(host_names.to_unicode(entry.proof.name))
                name = Content.assemble(mark, (domain, "bold"), "  ", self._seen(entry.proof))
            note = entry.proof.note if self._order.is_open and not entry.once else ""
            self.query_one(f"#name-{number}", Static).update(name)
            line = self.query_one(f"#note-{number}", Static)
            line.update(escaped(note))
            line.display = bool(note)

    def _seen(self, proof: NameProof) -> Content:
        if not self._order.is_open:
            return Content.styled("no longer needed", "$muted")
        return Content.styled("✓ seen", "$success") if proof.seen else Content.styled("not seen yet", "$warning")

    def _verb(self) -> str:
        if not self._order.is_open:
            return "Order again"
        late = self._order.is_late(self._now())
        return "Obtain" if self._order.is_to_prove and not late else "Ask the CA"

    def _lead(self) -> Content:
        """The names to prove and the deadline, or the last message of the CA."""
        order, until = self._order, ""
        if order.expires is not None:
            until = f" until {moment(order.expires)} ({left(order.expires, self._now())})"
        match order.stage:
            case OrderStage.REFUSED:
                text = f"✗ {order.message}\n\nCorrect that first. A new order shows new values; remove the old ones."
                return Content.styled(escaped(text, keep="\n"), "$error")
            case OrderStage.EXPIRED:
                text = f"! {order.message}\n\nA new order shows new values; remove the old ones."
                return Content.styled(escaped(text, keep="\n"), "$warning")
            case OrderStage.UNKNOWN:
                text = f"? {order.message}\n\nThe CSR was sent. Ask the CA again: its order has the outcome."
                return Content.styled(escaped(text, keep="\n"), "$warning")
            case OrderStage.FINALISING | OrderStage.FETCHING:
                return Content(escaped(f"{order.message} The CSR was sent. Ask the CA for its status.".strip()))
        if order.is_late(self._now()):
            text = f"! The names were to be proven{until}. Ask the CA for the status of this order."
            return Content.styled(escaped(text), "$warning")
        if not self._proofs:
            return Content(escaped(f"Nothing is left to prove{until}."))
        text = f"Prove {counted(len(self._proofs), 'name')}{until}. You can leave: the order waits."
        return Content.styled(escaped(text), "bold")

    @work(group="copy", exclusive=True, description="copying a proof")
    async def action_copy(self, part: str) -> None:
        entry = self._entries[self._chosen]
        value = entry.value if part == "value" else entry.place
        await clipboard.copy(self.app, f"the {part} for {entry.proof.name}", value)

    def action_step(self, by: int) -> None:
        if self._entries:
            self._chosen = (self._chosen + by) % len(self._entries)
            self._show()
            parts = [self.query_one(f"#{part}-{self._chosen}") for part in ("name", "text", "note")]
            place = Region.from_union([part.virtual_region for part in parts if part.display])
            self.query_one(Page).scroll_to_region(place, animate=False, force=True)

    def action_slide(self, by: int) -> None:
        slide(self, by)

    @on(Button.Pressed, "#look")
    def _pressed(self) -> None:
        self.action_look()

    @on(Button.Pressed, "#obtain")
    def action_obtain(self) -> None:
        self._decide(OrderDecision.OBTAIN)

    def action_other(self) -> None:
        self._decide(OrderDecision.OTHER_PROOF)

    def action_attach(self) -> None:
        self._decide(OrderDecision.ATTACH)

    def action_give_up(self) -> None:
        self._decide(OrderDecision.GIVE_UP)

    def _decide(self, decision: OrderDecision) -> None:
        if not self._deciding:
            self._deciding = True
            self._follow(decision)

    @work(group="decision", description="asking about an order")
    async def _follow(self, decision: OrderDecision) -> None:
        try:
            if (following := await self._carry_out(decision)) is not None:
                self.dismiss(following)
        except CsrTuiError as error:
            advice.report(self, error)
        finally:
            self._deciding = False

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)


def _entries(proofs: tuple[NameProof, ...], *, is_open: bool) -> Iterator[_Entry]:
    for proof in proofs:
        yield _Entry(proof, proof.place, proof.value)
        if proof.lasting is not None and is_open:
            yield _Entry(proof, *proof.lasting, once=True)


def _disclosure(record: Record, order: CertificateOrder) -> Content:
    """What the CA has, what it gets later, and what most CAs leave out."""
    left_out = [field.label for field in FIELDS[1:] if getattr(record.subject, field.name)]
    sent = ""
    if order.is_to_prove:
        sent = "The CA has the names; it gets the CSR once they are proven. "
    elif order.may_have_issued:
        sent = "The CA has the names and the CSR. "
    dropped = f"Most ACME CAs leave out: {', '.join(left_out)}." if left_out else ""
    return Content.styled(f"{sent}{dropped}", "$muted")
