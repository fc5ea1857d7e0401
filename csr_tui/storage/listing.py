"""Lists of records: pages by key, counts from the tally; what is read does not grow with the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, Tag
from csr_tui.storage.columns import moment, stamp
from csr_tui.storage.damage import DamagedError, is_damage
from csr_tui.storage.query import GROUPS, NEVER, Anchor, Query, Sort, rank
from csr_tui.storage.rows import COLUMNS, RECORDS, Rows, record_of
from csr_tui.storage.search import match

Read: TypeAlias = "Callable[..., sqlite3.Cursor]"

Key: TypeAlias = "tuple[str, str, int]"
"""Where a record stands: the sorted column, the id, and the record's number."""

LOOKED_THROUGH = 20
"""Of a bounded query, so many times its `most` records of the index are looked through for what it does not know."""

NO_REPLY = "SELECT record_id FROM submission WHERE stage IN ('creating', 'finalising', 'unknown')"
ORDERS = (
    "SELECT record_id FROM certificate_order WHERE stage IN "
    "('ordering', 'ordered', 'proving', 'finalising', 'fetching', 'unknown') AND stage IN ('ordered', 'unknown') "
    "UNION ALL SELECT record_id FROM certificate_order WHERE stage IN ('refused', 'expired')"
)
"""Orders that wait for a person; the first condition of each part is that of its index."""

UNKNOWN = f"SELECT number FROM record WHERE id IN ({NO_REPLY})"
"""The records whose submission has no known outcome; the journal's index has them."""

EXPIRED_LOOKED_THROUGH = 5
"""Likewise of expired certificates, for those without a renewal: 20,000 took 0.2 s at each paint of a new list."""

ROWS_AT_ONCE = 500
NEAR = 2_000
"""A place so near to an end of a list is found exactly; others from a sample."""
SAMPLE = 512


def page(
    read: Read,
    query: Query,
    *,
    anchor: Anchor | None = None,
    limit: int,
    backwards: bool = False,
    damaged: bool = False,
) -> tuple[Record, ...]:
    """Records in the order of the query: the first after `anchor`, or the last before it; from an end without one.

    Of a `damaged` store, a record that cannot be read is one of which only the place is known.
    """
    if damaged:
        keys = _keys(read, query, anchor, limit, backwards=backwards)
        return tuple(_tried(read, key, query.sort) for key in (reversed(keys) if backwards else keys))
    return tuple(rows(read, query, anchor=anchor, limit=limit, backwards=backwards))


def rows(
    read: Read, query: Query, *, anchor: Anchor | None = None, limit: int, backwards: bool = False
) -> Sequence[Record]:
    """The same, each made when it is asked for: 100,000 take less than half of the memory."""
    keys = _keys(read, query, anchor, limit, backwards=backwards)
    found: dict[int, tuple[Any, ...]] = {}
    for at in range(0, len(keys), ROWS_AT_ONCE):
        numbers = [number for _, _, number in keys[at : at + ROWS_AT_ONCE]]
        sql = f"SELECT number, {COLUMNS} FROM {RECORDS} WHERE number IN ({', '.join('?' * len(numbers))})"
        found.update((row[0], row[1:]) for row in read(sql, numbers))
    try:
        return Rows([found[number] for _, _, number in (reversed(keys) if backwards else keys)])
    except KeyError as error:
        raise DamagedError("The store is damaged: it lists a missing record.") from error


def _tried(read: Read, key: Key, sort: Sort) -> Record:
    """One record, read by itself."""
    value, record_id, number = key
    try:
        row = read(f"SELECT {COLUMNS} FROM {RECORDS} WHERE number = ?", (number,)).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        row = None
    return _unreadable(record_id, sort, value) if row is None else record_of(row)


