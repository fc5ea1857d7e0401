"""What a list of records asks for: which groups, in which order, narrowed by what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from csr_tui.core.record import Origin, Record, State, Tag
from csr_tui.storage.columns import names_text, stamp, tags_text

NEVER = "9"
"""Where a record without a certificate stands among the dates of expiry: after all of them."""


class Group(NamedTuple):
    """Records of one state and origin; the column `shelf` has its place in `GROUPS`, which the tally counts."""

    state: State
    origin: Origin | None
    trashed: bool


GROUPS = tuple(
    Group(state, origin, trashed)
    for trashed in (False, True)
    for state, origin in (
        (State.DRAFT, None),
        (State.GENERATED, Origin.LOCAL),
        (State.GENERATED, Origin.TENCENT),
        (State.ISSUED, Origin.LOCAL),
        (State.ISSUED, Origin.TENCENT),
    )
)


def rank(state: State) -> str:
    """Its place among the states, in one digit."""
    return str(tuple(State).index(state))


class Sort(StrEnum):
    """The orders of a list; an index begins with the group, that of STATE is the one of the domains."""

    CHANGED = "changed"
    DOMAIN = "domain"
    EXPIRY = "expiry"
    STATE = "state"
    KEY = "key"
    TAGS = "tags"
    NAMES = "names"
    ORGANIZATION = "organization"
    ISSUER = "issuer"

    @property
    def is_indexed(self) -> bool:
        """Whether a page costs the same in a store of any size; each index costs time at every new record."""
        return self not in {Sort.NAMES, Sort.ORGANIZATION}

    @property
    def column(self) -> str:
        """What is compared, before the id."""
        return {
            Sort.CHANGED: "updated_at",
            Sort.DOMAIN: "domain",
            Sort.EXPIRY: "ends",
            Sort.STATE: "CASE state WHEN 'draft' THEN 0 WHEN 'generated' THEN 1 ELSE 2 END || domain",
            Sort.KEY: "by_key",
            Sort.TAGS: "by_tags",
            Sort.NAMES: "names || domain",
            Sort.ORGANIZATION: "organization || char(10) || domain",
            Sort.ISSUER: "by_issuer",
        }[self]


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are meant, and in which order.

    Every piece of `search` stands somewhere in them; a `tag` without a value is any of its key; `expiring_before`
    holds for certificates, `outcome_unknown` for what was sent without a reply, `needs_by` for what needs somebody:
    that, orders whose names are to be proven or whose outcome is unknown, certificates that expire before it or differ
    from their request while no renewal of theirs has one, and drafts with errors. `reverse` turns the order of `sort`
    round, which lists the newest change first, and the others upwards; states, keys and the like by domain within each.
    `most` bounds what these filters may cost, whatever the size of the store: of more matches, the last that were
    made, or the first that expire, are listed; of those of one `usage` alone, the last that were made or that
    expire.
    """

    state: State | None = None
    origin: Origin | None = None
    tag: Tag | None = None
    usage: str | None = None
    search: str = ""
    trashed: bool = False
    expiring_before: datetime | None = None
    outcome_unknown: bool = False
    needs_by: datetime | None = None
    sort: Sort = Sort.CHANGED
    reverse: bool = False
    most: int | None = None

    @property
    def whole(self) -> bool:
        """Whether whole groups are listed: they are read by key, and the tally knows how many records they hold."""
        narrowed = self.tag, self.usage, self.expiring_before, self.needs_by, self.search.strip() or None
        return not self.outcome_unknown and narrowed == (None,) * 5

    @property
    def descending(self) -> bool:
        """Whether the highest value of the sorted column is listed first."""
        return (self.sort is Sort.CHANGED) is not self.reverse

    @property
    def groups(self) -> tuple[int, ...]:
        """The groups that can hold such records."""
        return tuple(
            number
            for number, group in enumerate(GROUPS)
            if group.trashed == self.trashed
            and self.state in (None, group.state)
            and self.origin in (None, group.origin)
            and (self.expiring_before is None or group.state is State.ISSUED)
            and (not self.outcome_unknown or group.state is State.DRAFT)
        )


class Anchor(NamedTuple):
    """A place in a list: just after this record, or just before it when reading backwards."""

    key: str
    id: str

    @classmethod
    def of(cls, record: Record, sort: Sort = Sort.CHANGED) -> Anchor:
        """The place of a record as it was read."""
        keys = {
            Sort.CHANGED: stamp(record.updated_at) or "",
            Sort.DOMAIN: record.subject.domain,
            Sort.EXPIRY: stamp(record.not_after) or NEVER,
            Sort.STATE: f"{rank(record.state)}{record.subject.domain}",
            Sort.KEY: f"{record.key.algorithm} {record.key.parameter} {record.subject.domain}",
            Sort.TAGS: tags_text(record.tags) + record.subject.domain,
            Sort.NAMES: names_text(record.names) + record.subject.domain,
            Sort.ORGANIZATION: f"{record.subject.organization}\n{record.subject.domain}",
            Sort.ISSUER: f"{record.issuer}\n{record.subject.domain}",
        }
        return cls(keys[sort], record.id)
