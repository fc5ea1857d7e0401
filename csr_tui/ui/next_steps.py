"""The next step of each record, with its reason: under the list of the desk, and on top of the record's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from csr_tui.core.facts import certreq, moment
from csr_tui.core.findings import Finding, errors
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.core.submission import Stage
from csr_tui.core.text import counted, escaped
from csr_tui.core.usages import USAGES
from csr_tui.core.validity import SOON, days_left, left
from csr_tui.ui.actions import KEYS, Action

ALWAYS = (Action.OPEN, Action.DELETE)
USUAL = {
    State.DRAFT: (Action.GENERATE, Action.SUBMIT),
    State.GENERATED: (Action.CLIP, Action.ATTACH, Action.OBTAIN, Action.EXPORT),
    State.ISSUED: (Action.EXPORT, Action.RENEW),
}
"""What a person does most with a record, and what in each of its states."""


class NextStep(NamedTuple):
    """What to do; without an action, what there is to know, or to do elsewhere."""

    action: Action | None
    sentence: str

    @property
    def key(self) -> str:
        """The key of its action, as a person types it."""
        return "" if self.action is None else KEYS[self.action][0].partition(",")[0].replace("ctrl+", "^")


def next_steps(
    record: Record, now: datetime, findings: tuple[Finding, ...] | None = None, *, damaged: bool = False
) -> tuple[NextStep, ...]:
    """Those of a record, the first one first; never none.

    `findings` are the rules' of a draft, None while they are not known; `damaged` is a certificate that cannot be read.
    """
    steps = _steps(record, now, findings, damaged=damaged)
    return tuple(NextStep(action, escaped(sentence)) for action, sentence in steps)


def _steps(
    record: Record, now: datetime, findings: tuple[Finding, ...] | None, *, damaged: bool
) -> Iterator[tuple[Action | None, str]]:
    if record.damage:
        yield None, "Parts of this record cannot be read. Leave with Ctrl+Q, and run csr-tui doctor."
    elif record.trashed_at is not None:
        yield Action.RESTORE, f"Restore it: it has been in the trash since {moment(record.trashed_at)}."
    elif record.state is State.DRAFT:
        yield _of_draft(record, findings)
    elif record.not_after is None:
        yield from _of_generated(record, now)
    else:
        if damaged:
            yield Action.ATTACH, "Attach its certificate again: the stored one is damaged."
        yield from _of_issued(record, record.not_after, now, damaged=damaged)


def _of_draft(record: Record, findings: tuple[Finding, ...] | None) -> tuple[Action, str]:
    sent, place = record.submission, record.place
    if sent is not None and sent.outcome_unknown:
        return Action.RECONCILE, f"Look up the submission to {place}: its outcome is unknown."
    if findings is None:
        return Action.OPEN, "Open the draft."
    if wrong := errors(findings):
        return Action.OPEN, f"Fix {counted(len(wrong), 'error')}: {wrong[0].message}"
    if sent is not None and sent.has_remote_draft:
        return Action.SUBMIT, f"Finalise CSR {sent.csr_id}, a draft at {place}."
    if sent is not None and sent.stage is Stage.REFUSED:
        return Action.OPEN, f"Edit it, or generate it here: {place} refused it. {sent.message}"
    if record.lineage.same_key:
        return Action.GENERATE, "Generate the CSR, with the key of the record that it renews."
    if record.key_file:
        return Action.GENERATE, f"Generate the CSR, with the key in {record.key_file}."
    if record.token is not None:
        what = "CSR, with the key" if record.token.names_key else "key and the CSR,"
        return Action.GENERATE, f"Generate the {what} {record.custody_text}."
    return Action.GENERATE, "Generate the key and the CSR: the draft has no errors."


def _of_generated(record: Record, now: datetime) -> Iterator[tuple[Action | None, str]]:
    public, order = record.purpose is Purpose.PUBLIC, record.order
    if order is not None and order.directory is not None and order.is_open:
        yield Action.OBTAIN, _of_order(order, now)
        yield from _without_key(record)
        return
    if order is not None and order.stage is OrderStage.FINALISING:
        yield Action.OBTAIN, f"See how far {order.ca} is with it."
        return
    if order is not None and order.stage is OrderStage.UNKNOWN:
        yield Action.OBTAIN, f"Decide what to do: the outcome at {order.ca} is unknown. {order.message}"
        yield Action.ATTACH, "Attach the certificate if you receive it."
        return
    if order is not None and order.stage in {OrderStage.REFUSED, OrderStage.EXPIRED}:
        yield Action.OBTAIN, f"Send it to a CA again: {order.message}"
    elif record.ca is not None:
        yield Action.OBTAIN, f"Obtain the certificate from {record.ca}."
    yield Action.CLIP, "Copy the CSR into your CA's form." if public else "Copy the CSR, and have your own CA sign it."
    yield Action.ATTACH, "Attach the certificate that your CA returns."
    if order is None and record.ca is None:
        yield Action.OBTAIN, "Or send the CSR to a CA from here."
    if not public:
        yield None, f"With a Microsoft CA: {certreq(record)}"
    yield from _without_key(record)


def _of_order(order: CertificateOrder, now: datetime) -> str:
    """What an open order at a directory waits for."""
    unseen = [proof for proof in order.unproven if not proof.seen]
    match order.stage:
        case OrderStage.ORDERED if order.expires is not None and order.is_late(now):
            return f"Ask {order.ca} for the status of the order: its time ended on {moment(order.expires)}."
        case OrderStage.ORDERED if unseen:
            until = f" until {moment(order.expires)}" if order.expires is not None else ""
            return f"Prove {counted(len(unseen), 'name')} to {order.ca}{until}."
        case OrderStage.ORDERED:
            return f"Obtain the certificate: {order.ca} can look at the proofs now."
        case OrderStage.UNKNOWN:
            return f"Ask {order.ca} for the outcome: {order.message}"
    return f"See how far {order.ca} is with the order."


def _of_issued(
    record: Record, not_after: datetime, now: datetime, *, damaged: bool
) -> Iterator[tuple[Action | None, str]]:
    when = f"{moment(not_after)} ({left(not_after, now).removeprefix('expired ')})"
    expires = f"expired on {when}" if not_after <= now else f"expires on {when}"
    if record.lineage.replaced:
        yield None, f"Replaced: its renewal has a certificate. This one {expires}."
    elif record.lineage.renewal:
        yield None, f"Its renewal has no certificate yet. This one {expires}."
    elif days_left(not_after, now) <= SOON:
        yield Action.RENEW, f"Renew it: it {expires}, and nothing replaces it yet."
    usable = (record.has_key or record.token is not None) and not damaged
    if usable and not_after > now and record.lacks_issuer:
        yield Action.ATTACH, "Attach it again with your CA's chain file: the issuer's certificate is missing."
    elif usable and not_after > now:
        yield Action.EXPORT, f"Export the files that {USAGES[record.usage].loader} loads."
    if days_left(not_after, now) > SOON and not record.lineage.renewal:
        yield Action.RENEW, f"Renew it in time: it {expires}."
    yield from _without_key(record)


def _without_key(record: Record) -> Iterator[tuple[None, str]]:
    if not record.has_key and record.origin is Origin.TENCENT:
        yield None, f"The private key stayed at {record.place}, so there is nothing to export here."
