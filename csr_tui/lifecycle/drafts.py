"""Drafts made from other records."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from csr_tui.core.custody import Custody
from csr_tui.core.lineage import Lineage
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.text import counted
from csr_tui.errors import NotFoundError, StateError
from csr_tui.lifecycle import existing_key
from csr_tui.storage import RecordStore


def duplicate(record: Record) -> Record:
    """A draft that asks for the same, under an id of its own, as a copy of this record; not stored yet.

    A random password that the person took over cannot be asked for again: the copy asks for one of their own. A key on
    a token is followed by a new one there.
    """
    return Record(
        id=new_id(),
        purpose=record.purpose,
        usage=record.usage,
        subject=record.subject,
        names=record.names,
        extra=record.extra,
        key=record.key,
        remark=record.remark,
        tags=record.tags,
        custody=Custody.TYPED_PROMPT if record.custody is Custody.RANDOM_PROMPT else record.custody,
        token=None if record.token is None else record.token.of_token,
        lineage=Lineage(copied_from=record.id),
    )


def copy(store: RecordStore, record: Record) -> Record:
    """The same request once more, kept as a draft."""
    return store.add(duplicate(record))


def renew(store: RecordStore, record: Record, *, same_key: bool = False) -> Record:
    """A draft that asks for what this record asked for, whatever its CA made of it; with a new key unless told so.

    StateError for a draft, and where the same key is wanted and is not on this machine.
    """
    if record.state is State.DRAFT:
        raise StateError("This request is not generated, so there is nothing to renew. Copy it instead.")
    if same_key and not record.has_key and record.token is None:
        raise StateError(
            "The key of this record is not on this machine: it stayed where it was generated. Renew it with a new key."
        )
    lineage = Lineage(renews=record.id, same_key=same_key)
    draft = replace(duplicate(record), lineage=lineage, ca=record.ca)
    return store.add(replace(draft, token=record.token) if same_key else draft)


def first_with_key(store: RecordStore, record: Record) -> Record | None:
    """The oldest record with the key of this one, or with the one that this draft is to use; None for a new key."""
    old = existing_key.source(store, record) if record.state is State.DRAFT else record
    if old is None or old.key_fingerprint is None:
        return None
    found = store.certificates.of_keys((old.key_fingerprint,))
    return min((one for one in found if one.generated_at), key=lambda one: str(one.generated_at), default=None)


def key_age(first: Record, now: datetime) -> str:
    """Since when the key of the oldest record with it exists: `was generated on 2026-11-25 UTC (12 days ago)`."""
    if first.generated_at is None:
        return ""
    days = (now.date() - first.generated_at.date()).days
    age = "today" if days == 0 else f"{counted(days, 'day')} ago"
    return (
        f"{'was read from a file' if first.key_file else 'was generated'} on {first.generated_at:%Y-%m-%d} UTC ({age})"
    )


def relatives(store: RecordStore, record: Record) -> dict[str, Record]:
    """The records that this one comes from, or that came from it, by their ids; a purged one is left out."""
    lineage = record.lineage
    found = {}
    for id_ in filter(None, (lineage.source, *lineage.renewed_by, *lineage.copies)):
        with suppress(NotFoundError):
            found[id_] = store.get(id_)
    return found
