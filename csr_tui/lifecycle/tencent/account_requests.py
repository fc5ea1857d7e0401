"""The account's own list of CSR records: seeing it, adopting one, deleting some."""

from __future__ import annotations

from dataclasses import dataclass

from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, WizardStep, new_id
from csr_tui.core.submission import Stage, Submission
from csr_tui.errors import Hint, StateError
from csr_tui.lifecycle import key_encryption, recovery
from csr_tui.lifecycle.tencent import fetch
from csr_tui.storage import RecordStore
from csr_tui.tencent.client import Client
from csr_tui.tencent.inventory import RemoteRequest
from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A record of the account, and the one here that stands for it."""

    item: RemoteRequest
    record_id: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the account's list."""

    total: int
    rows: tuple[ListedRequest, ...]


def page(store: RecordStore, client: Client, offset: int, limit: int) -> Listing:
    """Part of the list, the account's order kept."""
    got = client.page(offset, limit)
    return Listing(got.total, tuple(ListedRequest(item, _here(store, client, item.csr_id)) for item in got.items))


def adopt(store: RecordStore, vault: Vault, client: Client, csr_id: int, custody: Custody) -> Record:
    """Take a record of the account into the store: a draft stays one, a generated one comes with its CSR and key.

    The key is kept under a new random password of ours, whatever password it has there.
    """
    if (here := _here(store, client, csr_id)) is not None:
        raise StateError(f"CSR {csr_id} is already here: record {here}.")
    there = client.describe(csr_id)
    record = store.add(
        Record(id=new_id(), subject=there.subject, key=there.key, remark=there.remark, step=WizardStep.REVIEW)
    )
    sent = Submission(
        record_id=record.id,
        stage=Stage.CREATED,
        endpoint=client.endpoint.url,
        account=client.account,
        marker="",
        csr_id=csr_id,
        status=there.status,
        request_id=there.request_id,
    )
    if there.csr is None:
        store.journal.put(sent)
        return store.get(record.id)

    encryption = key_encryption.prepare(record, custody, None)
    intent = store.begin(record, "adopt", encryption.ref)
    try:
        store.journal.put(sent)
        encryption.store_password(vault)
        return fetch.store_result(store, intent, record, sent, there, encryption)
    except BaseException:
        recovery.undo(store, vault, intent)
        raise


def delete(store: RecordStore, client: Client, csr_ids: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Delete records there: those that the reply says are gone, and those that it does not.

    A draft here that stood for one of them is free again. StateError for one whose submission is still open.
    """
    for csr_id in csr_ids:
        sent = store.journal.of_remote(csr_id, client.account, client.endpoint.url)
        if sent is not None and sent.outcome_unknown:
            raise StateError(f"CSR {csr_id} is being finalised, or its outcome is unknown.", hint=Hint.RECONCILE)
    gone = client.delete(csr_ids)
    for csr_id in gone:
        if (here := _here(store, client, csr_id)) is not None:
            store.journal.drop(here)
    return gone, tuple(csr_id for csr_id in csr_ids if csr_id not in gone)


def _here(store: RecordStore, client: Client, csr_id: int) -> str | None:
    sent = store.journal.of_remote(csr_id, client.account, client.endpoint.url)
    return sent.record_id if sent else None
