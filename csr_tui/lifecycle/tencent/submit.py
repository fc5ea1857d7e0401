"""Submitting a draft to Tencent Cloud in two phases, so that no lost reply and no crash can make two of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from csr_tui.core import findings, rules
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage, Submission
from csr_tui.errors import Fact, Hint, RefusedError, StateError, UnknownOutcomeError
from csr_tui.lifecycle import key_encryption, recovery
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.lifecycle.tencent import fetch
from csr_tui.storage import Intent, RecordStore
from csr_tui.tencent.client import Client, Done
from csr_tui.tencent.inventory import RemoteRequest
from csr_tui.vault import Vault

Result = TypeVar("Result")

WAIT = timedelta(minutes=10)
"""How long a request may still be on its way: until then, one that is not found there may yet appear."""

LOOKS = 5
"""How often a CSR that was just generated is asked for, a second apart, before that is left to reconciling."""

NOT_SENT_AGAIN = Fact("It is not sent again automatically.", Hint.RECONCILE)


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """What a person asks for: which custody, and whether to stop at a draft there (`draft_only`).

    `send_again` takes back an unknown outcome that was looked for in vain, once `WAIT` is over.
    """

    custody: Custody
    password: Secret | None = None
    weak_ok: bool = False
    draft_only: bool = False
    send_again: bool = False


def check(record: Record) -> None:
    """Refuse what cannot be submitted: StateError unless it is a draft, InvalidError while an error remains."""
    if record.state is not State.DRAFT:
        raise StateError("This request is already generated and cannot be modified. Copy it to create a new one.")
    if record.key_file or record.token:
        raise StateError(
            "This draft uses your own key, but Tencent Cloud generates a new one.", hint=Hint.GENERATE, record=record.id
        )
    if record.lineage.same_key:
        raise StateError(
            "This draft reuses the key of the record that it renews, but Tencent Cloud generates a new one. To submit, "
            "renew that record with a new key.",
            hint=Hint.GENERATE,
            record=record.id,
        )
    if errors := findings.errors((*rules.check(record), *rules.for_tencent(record))):
        raise InvalidError(findings.summary(errors), errors)


def submit(
    store: RecordStore,
    vault: Vault,
    client: Client,
    record: Record,
    options: SubmitOptions,
    *,
    reached: Reached = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Record:
    """Finalise a draft at Tencent Cloud, going on where an earlier attempt stopped.

    RefusedError: nothing happened there, and it is a draft still. UnknownOutcomeError: `reconcile` has to find out.
    The generated record may differ from what was asked for; whoever calls shows `csr.differences`.
    """
    check(record)
    before = record.submission
    _refuse_open(store, before, options)
    refuse_other_account(before, client)
    encryption = None
    if not options.draft_only:
        key_encryption.need_keyring(vault, options.custody)
        encryption = _encryption(vault, record, options)
    intent = store.begin(record, "submit", encryption.ref if encryption else None)
    try:
        reached(Point.INTENT)
        sent = before or store.journal.put(_new(record, client))
        if encryption is not None and encryption.ref is not None and encryption.password is not None:
            vault.put(encryption.ref, encryption.password)
            reached(Point.PASSWORD_KEPT)
        if sent.csr_id is None:
            sent = _create(store, client, record, sent, reached)
        elif encryption is None:
            sent = _update(store, client, record, sent)
        if encryption is None:
            store.abandon(intent)
            return store.get(record.id)
        done = _finalise(store, client, record, sent, encryption, intent, reached, sleep)
    except BaseException:
        recovery.undo(store, vault, intent)
        raise
    recovery.sweep(store, vault)
    reached(Point.CONFIRMED)
    return done


def detach(store: RecordStore, client: Client | None, record: Record) -> Record:
    """Let a draft go its own way again; with a client, its counterpart at Tencent Cloud is deleted first."""
    sent = record.submission
    if sent is None or not sent.has_remote_draft or record.state is not State.DRAFT:
        raise StateError("This record has no draft at Tencent Cloud.")
    if sent.outcome_unknown and not may_send_again(sent):
        raise unknown_outcome(store, sent, "The outcome of this submission is not known yet.")
    if client is not None and sent.csr_id is not None:
        refuse_other_account(sent, client)
        if sent.csr_id not in client.delete((sent.csr_id,)):
            raise RefusedError(f"Tencent Cloud did not delete CSR {sent.csr_id}. Nothing was changed here.")
    store.journal.drop(record.id)
    return store.get(record.id)


def may_send_again(sent: Submission) -> bool:
    """Whether an unknown outcome was looked for in vain after everything that was sent must have arrived."""
    if sent.stage is not Stage.UNKNOWN or sent.csr_id is not None or sent.sent_at is None:
        return False
    return sent.searched_at is not None and sent.searched_at >= sent.sent_at + WAIT


def next_step(store: RecordStore, sent: Submission) -> Fact:
    """What you can do about an unknown outcome, and from when on."""
    if may_send_again(sent):
        return Fact("It was not found there long after it was sent.", Hint.SEND_AGAIN, sent.record_id)
    until = (sent.sent_at or store.now()) + WAIT
    if until > store.now():
        return Fact(f"The request may still arrive until {until:%H:%M:%S} UTC.", Hint.RECONCILE_LATER)
    return NOT_SENT_AGAIN


def unknown_outcome(
    store: RecordStore, sent: Submission, fact: str, request_id: str | None = None
) -> UnknownOutcomeError:
    """The error for it, with the next step."""
    step = next_step(store, sent)
    request_id = request_id or sent.request_id
    return UnknownOutcomeError(f"{fact} {step}", request_id=request_id, hint=step.hint, record=step.record)


def refuse_other_account(sent: Submission | None, client: Client) -> None:
    """StateError where a submission was made elsewhere: what is there cannot be seen from here."""
    if sent is None or not sent.has_remote_draft:
        return
    if sent.endpoint != client.endpoint.url:
        raise StateError(
            f"This record was submitted to {sent.endpoint}, not to {client.endpoint.url}.", hint=Hint.ENDPOINT
        )
    if sent.account != client.account:
        raise StateError("This record was submitted with another account's API key.", hint=Hint.LOGIN)


def marked(record: Record, sent: Submission) -> str:
    """The remark of a draft there: the person's own, and the marker that reconciling looks for."""
    return f"{record.remark} {sent.marker}".lstrip()


