"""Which record was made from which, as rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from csr_tui.core.lineage import UNRELATED, Lineage
from csr_tui.core.record import Record, State
from csr_tui.errors import StateError

COLUMNS = (
    "lineage.kind",
    "lineage.source_id",
    "lineage.same_key",
    "(SELECT group_concat(later.kind || ' ' || later.record_id || ' ' || coalesce((SELECT state FROM record AS newer "
    "WHERE newer.id = later.record_id AND newer.trashed_at IS NULL), '')) "
    "FROM lineage AS later WHERE source_id = record.id)",
)
"""What `lineage_of` reads, in its order."""


def lineage_of(row: tuple[Any, ...]) -> Lineage:
    """The lineage in a row of `COLUMNS`."""
    kind, source, same_key, found = row
    if kind is None and found is None:
        return UNRELATED
    later = [one.split(" ") for one in found.split(",")] if found else []
    states = [state for kind_, _, state in later if kind_ == "renewal" and state]
    return Lineage(
        renews=source if kind == "renewal" else None,
        same_key=bool(same_key),
        copied_from=source if kind == "copy" else None,
        renewed_by=tuple(id_ for kind_, id_, _ in later if kind_ == "renewal"),
        copies=tuple(id_ for kind_, id_, _ in later if kind_ == "copy"),
        renewal=max(states, key=list(State).index, default=""),
    )


def keep(write: Callable[..., Any], record: Record) -> Lineage:
    """What a new record was made from, kept; a source that is gone meanwhile is forgotten."""
    lineage = record.lineage
    if lineage.source is None:
        return UNRELATED
    kept = write(
        "INSERT INTO lineage (record_id, kind, source_id, same_key) SELECT ?, ?, id, ? FROM record WHERE id = ?",
        (record.id, "renewal" if lineage.renews else "copy", int(lineage.same_key), lineage.source),
    ).rowcount
    return replace(lineage, renewed_by=(), copies=(), renewal="") if kept else UNRELATED


def refuse_while_needed(read: Callable[..., Any], record_id: str) -> None:
    """StateError while a draft waits to be generated with the key of this record."""
    row = read(
        "SELECT record.id FROM lineage JOIN record ON record.id = lineage.record_id "
        "WHERE lineage.source_id = ? AND lineage.same_key = 1 AND record.state = 'draft' LIMIT 1",
        (record_id,),
    ).fetchone()
    if row is not None:
        raise StateError(
            f"The draft {row[0]} reuses the key of this record, which would be lost. "
            "Generate that draft first, or purge it."
        )
