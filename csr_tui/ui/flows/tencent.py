"""Submitting to Tencent Cloud, and everything about the account there."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from textual.app import App

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, VaultError
from csr_tui.lifecycle import drafts
from csr_tui.lifecycle.steps import Reached
from csr_tui.lifecycle.tencent import account, account_requests, reconcile, submit
from csr_tui.lifecycle.tencent.reconcile import SubmissionOutcome
from csr_tui.lifecycle.tencent.sandbox_run import sandbox_run
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.lifecycle.tencent.submit_many import SubmitResult
from csr_tui.tencent.client import Client
from csr_tui.ui import advice
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.flows.orders import settle_orders
from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.password import CurrentPassword, NewPassword, TypedPassword
from csr_tui.ui.screens.tencent.account import AccountChange, AccountScreen
from csr_tui.ui.screens.tencent.remote import Adopt, Delete, RemoteScreen
from csr_tui.ui.screens.tencent.submission_progress import SubmissionProgress
from csr_tui.ui.screens.tencent.submission_results import Decision, Differences, OutcomeUnknown, ReconcileResults
from csr_tui.ui.screens.tencent.submit import SubmitAction, SubmitScreen
from csr_tui.ui.words import differences_text


async def submit_records(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Show what leaves and what stays there, then go as far as the person wants; errors open at the review."""
    if len(chosen) == 1:
        record = chosen[0]
        try:
            submit.check(record)
        except InvalidError as error:
            if isinstance(app, KeyGate):
                app.forget_keys_ahead()
            advice.report(app, error, title="Not ready")
            return Next(Destination.WIZARD, record, WizardStep.REVIEW)
        if record.submission is not None and record.submission.outcome_unknown:
            return await _ask_to_decide(app, context, record)
    while True:
        where, problem, place = await run_blocking(lambda: _destination(context))
        match await app.push_screen_wait(SubmitScreen(chosen, where, problem, place)):
            case SubmitAction.FINALISE:
                return await _send(app, context, chosen, draft_only=False)
            case SubmitAction.DRAFT:
                return await _send(app, context, chosen, draft_only=True)
            case SubmitAction.REHEARSE:
                await _rehearse(app, chosen[0])
            case SubmitAction.ACCOUNT:
                await change_account(app, context, ())
            case SubmitAction.DETACH:
                return await detach_record(app, context, chosen[0])
            case None:
                return Next()


