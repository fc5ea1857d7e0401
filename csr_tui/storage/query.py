"""What a list of records asks for, and how that is said in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from csr_tui.core.text import unseen
from csr_tui.storage.rows import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from csr_tui.core.record import Record, State

MOST_WORDS = 20
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are meant; every word of `search` is the beginning of a word in them.

    `most` bounds what a search may cost, whatever the size of the store: of more matches, the last that were made.
    """

    state: State | None = None
    search: str = ""
    trashed: bool = False
    expiring_before: datetime | None = None
    most: int | None = None

    @property
    def everything(self) -> bool:
        """Whether the tally knows the count already."""
        return self.state is None and self.expiring_before is None and not words(self.search)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the list, newest first: just after this record, or just before it when reading backwards."""

    updated_at: str
    id: str

    @classmethod
    def of(cls, record: Record) -> Anchor:
        return cls(stamp(record.updated_at) or "", record.id)


def where(query: Query) -> tuple[str, list[object]]:
    """The WHERE clause without the word, and what it binds."""
    terms = [f"trashed_at IS {'NOT ' if query.trashed else ''}NULL"]
    bound: list[object] = []
    if query.state is not None:
        terms.append("state = ?")
        bound.append(str(query.state))
    if match := words(query.search):
        terms.append("number IN (SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?)")
        bound += [match, query.most if query.most is not None else -1]
    if query.expiring_before is not None:
        terms.append("not_after IS NOT NULL AND not_after < ?")
        bound.append(stamp(query.expiring_before))
    return " AND ".join(terms), bound


def words(text: str) -> str:
    """An FTS5 expression in which nothing that was typed is syntax: quoted beginnings of words, all of them wanted."""
    seen = "".join(" " if unseen(char) else char for char in text[:LONGEST_SEARCH])
    pieces = [piece.replace('"', '""') for piece in seen.split() if any(char.isalnum() for char in piece)]
    return " ".join(f'"{piece}"*' for piece in pieces[:MOST_WORDS])