def _unreadable(record_id: str, sort: Sort, value: str) -> Record:
    """What stands for a record of which the store gives no more than its place in a list."""
    nothing = Record(record_id, damage=("record",))
    match sort:
        case Sort.CHANGED:
            return replace(nothing, updated_at=moment(value))
        case Sort.DOMAIN:
            return replace(nothing, subject=Subject(domain=value))
        case Sort.EXPIRY:
            return replace(nothing, not_after=None if value == NEVER else moment(value))
        case Sort.STATE:
            return replace(nothing, state=tuple(State)[int(value[0])], subject=Subject(domain=value[1:]))
        case Sort.KEY:
            algorithm, parameter, domain = value.split(" ", 2)
            return replace(nothing, key=KeySpec(algorithm, parameter), subject=Subject(domain=domain))
        case Sort.TAGS:
            tags, end = json.JSONDecoder().raw_decode(value)
            return replace(nothing, tags=tuple(Tag(*tag) for tag in tags), subject=Subject(domain=value[end:]))
        case Sort.NAMES:
            names, end = json.JSONDecoder().raw_decode(value)
            return replace(nothing, names=tuple(names), subject=Subject(domain=value[end:]))
        case Sort.ORGANIZATION:
            organization, _, domain = value.rpartition("\n")
            return replace(nothing, subject=Subject(domain, organization))
        case Sort.ISSUER:
            issuer, _, domain = value.rpartition("\n")
            return replace(nothing, issuer=issuer, subject=Subject(domain))


def count(read: Read, query: Query) -> int:
    """How many records the list has."""
    if not query.groups:
        return 0
    if query.whole:
        sql = f"SELECT sum(records) FROM tally WHERE shelf IN ({_numbers(query.groups)})"
        return int(read(sql).fetchone()[0])
    chosen, bound = _chosen(read, query)
    return int(read(f"SELECT count(*) FROM ({chosen})", bound).fetchone()[0])


def may_leave_out(read: Read, query: Query) -> bool:
    """Whether a bounded query has its `most`, or more certificates than it looks through for what needs somebody."""
    if query.most is None or query.whole:
        return False
    sql = "SELECT count(*) FROM (SELECT 1 FROM record WHERE shelf = ? AND ends < ? LIMIT ?)"
    through = query.most * EXPIRED_LOOKED_THROUGH
    return count(read, query) >= query.most or any(
        query.needs_by is not None and read(sql, (shelf, stamp(query.needs_by), through + 1)).fetchone()[0] > through
        for shelf in query.groups
    )


