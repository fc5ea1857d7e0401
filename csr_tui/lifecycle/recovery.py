"""Cleaning up after actions that were stopped in the middle, and after records that are gone for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import Record
from csr_tui.errors import VaultError
from csr_tui.lifecycle import webroot
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from csr_tui.storage import Intent, RecordStore
    from csr_tui.vault import Vault

LATER = "Could not remove an old password from the keyring yet; csr-tui will try again."
LEFT = "A key pair that no record uses may be on {place}: {uri}."
OBTAINING = "Obtaining the certificate of record {} was interrupted. Run it again to continue."
MOST_SAID = 3
"""Of more records than these, the number is told."""


def recover(store: RecordStore, vault: Vault) -> tuple[str, ...]:
    """Undo what dead processes left half done; one sentence for each thing a person may want to know.

    An intent goes first, in a commit of its own, then its vault entry, and only where no record and no other
    intent refers to it. The keyring is not touched while there is nothing to delete from it.
    """
    taken = [intent for intent in store.take_orphaned_intents() if store.abandon(intent)]
    undone = [intent for intent in taken if intent.record_id is not None and intent.kind != "obtain"]
    if len(undone) > MOST_SAID:
        sentences = [
            f"The last change of {len(undone)} records was interrupted ({undone[0].kind}). Nothing was saved; the "
            "records are as before."
        ]
    else:
        sentences = [
            f"The last change of record {intent.record_id} was interrupted ({intent.kind}). Nothing was saved; the "
            "record is as before."
            for intent in undone
        ]
    for intent in undone:
        sentences += left_on_tokens(store, intent.record_id)
    kinds = {intent.kind for intent in taken if intent.record_id is None}
    if not undone and "generate" in kinds:
        sentences = ["The last batch was interrupted. Saved records are intact; run it again to continue."]
    sentences += [OBTAINING.format(intent.record_id) for intent in taken if intent.kind == "obtain"]
    if "restore" in kinds:
        sentences.append("Restoring a backup was interrupted; your records are unchanged.")
    return (*sentences, *sweep(store, vault))


def left_on_tokens(store: RecordStore, record_id: str | None) -> tuple[str, ...]:
    """A sentence for each key that was about to be made on a token for a record, and that no record has."""
    return tuple(LEFT.format(place=uri.place, uri=uri) for uri, _ in store.token_keys.all(record_id))


def sweep(store: RecordStore, vault: Vault, *, ask: bool = False) -> tuple[str, ...]:
    """Delete from the keyring the passwords that nothing refers to any more; what fails is tried again next time.

    Nobody is made to unlock a keyring for that, unless with `ask`.
    """
    orphaned = store.orphaned_secrets()
    if orphaned and not ask and not (status := vault.status(insist=False)).usable:
        return (f"{LATER} {status.sentence}",)
    for ref in orphaned:
        try:
            vault.delete(ref)
        except VaultError as error:
            return (f"{LATER} {error}",)
        store.drop_secret(ref)
    return ()


def undo(store: RecordStore, vault: Vault, intent: Intent) -> bool:
    """Take back an action of this process, and its password with it; False where the intent was gone already."""
    stood = store.abandon(intent)
    sweep(store, vault)
    return stood


TRACES = (
    "Traces of the purged record, its key among them, remain in records.db-wal, because another program reads the "
    "store. Close that program: the next start of csr-tui removes them."
)


def purge(store: RecordStore, vault: Vault, record: Record, *, reached: Reached = lambda _: None) -> tuple[str, ...]:
    """Remove a record for good: its rows first, then its password in the keyring."""
    gone = store.purge(record.id, reached=reached)
    if record.order is not None:
        webroot.remove(record.order.files)
    sentences = sweep(store, vault, ask=True)
    reached(Point.PASSWORD_GONE)
    return sentences if gone else (*sentences, TRACES)
