"""Before a request leaves for Tencent Cloud: what will be sent, what is kept there, and how far to go."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.lifecycle.tencent.disclosure import disclosure
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.ui.widgets.buttons import Button, ButtonRow
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.words import domain_name

NAMED = 8
"""Of several requests, so many are named."""


class SubmitAction(Enum):
    """What the person wants of the submission."""

    FINALISE = "finalise"
    DRAFT = "draft"
    REHEARSE = "rehearse"
    ACCOUNT = "account"
    DETACH = "detach"


class SubmitScreen(PagedScreen[SubmitAction]):
    """Nothing is sent from here; Esc leaves without doing anything."""

    HELP = (
        "Tencent Cloud generates the key and the CSR, and stores both. Check what is sent and what stays there, then "
        "choose: finalise, or only create a draft there, which can still be edited. The sandbox runs the whole "
        "submission on a copy of the request; nothing leaves this machine, and nothing is saved."
    )
    BINDINGS = [
        Binding("ctrl+t", "submit", "Submit", id="submit.submit", tooltip="Send it to Tencent Cloud"),
        Binding(
            "ctrl+r",
            "rehearse",
            "Sandbox",
            id="submit.rehearse",
            tooltip="Run the submission in the sandbox on this machine",
        ),
        Binding("f2", "account", "Account", id="submit.account", tooltip="Enter or change the API key and the site"),
        Binding(
            "f4",
            "detach",
            "Detach",
            id="submit.detach",
            tooltip="Detach from the draft at Tencent Cloud; it stays there",
        ),
        Binding("escape", "leave", "Cancel", id="submit.leave", tooltip="Cancel without any change"),
    ]

    how_far = getters.query_one("#how-far", Choices)

    def __init__(self, chosen: Sequence[Record], destination: str, problem: str, place: str) -> None:
        super().__init__(classes="submit")
        self._chosen = tuple(chosen)
        self._destination = destination
        self._problem = problem
        self._place = place
        first = chosen[0].submission
        self._tied = first.csr_id if len(chosen) == 1 and first is not None else None

    def compose(self) -> ComposeResult:
        first = self._chosen[0]
        what = (
            host_names.to_unicode(first.subject.domain) if len(self._chosen) == 1 else f"{len(self._chosen)} requests"
        )
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(escaped(f"Submit {what}"), id="heading", markup=False)
            site = f"Site: {self._destination}" if self._destination else "no API key yet"
            yield Static(escaped(site), id="kept", markup=False)
        with Page(id="page"):
            if self._problem:
                yield MarkedText(escaped(f"✗ {self._problem}"), id="trouble")
            if self._tied is not None:
                yield Static(
                    f"CSR {self._tied} at {self._place} is the draft of this request.", id="tied", markup=False
                )
            yield Choices(
                (
                    Option(SubmitAction.FINALISE, "Finalise: generate the key and the CSR there; cannot be undone"),
                    Option(
                        SubmitAction.DRAFT,
                        "Update the draft there; finalise it later"
                        if self._tied is not None
                        else "Draft only: edit, finalise or detach it later",
                    ),
                ),
                SubmitAction.FINALISE,
                id="how-far",
            )
            yield MarkedText("", id="stays")
            yield MarkedText("", id="sent")
        with Vertical(id="foot"):
            with ButtonRow(id="buttons"):
                yield Button("Cancel", id="cancel")
                yield Button("Try in the sandbox", id="rehearse")
                yield Button("Submit", id="submit", variant="primary", classes="deliberate")
            yield KeyBar()

    def on_mount(self) -> None:
        self._tell()

    @on(Choices.Changed)
    def _tell(self) -> None:
        """Say what is sent and what stays, for the way that is chosen now."""
        first, draft_only = self._chosen[0], self.how_far.value is SubmitAction.DRAFT
        disclosed = disclosure(first, SubmitOptions(first.custody.choose(), draft_only=draft_only), self._place)
        stays = [Content.assemble(("! ", "bold $warning"), sentence) for sentence in disclosed.sentences]
        self.query_one("#stays", Static).update(
            Content("\n").join((Content.styled(f"Stored at {self._place}", "bold $primary"), *stays))
        )
        if len(self._chosen) == 1:
            sent = [Content.assemble((f"{name:<14}", "$muted"), escaped(value)) for name, value in disclosed.sent]
        else:
            sent = [Content(domain_name(record)) for record in self._chosen[:NAMED]]
            if len(self._chosen) > NAMED:
                sent.append(Content.styled(f"and {len(self._chosen) - NAMED} more", "$muted"))
        self.query_one("#sent", Static).update(
            Content("\n").join((Content.styled(f"Sent to {self._place}", "bold $primary"), *sent))
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Only what has a draft there can be detached, and only one request at a time is played through."""
        if action == "detach":
            return self._tied is not None
        if action == "rehearse":
            return len(self._chosen) == 1
        return True

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        if self._problem:
            self.action_account()
        else:
            self.dismiss(SubmitAction(self.how_far.value))

    @on(Button.Pressed, "#rehearse")
    def action_rehearse(self) -> None:
        self.dismiss(SubmitAction.REHEARSE)

    def action_account(self) -> None:
        self.dismiss(SubmitAction.ACCOUNT)

    def action_detach(self) -> None:
        self.dismiss(SubmitAction.DETACH)

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        self.dismiss(None)
