"""What a record needs, as a sign, a colour and a word in its row: each need has its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeAlias

from csr_tui.core.findings import Finding, errors
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Origin, Record, State
from csr_tui.core.submission import Stage
from csr_tui.core.text import counted
from csr_tui.core.validity import SOON, days_left

PRESSING = 7
"""Days before its end from which on a certificate has to be replaced at once."""


class Assessment(NamedTuple):
    """What the rules report of a draft; of a certificate, how much differs from the request, or that it is damaged."""

    findings: tuple[Finding, ...] = ()
    differing: int = 0
    damaged: bool = False


Assess: TypeAlias = Callable[[Record], Assessment]


class Assessments:
    """What each record was assessed as: each revision once, until they are forgotten; None before there are rules."""

    def __init__(self) -> None:
        self.assess: Assess | None = None
        self.known: dict[tuple[str, int], Assessment] = {}
        self.damaged: set[str] = set()
        """The ids of all records whose certificates were found damaged."""

    def of(self, record: Record) -> Assessment | None:
        if self.assess is None:
            return None
        if (assessment := self.known.get((record.id, record.revision))) is None:
            assessment = self.known[record.id, record.revision] = self.assess(record)
            if assessment.damaged:
                self.damaged.add(record.id)
        return assessment

    def forget(self) -> None:
        self.known.clear()


class Need(Enum):
    """Sign and style of each, the worst first."""

    BAD = "✗", "bad"
    UNKNOWN = "?", "unknown"
    PRESSING = "!!", "pressing"
    SOON = "!", "warn"
    DIFFERS = "~", "warn"
    ERRORS = "-", "warn"
    DRAFT = "-", "muted"
    ORDER = "›", "warn"
    AT_CA = "›", "mark"
    REPLACED = "·", "muted"
    NONE = "✓", "good"

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def style(self) -> str:
        return f"record-list--{self.value[1]}"


def need_of(record: Record, now: datetime, assessment: Assessment | None) -> Need:
    """What a record needs; `assessment` is None while the rules are not loaded."""
    if record.damage or (assessment is not None and assessment.damaged):
        return Need.BAD
    if record.submission is not None and record.submission.outcome_unknown:
        return Need.UNKNOWN
    if record.state is State.DRAFT:
        return Need.ERRORS if assessment is not None and errors(assessment.findings) else Need.DRAFT
    if record.not_after is None:
        match record.order.stage if record.order is not None else None:
            case OrderStage.UNKNOWN:
                return Need.UNKNOWN
            case OrderStage.ORDERED | OrderStage.REFUSED | OrderStage.EXPIRED:
                return Need.ORDER
        return Need.AT_CA
    if record.lineage.replaced:
        return Need.REPLACED
    if record.not_after <= now:
        return Need.BAD
    if (days := days_left(record.not_after, now)) <= SOON:
        return Need.PRESSING if days < PRESSING else Need.SOON
    return Need.DIFFERS if assessment is not None and assessment.differing else Need.NONE


def state_name(record: Record, assessment: Assessment | None = None) -> str:
    """How far a record is, and where it was submitted; the usual ones take sixteen cells."""
    if record.damage:
        return "damaged"
    if record.state is State.DRAFT:
        return _draft(record, assessment)
    remote = record.origin is Origin.TENCENT
    if record.state is State.GENERATED:
        return _order(record) or (f"CSR at {_place(record)}" if remote else "CSR ready")
    words = [f"issued {_place(record)}" if remote else "issued"]
    if assessment is not None and assessment.damaged:
        words.append("damaged")
    if record.lineage.renewal:
        words.append("renewed" if record.lineage.replaced else "renewing")
    elif assessment is not None and assessment.differing:
        words.append("differs" if assessment.differing == 1 else f"{assessment.differing} differ")
    return ", ".join(words)


def _draft(record: Record, assessment: Assessment | None) -> str:
    match record.submission.stage if record.submission is not None else None:
        case Stage.CREATING | Stage.FINALISING | Stage.UNKNOWN:
            return f"{_place(record)} no reply"
        case Stage.CREATED:
            return f"draft at {_place(record)}"
        case Stage.REFUSED:
            return f"refused, {_place(record)}"
    if assessment is None:
        return "draft"
    wrong = len(errors(assessment.findings))
    return f"draft, {counted(wrong, 'error')}" if wrong else "draft, ready"


def _order(record: Record) -> str:
    """How far a record is at its CA, where it is on its way there."""
    match record.order.stage if record.order is not None else None:
        case OrderStage.UNKNOWN:
            return "outcome unknown"
        case OrderStage.ORDERED if record.order is not None and record.order.unproven:
            unseen = sum(not proof.seen for proof in record.order.unproven)
            return f"prove {unseen}" if unseen else "proofs seen"
        case OrderStage.ORDERED | OrderStage.PROVING | OrderStage.FINALISING | OrderStage.FETCHING:
            return "waiting for CA"
        case OrderStage.REFUSED:
            return "refused by CA"
        case OrderStage.EXPIRED:
            return "order expired"
    return ""


def _place(record: Record) -> str:
    return "SANDBOX" if record.in_sandbox else "Tencent"