def approximate_anchor(read: Read, query: Query, place: int) -> Anchor | None:
    """A place about so many records down the list; None for its top.

    Exact near the ends and in bounded lists; elsewhere as good as a sample, for nothing counts the way there.
    """
    total = count(read, query)
    place = min(place, total)
    if place <= 0:
        return None
    left = total - place
    if min(place, left) > NEAR and query.whole and (sampled := _sample(read, query)):
        key, record_id, _ = sampled[len(sampled) * place // total]
    elif left < place:
        key, record_id, _ = _keys(read, query, None, left + 1, backwards=True)[-1]
    else:
        key, record_id, _ = _keys(read, query, None, place, backwards=False)[-1]
    return Anchor(key, record_id)


def _keys_sql(query: Query, source: str, column: str, *, anchored: bool, backwards: bool) -> str:
    """The SELECT of the keys of what `source`, a condition, names."""
    up = query.descending == backwards
    beyond = f"AND ({column}, id) {'>' if up else '<'} (:key, :id)" if anchored else ""
    order = "ASC" if up else "DESC"
    return (
        f"SELECT {column}, id, number FROM record WHERE {source} {beyond} "
        f"ORDER BY {column} {order}, id {order} LIMIT :limit"
    )


def _keys(read: Read, query: Query, anchor: Anchor | None, limit: int, *, backwards: bool) -> Sequence[Key]:
    """The keys of a page, from `anchor` on in the direction of reading."""
    if not query.groups:
        return []
    chosen, bound = ("", {}) if query.whole else _chosen(read, query)
    bound |= {"limit": limit} | ({"key": anchor.key, "id": anchor.id} if anchor is not None else {})
    anchored = anchor is not None
    if chosen:
        source = f"number IN ({chosen})"
        return read(
            _keys_sql(query, source, query.sort.column, anchored=anchored, backwards=backwards), bound
        ).fetchall()
    source = f"shelf = :shelf{' AND certificate IS NOT NULL' if query.sort is Sort.ISSUER else ''}"
    sql = _keys_sql(query, source, query.sort.column, anchored=anchored, backwards=backwards)
    shelves = [
        read(sql, bound | {"shelf": shelf})
        if (first := _common(query.sort, GROUPS[shelf].state)) is None
        else _by_domain(read, query, shelf, first, anchor, limit, backwards=backwards)
        for shelf in query.groups
    ]
    return list(islice(merge(*shelves, key=itemgetter(0, 1), reverse=query.descending != backwards), limit))


def _common(sort: Sort, state: State) -> str | None:
    """What all keys of a shelf begin with before the domain; None where they differ in more."""
    if sort is Sort.STATE:
        return rank(state)
    return "\n" if sort is Sort.ISSUER and state is not State.ISSUED else None


def _by_domain(
    read: Read, query: Query, shelf: int, first: str, anchor: Anchor | None, limit: int, *, backwards: bool
) -> Iterator[Key]:
    """The keys of one shelf, which all begin with `first` and differ in their domains: they are read by these."""
    if anchor is not None and anchor.key[0] != first:
        if (first > anchor.key[0]) is not (query.descending == backwards):
            return
        anchor = None
    sql = _keys_sql(query, "shelf = :shelf", "domain", anchored=anchor is not None, backwards=backwards)
    bound: dict[str, object] = {"shelf": shelf, "limit": limit}
    if anchor is not None:
        bound |= {"key": anchor.key[1:], "id": anchor.id}
    for domain, record_id, number in read(sql, bound):
        yield first + domain, record_id, number


def _chosen(read: Read, query: Query) -> tuple[str, dict[str, object]]:
    """A SELECT of the numbers of at most `most` records that answer to a query which is not of whole shelves."""
    if query.most is None or not query.search:
        return _choice(read, query)
    (version,), (changes,) = read("PRAGMA data_version").fetchone(), read("SELECT total_changes()").fetchone()
    found = _found(read, replace(query, sort=Sort.CHANGED, reverse=False), version, changes)
    return "SELECT value FROM json_each(:found)", {"found": found}


@lru_cache(maxsize=1)
def _found(read: Read, query: Query, *_: int) -> str:
    """The numbers as JSON, remembered until anything in the store changes: a list asks for its length and its pages.

    Each of these takes 15 ms in a store of a million.
    """
    chosen, bound = _choice(read, query)
    return json.dumps([row[0] for row in read(chosen, bound)])


def _choice(read: Read, query: Query) -> tuple[str, dict[str, object]]:
    most = -1 if query.most is None else query.most
    bound: dict[str, object] = {"most": most, "before": stamp(query.expiring_before), "usage": query.usage}
    searched = query.tag is not None or bool(query.search.split())
    bound |= {"through": most * LOOKED_THROUGH}
    bound |= {"needs_by": stamp(query.needs_by), "expired": most * EXPIRED_LOOKED_THROUGH}
    if query.needs_by is not None and not searched:
        needing = _needing(query, ":most" if query.expiring_before is None else ":expired")
        if query.expiring_before is not None:
            needing = f"SELECT number FROM record WHERE number IN ({needing}) AND ends < :before"
        return f"SELECT number FROM ({needing}) LIMIT :most", bound
    if query.outcome_unknown and not searched:
        return f"{_unknown(query)} ORDER BY number DESC LIMIT :most", bound
    if not searched:
        condition, order = f"ends < :before {_of_usage(query)}", "ends"
        if query.expiring_before is None:
            condition, order = "usage = :usage", "ends DESC, number DESC"
        shelves = " UNION ALL ".join(
            f"SELECT * FROM (SELECT number, ends FROM record WHERE shelf = {shelf} AND {condition} "
            f"ORDER BY {order} LIMIT :most)"
            for shelf in query.groups
        )
        return f"SELECT number FROM ({shelves}) ORDER BY {order} LIMIT :most", bound
    found = match(query.search, query.tag, query.groups, read)
    bound |= {"match": found.expression}
    bound |= {f"piece{at}": piece for at, piece in enumerate(found.pieces)}
    terms = [f"instr(words, :piece{at}) > 0" for at in range(len(found.pieces))]
    if query.usage is not None:
        terms.append("(SELECT usage FROM record WHERE number = found.number) = :usage")
    if query.expiring_before is not None:
        terms.append("(SELECT ends FROM record WHERE number = found.number) < :before")
    if query.outcome_unknown:
        terms.append(f"number IN ({UNKNOWN})")
    if query.needs_by is not None:
        terms.append(f"number IN ({_needing(query, ':expired')})")
    sources = (
        "SELECT number, words FROM unindexed WHERE (SELECT shelf FROM record WHERE number = unindexed.number) "
        f"IN ({_numbers(query.groups)}) ORDER BY number DESC",
        "SELECT rowid AS number, words FROM search WHERE search MATCH :match "
        "AND rowid NOT IN (SELECT number FROM unindexed) ORDER BY rowid DESC LIMIT :through",
    )
    # The order of a source is that of the SELECT around it, which ends at `most` and reads no further.
    parts = (
        f"SELECT * FROM (SELECT number FROM ({source}) AS found WHERE {' AND '.join(terms) or 'TRUE'} LIMIT :most)"
        for source in sources
    )
    return f"SELECT number FROM ({' UNION ALL '.join(parts)}) ORDER BY number DESC LIMIT :most", bound


def _needing(query: Query, limit: str) -> str:
    """A SELECT of what needs somebody by a time.

    In this order, and bounded by its end: what has no known outcome, orders that wait for somebody, what expires, the
    last first, certificates that differ from their request, and drafts with errors.
    """
    renewed = (
        "EXISTS (SELECT 1 FROM lineage JOIN record AS newer ON newer.id = lineage.record_id WHERE source_id = found.id "
        "AND kind = 'renewal' AND newer.state = 'issued' AND newer.trashed_at IS NULL)"
    )
    parts = []
    for shelf in query.groups:
        if GROUPS[shelf].state is State.GENERATED:
            parts.append(
                f"SELECT number, '8' AS ends FROM record WHERE id IN ({ORDERS}) AND +shelf = {shelf} "
                f"{_of_usage(query, '+')}"
            )
            continue
        draft = GROUPS[shelf].state is State.DRAFT
        parts.append(
            f"SELECT number, '{'0' if draft else '1'}' AS ends FROM (SELECT number, id, ends, usage FROM record "
            f"WHERE shelf = {shelf} AND flaws > 0 ORDER BY number DESC LIMIT :expired) AS found "
            f"WHERE {f'id NOT IN ({NO_REPLY})' if draft else f'ends >= :needs_by AND NOT {renewed}'} {_of_usage(query)}"
        )
        if not draft:
            parts.append(
                "SELECT number, ends FROM (SELECT number, id, ends FROM record "
                f"WHERE shelf = {shelf} AND ends < :needs_by {_of_usage(query)} "
                f"ORDER BY ends DESC LIMIT :expired) AS found WHERE NOT {renewed}"
            )
    shelves = " UNION ALL ".join(f"SELECT * FROM ({part} LIMIT {limit})" for part in parts)
    return (
        f"SELECT number FROM (SELECT number, '9' AS ends FROM ({_unknown(query)}) "
        f"UNION ALL {shelves}) ORDER BY ends DESC LIMIT {limit}"
    )


def _unknown(query: Query) -> str:
    return f"{UNKNOWN} AND +shelf IN ({_numbers(query.groups)}) {_of_usage(query, '+')}"


def _of_usage(query: Query, unindexed: str = "") -> str:
    return "" if query.usage is None else f"AND {unindexed}usage = :usage"


def _sample(read: Read, query: Query) -> list[Key]:
    """The keys of records that stand at even distances in the order in which they were made, sorted as the list is."""
    last = read("SELECT max(number) FROM record").fetchone()[0] or 0
    numbers = dict.fromkeys(1 + last * at // SAMPLE for at in range(SAMPLE))
    sql = f"SELECT {query.sort.column}, id, number FROM record WHERE number IN ({_numbers(numbers)})"
    rows = read(f"{sql} AND +shelf IN ({_numbers(query.groups)})").fetchall()
    return sorted(rows, reverse=query.descending)


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
