"""Sending a record's CSR to a CA, and continuing an order or run that is open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import App

from csr_tui.core.ca import CA
from csr_tui.core.order import CertificateOrder
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, Fact, UnknownOutcomeError
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import command
from csr_tui.ui import advice
from csr_tui.ui.actions import Next, RecordChanged
from csr_tui.ui.background import run_blocking
from csr_tui.ui.ca_run import CARun
from csr_tui.ui.context import DeskContext
from csr_tui.ui.flows.cas import add_ca
from csr_tui.ui.flows.certificates import attach_certificate
from csr_tui.ui.flows.files import export_record
from csr_tui.ui.flows.orders import give_up_question, look, may_look, start_order
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.obtain_progress import ObtainProgress
from csr_tui.ui.screens.obtain.obtain_results import ObtainResult, OutcomeDecision, RunUnknown
from csr_tui.ui.screens.obtain.order_page import PAGE_STAGES, OrderDecision, OrderPage

NO_CA = (
    "A CA is an ACME directory such as Let's Encrypt, or a program of yours that gets the CSR and returns the "
    "certificate. Add one; then it can be chosen for every record. F4 on the desk lists them."
)


async def obtain_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """Choose the CA and take the record there; what is under way is shown, what is unknown is decided."""
    if (run := context.runs.get(record.id)) is not None:
        return await _watch(app, context, record, run)
    command.check(record)
    order = record.order
    if order is not None and order.directory is not None and order.stage in PAGE_STAGES:
        return await _show_order(app, context, record, order)
    if order is not None and order.may_have_issued:
        return await _decide(app, context, record, order, ())
    run = await _choose(app, context, record)
    return Next() if run is None else await _begin(app, context, record, run)


async def _choose(app: App[int], context: DeskContext, record: Record) -> CARun | None:
    """The way to the CA that is chosen now; None where none is."""
    known = context.store.cas.all()
    if not known:
        if not await app.push_screen_wait(Confirm("No CA yet", NO_CA, yes="Add a CA", risky=False)):
            return None
        if (added := await add_ca(app, context)) is None:
            return None
        known = (added,)
    ca = await app.push_screen_wait(ChooseCA(record, known))
    if ca is None:
        return None
    return _run_command(context, record, ca) if ca.directory is None else await start_order(app, context, record, ca)


def _run_command(context: DeskContext, record: Record, ca: CA) -> CARun:
    store = context.store
    return CARun(
        ca.name,
        f"The command of {ca.name} is running",
        lambda show: command.obtain(store, record, ca, environ=context.environ, now=store.now, show=show),
    )


async def _begin(app: App[int], context: DeskContext, record: Record, run: CARun) -> Next:
    context.runs[record.id] = run
    return await _watch(app, context, record, run)


async def _watch(app: App[int], context: DeskContext, record: Record, run: CARun) -> Next:
    """Show how a run ends; one that is left is reported when it has ended."""
    run.watched = True
    answer = await app.push_screen_wait(ObtainProgress(record, run))
    if answer is None:
        run.watched = False
        app.run_worker(_report(app, context, record, run), group="obtain", description="waiting for a CA")
        return Next()
    context.runs.pop(record.id, None)
    app.post_message(RecordChanged(record.id))
    record = context.store.get(record.id)
    order = record.order
    if isinstance(answer, Offer):
        return await _show(app, context, record, answer, run.messages)
    if order is not None and order.directory is not None and order.stage in PAGE_STAGES:
        reason = advice.sentence(answer) if isinstance(answer, CsrTuiError) and order.is_open else ""
        return await _show_order(app, context, record, order, reason)
    if isinstance(answer, Fact):
        return Next(record=record)
    if isinstance(answer, UnknownOutcomeError) and order is not None:
        return await _decide(app, context, record, order, run.messages)
    raise answer


async def _report(app: App[int], context: DeskContext, record: Record, run: CARun) -> None:
    """Wait for a run that nobody watches, and state its end."""
    severity = "information"
    try:
        end = await run.end()
        sentence = advice.sentence(end) if isinstance(end, Fact) else f"The certificate from {run.ca} is attached."
    except CsrTuiError as error:
        sentence, severity = advice.sentence(error), "warning"
    if run.watched or context.runs.get(record.id) is not run:  # its end is on the screen, or has been reported
        return
    del context.runs[record.id]
    app.notify(f"{escaped(record.subject.domain)}: {sentence}", severity=severity)  # type: ignore[arg-type]  # one of two
    app.post_message(RecordChanged(record.id))


async def _show(app: App[int], context: DeskContext, record: Record, offer: Offer, messages: Sequence[str]) -> Next:
    """Asked and issued, side by side; then to the export, where that is wanted."""
    if await app.push_screen_wait(ObtainResult(offer, record.ca or "", messages, context.store.now())):
        await export_record(app, context, record)
    return Next(record=context.store.get(record.id))


async def _show_order(
    app: App[int], context: DeskContext, record: Record, order: CertificateOrder, problem: str = ""
) -> Next:
    """The page of an order, until it is left or leads on; leaving it stops nothing."""
    carry_out = partial(_carry_out, app, context, record)
    page = OrderPage(record, order, lambda: look(context, record), carry_out, context.store.now, problem)
    match await app.push_screen_wait(page):
        case CARun() as run:
            return await _begin(app, context, record, run)
        case Next() as following:
            return following
    return Next(record=context.store.get(record.id))


async def _carry_out(
    app: App[int], context: DeskContext, record: Record, decision: OrderDecision
) -> CARun | Next | None:
    """Ask over the page of an order what a decision needs; None where it is taken back."""
    store = context.store
    record = store.get(record.id)
    order = record.order
    if order is None:  # given up by another process
        return Next(record=record)
    match decision:
        case OrderDecision.OBTAIN if not order.is_open:
            return await _choose(app, context, record)
        case OrderDecision.OBTAIN:
            if (even_so := await may_look(app, order, store.now())) is None:
                return None
            return await start_order(app, context, record, store.cas.get(order.ca), even_so=even_so)
        case OrderDecision.OTHER_PROOF:
            from csr_tui.ui.screens.obtain.choose_proof import ChooseProof

            if (choice := await app.push_screen_wait(ChooseProof(order))) is None:
                return None
            return await start_order(app, context, record, store.cas.get(order.ca), choice=choice)
        case OrderDecision.ATTACH:
            following = await attach_certificate(app, context, (record,))
            return following if following.record is not None else None
        case OrderDecision.GIVE_UP:
            if not await app.push_screen_wait(Confirm("Give up this order?", give_up_question(order), yes="Give up")):
                return None
            return Next(record=await run_blocking(lambda: command.give_up(store, record)))


async def _decide(
    app: App[int], context: DeskContext, record: Record, order: CertificateOrder, messages: Sequence[str]
) -> Next:
    """Ask what to do about a run whose outcome is unknown; nothing is run again."""
    store = context.store
    match await app.push_screen_wait(
        RunUnknown(record, order, messages, lambda: command.settle(store, order, store.now()))
    ):
        case OutcomeDecision.ATTACH:
            return await attach_certificate(app, context, (record,))
        case OutcomeDecision.GIVE_UP:
            question = (
                f"{order.ca} may have issued a certificate that csr-tui does not have, and the next run obtains a "
                "second one. You can still attach the first one if you receive it."
            )
            if await app.push_screen_wait(Confirm(f"Give up on the run at {order.ca}?", question, yes="Give up")):
                return Next(record=await run_blocking(lambda: command.give_up(store, record)))
        case Offer() as offer:
            return await _show(app, context, store.get(record.id), offer, ())
    return Next(record=store.get(record.id))
