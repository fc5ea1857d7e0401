"""What came of a submission: what differs, what is not known, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from csr_tui.core import host_names
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.ui import advice
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.words import differences_text

if TYPE_CHECKING:
    from csr_tui.core.csr import Difference
    from csr_tui.lifecycle.tencent.reconcile import SubmissionOutcome


class Decision(Enum):
    """What the person decides."""

    LOOK = "look"
    SEND_AGAIN = "send again"
    DETACH = "detach"
    COPY = "copy"
    DELETE_EXTRAS = "delete extras"


class Differences(Dialog[Decision]):
    """Asked and got, side by side; the person keeps it, or starts over with a copy to generate here."""

    TITLE_TEXT = "The CSR differs from the request"
    BUTTONS = {"copy": "Copy to generate here", "cancel": "Use as is"}
    ANSWERS = {"copy": Decision.COPY}

    def __init__(self, found: Sequence[Difference], place: str) -> None:
        super().__init__()
        self._found = found
        self._place = place

    def compose_form(self) -> ComposeResult:
        yield Static(differences_text(self._found), markup=False)
        yield Static(
            f"This CSR was generated at {self._place} and can no longer be changed. Use it as is, or copy the request "
            "and generate the copy here with every value.",
            classes="dialog-after",
            markup=False,
        )


class OutcomeUnknown(Dialog[Decision]):
    """A submission whose answer was lost: look for it; once that was in vain for long enough, decide."""

    ANSWERS = {"look": Decision.LOOK, "again": Decision.SEND_AGAIN, "detach": Decision.DETACH}

    def __init__(self, record: Record, when: str, *, may_decide: bool) -> None:
        super().__init__(f"Outcome unknown: {escaped(host_names.to_unicode(record.subject.domain))}")
        self._record = record
        self._when = when
        self._may_decide = may_decide

    def compose_form(self) -> ComposeResult:
        sent = self._record.submission
        if sent is not None and sent.message:
            yield Static(escaped(sent.message), classes="dialog-lead", markup=False)
        yield Static(escaped(self._when), markup=False)
        if sent is not None and sent.request_id:
            yield Static(escaped(f"Request id: {sent.request_id}"), markup=False)

    def compose_buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel", compact=True)
        if self._may_decide:
            yield Button(Content("Detach"), id="detach", compact=True)
            yield Button(Content("Send again"), id="again", compact=True, variant="warning")
        yield Button(Content("Look up now"), id="look", compact=True, variant="primary")


class ReconcileResults(Dialog[Decision]):
    """What looking for lost answers has found, and the drafts there that nobody needs."""

    TITLE_TEXT = "Results of the lookup"
    ANSWERS = {"extras": Decision.DELETE_EXTRAS}

    def __init__(self, settled: Sequence[SubmissionOutcome]) -> None:
        super().__init__()
        self._settled = settled

    def compose_form(self) -> ComposeResult:
        yield Static(
            Content("\n").join(
                Content.assemble(
                    ("? ", "bold $warning") if one.error is not None else ("✓ ", "bold $success"),
                    advice.sentence(one.outcome),
                )
                for one in self._settled
            ),
            markup=False,
        )

    def compose_buttons(self) -> ComposeResult:
        extras = sum(len(one.extras) for one in self._settled)
        if extras:
            what = "the extra draft" if extras == 1 else f"the {extras} extra drafts"
            yield Button(Content(f"Delete {what}"), id="extras", compact=True, variant="warning")
        yield Button(Content("Close"), id="cancel", compact=True, variant="primary")
