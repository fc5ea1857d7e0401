"""A list that others change while it is read: what was there all the time is seen, or it is said that it may not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec
from csr_tui.tencent import inventory
from csr_tui.tencent.inventory import ListPage, RemoteRequest


def item(csr_id: int) -> RemoteRequest:
    return RemoteRequest(csr_id, Subject("www.example.com"), KeySpec("ECC", "prime256v1"), "", 0, "", "r")


@dataclass
class Moving:
    """A list of ids with small pages; `changes` are made to it between two pages: add, delete or touch at a place."""

    ids: list[int]
    changes: list[tuple[str, int]] = field(default_factory=list)
    newest_first: bool = True
    size: int = 3
    calls: int = 0

    def __post_init__(self) -> None:
        self.always = set(self.ids)
        self._next = count(max(self.ids, default=0) + 1)

    def page(self, offset: int) -> ListPage:
        part = self.ids[offset : offset + self.size]
        if self.calls and self.changes:
            self._change(*self.changes.pop(0))
            part = self.ids[offset : offset + self.size]
        self.calls += 1
        return ListPage(len(self.ids), tuple(map(item, part)))

    def _change(self, kind: str, place: int) -> None:
        if kind == "add":
            self._put(next(self._next))
        elif self.ids:
            changed = self.ids.pop(place % len(self.ids))
            if kind == "touch":
                self._put(changed)
            else:
                self.always.discard(changed)

    def _put(self, csr_id: int) -> None:
        self.ids.insert(0 if self.newest_first else len(self.ids), csr_id)


@given(
    st.integers(0, 14),
    st.lists(st.tuples(st.sampled_from(("add", "delete", "touch", "nothing")), st.integers(0, 20)), max_size=40),
    st.booleans(),
)
def test_whatever_moves_nothing_that_was_there_all_the_time_is_missed(
    records: int, changes: list[tuple[str, int]], newest_first: bool
) -> None:
    moving = Moving(list(range(records)), changes, newest_first)

    got = inventory.read(moving.page, lambda: 0)

    seen = [one.csr_id for one in got.items]
    assert len(seen) == len(set(seen))
    assert got.doubt or moving.always <= set(seen)


def test_a_list_that_rests_after_a_change_is_whole() -> None:
    moving = Moving(list(range(10)), [("delete", 0)])

    got = inventory.read(moving.page, lambda: 0)

    assert (got.doubt, [one.csr_id for one in got.items]) == ("", list(range(1, 10)))


def test_a_list_that_never_rests_is_in_doubt_after_ten_attempts() -> None:
    moving = Moving(list(range(50)), [("add", 0)] * 1000)

    got = inventory.read(moving.page, lambda: 0)

    assert "changed" in got.doubt
    assert moving.calls == 2 * inventory.PASSES


@pytest.mark.parametrize("total", [2**62, 100_001])
def test_a_total_that_no_account_has_is_not_believed(total: int) -> None:
    asked: list[int] = []

    def page(offset: int) -> ListPage:
        asked.append(offset)
        return ListPage(total, tuple(map(item, range(offset, offset + 100))))

    assert inventory.read(page, lambda: 0).doubt == f"it claims to have {total:,} records"
    assert asked == [0]


def test_the_same_page_again_and_again_ends() -> None:
    asked: list[int] = []

    def page(offset: int) -> ListPage:
        asked.append(offset)
        return ListPage(5000, tuple(map(item, range(100))))

    got = inventory.read(page, lambda: 0)

    assert got.doubt
    assert len(got.items) == 100
    assert len(asked) == 2 * inventory.PASSES


def test_pages_that_end_before_the_total_are_in_doubt() -> None:
    rows = tuple(map(item, range(120)))
    assert inventory.read(lambda offset: ListPage(121, rows[offset : offset + 100]), lambda: 0).doubt


def test_all_passes_together_have_one_limit_of_time() -> None:
    moving = Moving(list(range(1000)), size=100)

    got = inventory.read(moving.page, lambda: 100.0 * moving.calls)

    assert "300 seconds" in got.doubt
    assert moving.calls == 3