def _encryption(vault: Vault, record: Record, options: SubmitOptions) -> KeyEncryption:
    """The random password that was sent before, if one was: what went out once may still arrive. Else a new one."""
    sent = record.submission
    if (
        sent is not None
        and sent.secret_ref is not None
        and sent.custody is options.custody
        and not options.custody.is_typed
    ):
        return KeyEncryption(options.custody, vault.get(sent.secret_ref), sent.secret_ref)
    return key_encryption.prepare(record, options.custody, options.password, weak_ok=options.weak_ok)


def _refuse_open(store: RecordStore, sent: Submission | None, options: SubmitOptions) -> None:
    if sent is None or not sent.outcome_unknown:
        return
    if not (options.send_again and may_send_again(sent)):
        raise unknown_outcome(store, sent, "The outcome of this submission is unknown, so it is not sent again.")


def _new(record: Record, client: Client) -> Submission:
    return Submission(
        record_id=record.id,
        stage=Stage.INTENT,
        endpoint=client.endpoint.url,
        account=client.account,
        marker=f"[csr-tui {key_encryption.new_ref(record)}]",
    )


def _create(store: RecordStore, client: Client, record: Record, sent: Submission, reached: Reached) -> Submission:
    """Phase one. A refused attempt of long ago may have been made elsewhere: this one is made here."""
    sent = store.journal.put(sent.creating(client.endpoint.url, client.account, store.now()))
    reached(Point.CREATING)
    done = _send_journalled(store, sent, lambda: client.create(record, remark=marked(record, sent)))
    reached(Point.CREATE_ANSWERED)
    sent = store.journal.put(sent.created(done.csr_id, 0, done.request_id))
    reached(Point.CREATED)
    return sent


def _update(store: RecordStore, client: Client, record: Record, sent: Submission) -> Submission:
    """What was edited here goes to the draft there; it says the same however often it is sent."""
    done = client.modify(sent.csr_id or 0, record, remark=marked(record, sent))
    return store.journal.put(sent.answered(done.request_id))


def _finalise(
    store: RecordStore,
    client: Client,
    record: Record,
    sent: Submission,
    encryption: KeyEncryption,
    intent: Intent,
    reached: Reached,
    sleep: Callable[[float], None],
) -> Record:
    """Phase two: every field again, with Generate; then the CSR is read back and kept."""
    csr_id = sent.csr_id or 0
    there = client.describe(csr_id)
    if there.csr is None:
        _refuse_strange(sent, there, record)
        sent = store.journal.put(sent.finalising(encryption.custody, encryption.ref, store.now()))
        reached(Point.FINALISING)
        password = encryption.password if encryption.custody.has_password else None
        done = _send_journalled(
            store, sent, lambda: client.modify(csr_id, record, remark=record.remark, generate=True, password=password)
        )
        reached(Point.FINALISE_ANSWERED)
        sent = store.journal.put(sent.answered(done.request_id))
        there = _generated(store, client, sent, sleep)
    reached(Point.DESCRIBED)
    try:
        return fetch.store_result(store, intent, record, sent, there, encryption)
    except UnknownOutcomeError as error:
        if sent.stage is Stage.FINALISING:
            store.journal.put(sent.unknown(str(error)))
        raise


def _refuse_strange(sent: Submission, remote: RemoteRequest, record: Record) -> None:
    """Before anything final: is this really the draft that stands for the record?"""
    if sent.marker and sent.marker not in remote.remark and remote.subject.domain != record.subject.domain:
        raise StateError(
            f"CSR {sent.csr_id} at {sent.place} is not the draft of this record: its domain is "
            f"{remote.subject.domain!r}, and its remark differs. Check it in the console, or detach the record."
        )


def _generated(store: RecordStore, client: Client, sent: Submission, sleep: Callable[[float], None]) -> RemoteRequest:
    """The record with its CSR; what was just written may take a moment to be seen."""
    try:
        for look in range(LOOKS):
            there = client.describe(sent.csr_id or 0)
            if there.csr is not None:
                return there
            if look + 1 < LOOKS:
                sleep(1)
    except RefusedError as error:
        why = str(error)
    else:
        why = "The CSR is not visible there yet."
    sentence = f"Tencent Cloud accepted the request, but its result could not be fetched: {why}"
    store.journal.put(sent.unknown(sentence))
    raise UnknownOutcomeError(f"{sentence} {NOT_SENT_AGAIN}", request_id=sent.request_id, hint=NOT_SENT_AGAIN.hint)


def _send_journalled(store: RecordStore, sent: Submission, call: Callable[[], Done]) -> Done:
    """Make a call that is not repeated, and journal its outcome."""
    try:
        return call()
    except RefusedError as error:
        store.journal.put(sent.refused(error))
        raise
    except UnknownOutcomeError as error:
        store.journal.put(sent.unknown(str(error), error.request_id))
        error.hint = NOT_SENT_AGAIN.hint
        raise error.reworded(f"{error} {NOT_SENT_AGAIN}") from None
