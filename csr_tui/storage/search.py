"""What the search looks through, and what it looks for: substrings in any script, folded in case and width.

The index holds which three characters in a row a record has (FTS5's trigram tokenizer, without their places), and the
group it is in as three more. What was typed narrows the index by its own trigrams; whether it really stands
there in one piece is then read from the words themselves.

A record that is new or changed waits beside the index, in `unindexed`, and is found there by its words alone: entering
it costs more than a third of a commit, and a record that changes again soon would be entered again.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from csr_tui.core import host_names
from csr_tui.core.fields import FIELDS
from csr_tui.core.record import Record, Tag
from csr_tui.core.text import is_invisible
from csr_tui.storage.rows import REQUEST, request_of

MOST_PIECES = 20
LONGEST_SEARCH = 200
TRIGRAM = 3
MOST_TRIGRAMS = 64
"""So many trigrams that begin with what was typed are asked for; with more of them, nearly every record has one."""

MOST_PENDING = 800
FEWEST_PENDING = 400
"""When more than so many records wait, the index takes over all but so many: some milliseconds in one commit of 400."""

GROUP = "\x01\x01"
TAG = "\x02"
"""What stands before the number of a group, and before a tag; no typed text can hold either."""

NOTHING = f"{GROUP}-"
"""A trigram that no record has."""

SEARCHED = ("id", "domain", "names", *(one.name for one in FIELDS[1:] if one.searched), "remark", "extra", "tags")
"""The columns of a record that `searchable` reads, in its order."""

_SEARCHED = tuple(("id", *REQUEST).index(column) for column in SEARCHED)

_BEGINNING = """
    WITH RECURSIVE found (term) AS (
        SELECT (SELECT term FROM gram WHERE term >= ?1 LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM gram WHERE term >= found.term || char(1) LIMIT 1) FROM found
        WHERE substr(found.term, 1, length(?1)) = ?1
        LIMIT ?2
    )
    SELECT term FROM found WHERE substr(term, 1, length(?1)) = ?1
"""
"""Each trigram once, by a step in the index from one to the next, however many records have it."""


class Match(NamedTuple):
    """A search in SQL: an FTS5 expression, and what has to stand in the words in one piece besides."""

    expression: str
    pieces: tuple[str, ...]


def folded(text: str) -> str:
    """Without differences of case, of width and of composition (NFKC, case folding); nothing unseen is left."""
    if text.isascii():
        plain = text.lower()
    else:
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain if plain.isprintable() else "".join(" " if is_invisible(char) else char for char in plain)


def searchable(record_id: str, domain: str, typed_names: str, *texts: str) -> str:
    """The words of a record from its `SEARCHED` columns, a line for each; Unicode names in both of their forms.

    Two newlines at the end, so that every character begins a trigram.
    """
    *parts, extra, tags = texts
    sans = dict.fromkeys((domain, *_listed(typed_names)))
    unicode = (shown for name in sans if (shown := host_names.to_unicode(name)) != name)
    lines = [folded(text) for text in (record_id, *sans, *unicode, *parts, *_listed(extra)) if text]
    lines += [f"{TAG}{folded(key)}={folded(value)}" for key, value in _listed(tags)]
    return "\n".join(("", *lines, "", ""))


def _listed(column: str) -> list[Any]:
    return [] if column == "[]" else json.loads(column)


def add(write: Callable[..., object], number: int | None, record_id: str, request: tuple[str, ...]) -> None:
    """Have a new draft found; `number` is its row's, `request` what `request_of` says of it."""
    write("INSERT INTO unindexed (number, words) VALUES (?, ?)", (number, _words(record_id, request)))


def index(write: Callable[..., object], number: int, record: Record) -> None:
    """Have a record that was copied found; it is in the index at once."""
    write(
        "INSERT INTO search (rowid, words, shelf) SELECT number, ?, ? || shelf FROM record WHERE number = ?",
        (_words(record.id, request_of(record)), GROUP, number),
    )


def update(write: Callable[..., object], record: Record) -> None:
    """Have a record found by what it holds now; costs nothing where that is what it held."""
    write(
        "INSERT INTO unindexed (number, words) SELECT number, ?1 FROM record WHERE id = ?2 AND ?1 <> coalesce("
        "(SELECT words FROM unindexed WHERE number = record.number), (SELECT words FROM search WHERE rowid = number)) "
        "ON CONFLICT (number) DO UPDATE SET words = excluded.words",
        (_words(record.id, request_of(record)), record.id),
    )


def flush_pending(write: Callable[..., sqlite3.Cursor]) -> None:
    """Where too many records wait, enter those with the lowest numbers into the index, at the end of a transaction."""
    if write("SELECT count(*) FROM unindexed").fetchone()[0] <= MOST_PENDING:
        return
    last = write("SELECT number FROM unindexed ORDER BY number DESC LIMIT 1 OFFSET ?", (FEWEST_PENDING,)).fetchone()
    write(
        "INSERT OR REPLACE INTO search (rowid, words, shelf) SELECT number, words, ? || shelf "
        "FROM unindexed JOIN record USING (number) WHERE number <= ?",
        (GROUP, *last),
    )
    write("DELETE FROM unindexed WHERE number <= ?", last)


def group_word(group: int) -> str:
    """The trigram that stands for a group."""
    return f"{GROUP}{group}"


def match(text: str, tag: Tag | None, groups: Iterable[int], ask: Callable[..., sqlite3.Cursor]) -> Match:
    """What finds every piece of `text` (each between blanks) and the tag on these groups.

    A tag without a value is any tag of its key.
    """
    pieces = list(dict.fromkeys(folded(text[:LONGEST_SEARCH]).split()))[:MOST_PIECES]
    if tag is not None:
        pieces.append(f"\n{TAG}{folded(tag.key)}={folded(tag.value)}" + ("\n" if tag.value else ""))
    wanted = [_any(group_word(group) for group in groups)]
    trigrams = dict.fromkeys(piece[at : at + TRIGRAM] for piece in pieces for at in range(len(piece) - TRIGRAM + 1))
    wanted += map(_quoted, trigrams)
    if pieces and not trigrams:
        longest = max(pieces, key=len)
        begun = [row[0] for row in ask(_BEGINNING, (longest, MOST_TRIGRAMS + 1))]
        if len(begun) <= MOST_TRIGRAMS:
            wanted.append(_any(begun or (NOTHING,)))
    return Match(" AND ".join(wanted), tuple(pieces))


def _words(record_id: str, request: tuple[str, ...]) -> str:
    row = (record_id, *request)
    return searchable(*(row[at] for at in _SEARCHED))


def _any(trigrams: Iterable[str]) -> str:
    return f"({' OR '.join(map(_quoted, trigrams))})"


def _quoted(trigram: str) -> str:
    """A string of FTS5, in which nothing is syntax."""
    return '"' + trigram.replace('"', '""') + '"'
