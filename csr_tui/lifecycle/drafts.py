"""Drafts made from other records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import record as records
from csr_tui.core.record import PasswordChoice, Protection, Record

if TYPE_CHECKING:
    from csr_tui.storage import RecordStore


def again(record: Record) -> Record:
    """A draft that asks for the same, under an id of its own; not stored yet."""
    return Record(
        id=records.new_id(),
        purpose=record.purpose,
        subject=record.subject,
        names=record.names,
        key=record.key,
        remark=record.remark,
        tags=record.tags,
        password_choice=record.password_choice if _fits(record) else PasswordChoice.TYPED,
        protection=record.protection,
    )


def copy(store: RecordStore, record: Record) -> Record:
    """The same request once more, kept as a draft."""
    return store.add(again(record))


def _fits(record: Record) -> bool:
    """A random password that the person took over cannot be asked for again."""
    return not (record.protection is Protection.PROMPT and record.password_choice is PasswordChoice.RANDOM)