async def change_account(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Enter, change or remove the API key."""
    del chosen
    try:
        known = await run_blocking(lambda: account.known(context.vault, context.environ))
    except VaultError:
        known = ""
    match await app.push_screen_wait(AccountScreen(context.vault, known)):
        case AccountChange.KEPT:
            app.notify("API key saved in the keyring.")
        case AccountChange.REMOVED:
            app.notify("API key removed from the keyring.")
    return Next()


async def detach_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """Let a draft go its own way; its counterpart stays there, or goes, as the person says."""
    sent = record.submission
    csr_id, place = sent.csr_id if sent is not None else None, record.place
    question = (
        f"You can then generate it here or submit it again. Nothing changes at {place}."
        if csr_id is None
        else f"You can then generate it here or submit it again. CSR {csr_id} stays at {place}; you can "
        "delete it in the list of the account's records (B on the desk)."
    )
    if not await app.push_screen_wait(Confirm(f"Detach from the draft at {place}?", question, yes="Detach")):
        return Next()
    return Next(record=await run_blocking(lambda: submit.detach(context.store, None, record)))


async def reconcile_all(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Look for every lost answer, with the passwords that the person holds, and show what was found."""
    del chosen
    open_ones = context.store.journal.unsettled()
    orders = await settle_orders(app, context)
    if not open_ones and not orders:
        app.notify("All outcomes are known.")
        return Next()
    held: dict[str, Secret] = {}
    for sent in open_ones:
        if sent.custody is not None and sent.custody.held_by_person:
            domain = escaped(context.store.get(sent.record_id).subject.domain)
            typed = await app.push_screen_wait(CurrentPassword(f"Enter the password that was sent for {domain}."))
            if typed is not None:
                held[sent.record_id] = typed
    settled = await run_blocking(lambda: _look(context, held)) if open_ones else ()
    if await app.push_screen_wait(ReconcileResults(settled, orders)) is Decision.DELETE_EXTRAS:
        extras = tuple(item.csr_id for one in settled for item in one.extras)
        client = await run_blocking(lambda: _client(context))
        gone, left = await run_blocking(lambda: account_requests.delete(context.store, client, extras))
        await app.push_screen_wait(Text(f"Deleted at {client.endpoint.place}", _deletion_text(gone, left)))
    return Next()


async def reconcile_at_start(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """The same at the start, without a window: what was found is said, and what was not is left as it is."""
    del chosen
    open_ones = context.store.journal.unsettled()
    if not open_ones:
        return Next()
    try:
        settled = await run_blocking(lambda: _look(context, {}))
    except CsrTuiError as error:
        lost = "one submission is" if len(open_ones) == 1 else f"{len(open_ones)} submissions are"
        raise error.reworded(f"The outcome of {lost} unknown; looking it up failed: {error}") from None
    for one in settled:
        app.notify(
            advice.sentence(one.outcome),
            title="Looked up",
            severity="warning" if one.error is not None else "information",
        )
    return Next()


async def browse_account(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """The account's own list: adopt one, delete several."""
    del chosen
    client = await run_blocking(lambda: _client(context))
    offset = 0

    def page(start: int, limit: int) -> account_requests.Listing:
        return account_requests.page(context.store, client, start, limit)

    while True:
        screen = RemoteScreen(page, client.endpoint.label, client.endpoint.place, offset=offset)
        match await app.push_screen_wait(screen):
            case Adopt(csr_id, offset):
                try:
                    return await _adopt(app, context, client, csr_id)
                except CsrTuiError as error:
                    advice.report(app, error)
            case Delete(items, offset):
                listed = "\n".join(f"CSR {item.csr_id}  {item.subject.domain}" for item in items)
                question = f"{listed}\n\nThey are deleted there for good, with their keys."
                if await app.push_screen_wait(Confirm(f"Delete at {client.endpoint.place}?", question, yes="Delete")):
                    ids = tuple(item.csr_id for item in items)
                    try:
                        gone, left = await run_blocking(partial(account_requests.delete, context.store, client, ids))
                        await app.push_screen_wait(
                            Text(f"Deleted at {client.endpoint.place}", _deletion_text(gone, left))
                        )
                    except CsrTuiError as error:
                        advice.report(app, error)
            case None:
                return Next()


async def _send(
    app: App[int], context: DeskContext, chosen: tuple[Record, ...], *, draft_only: bool, again: bool = False
) -> Next:
    """Ask for a password if one is to be typed, and submit; one record shows its end, several a list of them."""
    typed: TypedPassword | None = None
    wants_typed = any(record.custody.is_typed for record in chosen)
    if wants_typed and not draft_only:
        typed = await app.push_screen_wait(NewPassword(tuple(record.subject.domain for record in chosen)))
        if typed is None:
            return Next()
    client = await run_blocking(lambda: _client(context))

    def one(record: Record, reached: Reached) -> Record:
        options = _options(record, typed, draft_only=draft_only, again=again)
        return submit.submit(context.store, context.vault, client, record, options, reached=reached)

    ended = await app.push_screen_wait(SubmissionProgress(chosen, one)) or ()
    if len(chosen) > 1:
        return Next(Destination.DESK)
    return await _show_result(app, context, ended[0])


def _options(record: Record, typed: TypedPassword | None, *, draft_only: bool, again: bool) -> SubmitOptions:
    wants_typed = record.custody.is_typed
    return SubmitOptions(
        record.custody.choose(),
        typed.password if typed is not None and wants_typed else None,
        typed.weak_ok if typed is not None else False,
        draft_only,
        again,
    )


async def _show_result(app: App[int], context: DeskContext, ended: SubmitResult) -> Next:
    """A draft there is said; a generated request shows its page, once the person has seen what differs in it."""
    if ended.error is not None:
        raise ended.error
    done = ended.after
    if done is None or done.submission is None:
        return Next()
    if done.csr is None:
        app.notify(
            f"CSR {done.submission.csr_id} is its draft at {done.place}. T finalises or detaches it.",
            title=f"Draft at {done.place}",
        )
        return Next(Destination.DESK, done)
    found = csr.differences(done, csr.read(done.csr))
    if found and await app.push_screen_wait(Differences(found, done.place)) is Decision.COPY:
        return Next(Destination.WIZARD, drafts.copy(context.store, done), WizardStep.REVIEW)
    return Next(Destination.PAGE, done, fresh=True)


async def _ask_to_decide(app: App[int], context: DeskContext, record: Record) -> Next:
    sent = record.submission
    if sent is None:
        return Next()
    step = advice.sentence(submit.next_step(context.store, sent))
    match await app.push_screen_wait(OutcomeUnknown(record, step, may_decide=submit.may_send_again(sent))):
        case Decision.LOOK:
            return await reconcile_all(app, context, ())
        case Decision.SEND_AGAIN:
            return await _send(app, context, (record,), draft_only=False, again=True)
        case Decision.DETACH:
            return await detach_record(app, context, record)
    return Next()


async def _rehearse(app: App[int], record: Record) -> None:
    """Play the whole of it through with a copy, and say what would have come of it."""
    typed: TypedPassword | None = None
    if record.custody.is_typed:
        typed = await app.push_screen_wait(NewPassword((record.subject.domain,)))
        if typed is None:
            return

    stack = ExitStack()
    try:
        stage = await run_blocking(lambda: stack.enter_context(sandbox_run(record)))

        def one(copy: Record, reached: Reached) -> Record:
            options = _options(copy, typed, draft_only=False, again=False)
            return submit.submit(stage.store, stage.vault, stage.client, copy, options, reached=reached)

        ended = await app.push_screen_wait(SubmissionProgress((stage.record,), one))
    finally:
        await run_blocking(stack.close)
    await app.push_screen_wait(Text("SANDBOX run", _rehearsal_text(ended[0]) if ended else ""))


def _rehearsal_text(ended: SubmitResult) -> str:
    nothing = "Nothing left this machine. The request is still a draft, and nothing of this run is saved."
    if ended.error is not None or ended.after is None or ended.after.submission is None:
        went_wrong = advice.sentence(ended.error) if ended.error is not None else ""
        return f"The run failed: {went_wrong}\n\n{nothing}"
    done, sent = ended.after, ended.after.submission
    found = csr.differences(done, csr.read(done.csr or ""))
    lines = [
        f"✓ CreateCSR created CSR {sent.csr_id} as a draft with the marker of csr-tui.",
        "✓ ModifyCSR with Generate generated the key and the CSR; they are final.",
        "✓ DescribeCSR returned both; the CSR was compared with the request.",
        "✓ The key decrypts with its password and matches the CSR."
        if done.has_key
        else "! The key stayed there: the record would have no key here.",
        differences_text(found).plain
        if found
        else "✓ The CSR matches the request, except for the values that the API does not support.",
        f"  Request id: {sent.request_id}",
    ]
    return "\n".join((*lines, "", nothing))


async def _adopt(app: App[int], context: DeskContext, client: Client, csr_id: int) -> Next:
    adopted = await run_blocking(
        lambda: account_requests.adopt(context.store, context.vault, client, csr_id, Custody.RANDOM_KEYRING)
    )
    app.notify(f"CSR {csr_id} adopted as record {adopted.id}.")
    return (
        Next(Destination.WIZARD, adopted, WizardStep.REVIEW) if adopted.csr is None else Next(Destination.PAGE, adopted)
    )


def _destination(context: DeskContext) -> tuple[str, str, str]:
    """Where it would go, what keeps it from going there, and what that place is called."""
    try:
        endpoint = _client(context).endpoint
    except CsrTuiError as error:
        return "", advice.sentence(error), "Tencent Cloud"
    return endpoint.label, "", endpoint.place


def _client(context: DeskContext) -> Client:
    """The account to talk to; may block while the keyring is asked."""
    return account.client(context.vault, context.environ)


def _look(context: DeskContext, held: dict[str, Secret]) -> tuple[SubmissionOutcome, ...]:
    return reconcile.reconcile(context.store, context.vault, _client(context), ask=lambda record: held.get(record.id))


def _deletion_text(gone: tuple[int, ...], left: tuple[int, ...]) -> str:
    lines = [f"✓ CSR {csr_id} deleted." for csr_id in gone]
    lines += [f"✗ CSR {csr_id} not deleted: the reply does not list it. Check it in the console." for csr_id in left]
    return "\n".join(lines)
