"""The account's whole list of requests, read page by page while others may change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec
from csr_tui.core.secret import Secret

LARGEST = 100_000
"""Records; no account has as many."""

PASSES = 10
"""How often the list is begun again because it moved."""

LONGEST = 300.0
"""Seconds for all passes together."""


@dataclass(frozen=True, slots=True)
class RemoteRequest:
    """A CSR record of the account; what a list leaves out is None. `status`: 0 not generated, 1 generated."""

    csr_id: int
    subject: Subject
    key: KeySpec
    remark: str
    status: int | None
    created: str
    request_id: str
    csr: str | None = None
    private_key: Secret | None = None
    key_password: Secret | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Part of the account's list, and how many records it has in all."""

    total: int
    items: tuple[RemoteRequest, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The records seen. `doubt` is "" after a pass in which nothing moved; else why a record may have been missed."""

    items: tuple[RemoteRequest, ...]
    doubt: str = ""


def read(page: Callable[[int], ListPage], clock: Callable[[], float]) -> Inventory:
    """Read the list until one pass is whole: `page(offset)` returns a part of it, `clock` counts seconds.

    Each page begins with the last record of the one before it. Where it does not, where the total changed, or where a
    record comes twice, a record was added, deleted or moved in between, and another may have slipped past the seam.
    """
    end = clock() + LONGEST
    seen: dict[int, RemoteRequest] = {}
    for _ in range(PASSES):
        listed: dict[int, RemoteRequest] = {}
        total = None
        while True:
            if clock() >= end:
                return Inventory(tuple(seen.values()), f"reading it took more than {LONGEST:.0f} seconds")
            part = page(max(len(listed) - 1, 0))
            seen.update((item.csr_id, item) for item in part.items)
            if part.total > LARGEST:
                return Inventory(tuple(seen.values()), f"it claims to have {part.total:,} records")
            new = part.items[1:] if listed else part.items
            if listed and (part.total != total or _ids(part.items[:1]) != [next(reversed(listed))]):
                break
            known = len(listed)
            listed.update(zip(_ids(new), new, strict=True))
            total = part.total
            if len(listed) == total == known + len(new):
                return Inventory(tuple(listed.values()))
            if not new or len(listed) != known + len(new) or len(listed) > total:
                break
    return Inventory(tuple(seen.values()), f"it changed during each of {PASSES} attempts to read it")


def _ids(items: tuple[RemoteRequest, ...]) -> list[int]:
    return [item.csr_id for item in items]
