"""The outcome of submissions whose reply was lost; nothing is ever sent again from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csr_tui.core import names
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Submission
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, Fact, Hint, PasswordError, RefusedError, StateError, UnknownOutcomeError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.lifecycle.tencent import fetch
from csr_tui.lifecycle.tencent.submit import NOT_SENT_AGAIN, WAIT, refuse_other_account, unknown_outcome
from csr_tui.storage import Intent, RecordStore
from csr_tui.tencent.client import Client
from csr_tui.tencent.inventory import Inventory, RemoteRequest
from csr_tui.vault import Vault

Ask = Callable[[Record], "Secret | None"]
"""Asks the person for the password they hold; None where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class SubmissionOutcome:
    """What is known of one submission now: an error where it is still open; `extras` where several were found."""

    record: Record
    outcome: Fact | CsrTuiError
    extras: tuple[RemoteRequest, ...] = ()

    @property
    def error(self) -> CsrTuiError | None:
        return self.outcome if isinstance(self.outcome, CsrTuiError) else None


def reconcile(
    store: RecordStore, vault: Vault, client: Client, *, ask: Ask = lambda _: None, reached: Reached = lambda _: None
) -> tuple[SubmissionOutcome, ...]:
    """Look for everything whose outcome is open: by its id where it has one, else by its marker in every page.

    Each submission is settled by itself; StateError in its place where it was made under another account.
    """
    found: Inventory | None = None
    settled = []
    for sent in store.journal.unsettled():
        record = store.get(sent.record_id)
        try:
            refuse_other_account(sent, client)
            intent = store.begin(record, "reconcile", None)
        except CsrTuiError as error:
            settled.append(SubmissionOutcome(record, error))
            continue
        try:
            sent = store.journal.get(record.id) or sent  # nobody else moves it from here on
            if sent.csr_id is None and found is None:
                found = client.inventory()
            reached(Point.LOOKED)
            one = (
                _created(store, record, sent, found)
                if sent.csr_id is None and found is not None
                else _finalised(store, vault, client, record, sent, intent, ask)
            )
            reached(Point.SETTLED)
        except CsrTuiError as error:
            one = SubmissionOutcome(record, error)
            reached(Point.SETTLED)
        finally:
            store.abandon(intent)
        settled.append(one)
    recovery.sweep(store, vault)
    return tuple(settled)


def _created(store: RecordStore, record: Record, sent: Submission, inventory: Inventory) -> SubmissionOutcome:
    """A lost CreateCSR: the draft there with our marker is ours."""
    domain = record.subject.domain
    marked = sorted((item for item in inventory.items if sent.marker in item.remark), key=lambda item: item.csr_id)
    matches = [item for item in marked if _is_draft_of(item, domain)]
    if not matches and marked:
        why = (
            f"CSR {marked[0].csr_id} at {sent.place} has the marker of this request, but it is generated already, or "
            f"for another domain ({escaped(marked[0].subject.domain[:80])}). Nothing was changed. Check it in the "
            "console, delete it there if it is not needed, and look again."
        )
        return _in_doubt(store, record, sent, why)
    if not matches and inventory.doubt:
        why = (
            f"not seen at {sent.place}, but the account's list could not be read reliably: {inventory.doubt}. Check "
            "again when no other program changes the list."
        )
        return _in_doubt(store, record, sent, why)
    if not matches:
        sent = store.journal.put(sent.unknown("It was not found there.", searched_at=store.now()))
        return SubmissionOutcome(
            store.get(record.id), unknown_outcome(store, sent, f"{domain}: not found at {sent.place}.")
        )
    first, *extras = matches
    store.journal.put(sent.created(first.csr_id, first.status, first.request_id))
    sentence = f"{record.subject.domain}: found as CSR {first.csr_id}."
    if extras:
        ids = ", ".join(str(item.csr_id) for item in extras)
        sentence += f" Duplicates that you can delete there: {ids}."
    return SubmissionOutcome(store.get(record.id), Fact(sentence, Hint.SUBMIT, record.id), tuple(extras))


def _in_doubt(store: RecordStore, record: Record, sent: Submission, why: str) -> SubmissionOutcome:
    """It may be there: an earlier look in vain does not count any more, so that it is not sent again."""
    store.journal.put(sent.unknown(why))
    error = UnknownOutcomeError(f"{record.subject.domain}: {why}", request_id=sent.request_id)
    return SubmissionOutcome(store.get(record.id), error)


def _is_draft_of(item: RemoteRequest, domain: str) -> bool:
    """Whether it is what was sent: not generated, and for the same domain."""
    return item.status != 1 and names.ascii_domain(item.subject.domain) == names.ascii_domain(domain)


def _finalised(
    store: RecordStore, vault: Vault, client: Client, record: Record, sent: Submission, intent: Intent, ask: Ask
) -> SubmissionOutcome:
    """A lost ModifyCSR with Generate: a CSR being there says that it arrived."""
    csr_id = sent.csr_id or 0
    try:
        there = client.describe(csr_id)
    except RefusedError as error:
        if error.code != "InvalidParameter.InvalidCSRId":
            raise
        sent = store.journal.put(sent.unknown(f"CSR {csr_id} is no longer in the account.", searched_at=store.now()))
        raise UnknownOutcomeError(
            f"{record.subject.domain}: {sent.message} Was it deleted there?", request_id=error.request_id
        ) from error
    if there.csr is not None:
        done = fetch.store_result(store, intent, record, sent, there, _encryption(vault, record, sent, there, ask))
        return SubmissionOutcome(
            done, Fact(f"{record.subject.domain}: generated at {sent.place} as CSR {csr_id}, and fetched.")
        )
    if sent.sent_at is not None and sent.sent_at + WAIT > store.now():
        sent = store.journal.put(sent.unknown("It is not generated yet.", searched_at=store.now()))
        fact = f"{record.subject.domain}: CSR {csr_id} is not generated yet."
        raise unknown_outcome(store, sent, fact, there.request_id)
    store.journal.put(sent.created(csr_id, there.status, there.request_id))
    return SubmissionOutcome(
        store.get(record.id),
        Fact(f"{record.subject.domain}: CSR {csr_id} was never generated.", Hint.SUBMIT, record.id),
    )


def _encryption(vault: Vault, record: Record, sent: Submission, remote: RemoteRequest, ask: Ask) -> KeyEncryption:
    """The encryption that was sent along; PasswordError where the person holds its password, and nobody was asked."""
    custody = sent.custody or Custody.RANDOM_KEYRING
    match custody.protection:
        case "unprotected":
            return KeyEncryption(custody, None, None)
        case "keyring":
            if sent.secret_ref is None:
                raise StateError(
                    f"The password that was sent is no longer known. {NOT_SENT_AGAIN}", hint=NOT_SENT_AGAIN.hint
                )
            return KeyEncryption(custody, vault.get(sent.secret_ref), sent.secret_ref)
    password = remote.key_password or ask(record)
    if password is None and remote.private_key is not None:
        raise PasswordError(
            f"{record.subject.domain}: its key arrived, and you hold its password.", hint=Hint.RECONCILE_TYPING
        )
    return KeyEncryption(custody, password, None)
