"""A stretch of the list: only what is looked at is read, and every row stands where it belongs."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pytest
from ui.lists import MANY

from csr_tui.errors import StorageError
from csr_tui.storage import Anchor, Query, RecordStore, Sort
from csr_tui.ui.widgets.record_window import MOST, PAGE, REACH, RecordWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.core.record import Record

Result = TypeVar("Result")


@pytest.mark.parametrize("sort", Sort)
def test_from_both_ends_every_row_is_the_right_one(many: RecordStore, ids: dict[Sort, list[str]], sort: Sort) -> None:
    down, up = RecordWindow(many, Query(sort=sort)), RecordWindow(many, Query(sort=sort))

    assert [id_at(down, index) for index in range(MANY)] == ids[sort]
    assert [id_at(up, index) for index in reversed(range(MANY))] == ids[sort][::-1]
    assert down.at(MANY) is down.at(-1) is None
    assert down.offset_error == up.offset_error == 0


def id_at(window: RecordWindow, index: int) -> str:
    record = window.at(index)
    assert record is not None
    return record.id


def sooner_or_later(read: Callable[..., Result], *places: int) -> Result:
    """What is read, however often that fails before."""
    while True:
        with suppress(StorageError):
            return read(*places)


@pytest.mark.parametrize("seed", range(5))
def test_walking_and_jumping_shows_rows_that_follow_one_another_and_comes_out_right_at_the_ends(
    many: RecordStore, ids: dict[Sort, list[str]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.storage.listing.NEAR", 10)
    places = {record_id: place for place, record_id in enumerate(ids[Sort.CHANGED])}
    window = RecordWindow(many, Query())
    chance = random.Random(seed)
    page = many.page

    def failing_at_times(
        query: Query | None = None, *, anchor: Anchor | None = None, limit: int = 50, backwards: bool = False
    ) -> tuple[Record, ...]:
        if chance.random() < 0.2:
            raise StorageError("The disk did not answer.")
        return page(query, anchor=anchor, limit=limit, backwards=backwards)

    monkeypatch.setattr(many, "page", failing_at_times)
    index = 0
    for _ in range(40):
        index = chance.randrange(MANY)
        for _ in range(chance.randrange(300)):
            index = min(max(index + chance.choice((-1, 1)) * chance.randrange(30), 0), MANY - 1)
            screen = [sooner_or_later(window.at, row) for row in range(index, min(index + 20, MANY))]
            shown = [places[record.id] for record in screen if record is not None]
            assert shown == list(range(shown[0], shown[0] + len(shown)))
            assert abs(shown[0] - index) < MANY / 10
            if chance.random() < 0.3:
                sooner_or_later(window.prefetch, index, index + 20)
            index += window.offset_error
            window.renumber()
            assert window.offset_error == 0
    top, bottom = sooner_or_later(window.at, 0), sooner_or_later(window.at, MANY - 1)

    assert top is not None
    assert bottom is not None
    assert (places[top.id], places[bottom.id]) == (0, MANY - 1)


def test_from_the_middle_up_no_record_is_passed_over(
    many: RecordStore, ids: dict[Sort, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.storage.listing.NEAR", 10)
    monkeypatch.setattr(many, "approximate_anchor", lambda *_: Anchor.of(many.get(ids[Sort.CHANGED][1500])))
    window = RecordWindow(many, Query())
    index, seen = 500, []
    assert id_at(window, index) == ids[Sort.CHANGED][1501]

    while (record := window.at(index)) is not None:
        seen.append(record.id)
        index -= 1
        window.at(index)
        index += window.offset_error
        window.renumber()

    assert seen == ids[Sort.CHANGED][1501::-1]


def counted(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much is asked for, each time that something is read from now on."""
    read: list[int] = []
    page = store.page

    def count(query: Query, *, anchor: Anchor | None = None, limit: int, backwards: bool = False) -> tuple[Record, ...]:
        read.append(limit)
        return page(query, anchor=anchor, limit=limit, backwards=backwards)

    monkeypatch.setattr(store, "page", count)
    return read


def test_only_what_is_looked_at_is_read_and_little_of_it_kept(
    many: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(many, monkeypatch)
    window = RecordWindow(many, Query())

    for index in (0, MANY - 1, MANY // 2):
        window.at(index)
    assert read == [PAGE] * 3
    for index in range(MANY):
        window.at(index)

    assert len(window._rows) <= MOST
    assert max(read) == PAGE
    assert REACH < MOST


def test_the_pages_around_what_shows_and_both_ends_are_read_ahead_one_at_a_time(
    many: RecordStore, ids: dict[Sort, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = RecordWindow(many, Query())
    first = MANY // 2
    window.at(first)
    read = counted(many, monkeypatch)
    steps = 1
    while window.prefetch(first, first + 20):
        assert len(read) == steps
        steps += 1
    assert read == [PAGE] * 3  # before and after, and the last page: the first was there

    for index in (first - PAGE, first + 20 + PAGE - 1, MANY - 1, MANY - PAGE, 0, PAGE - 1):
        assert window.at(index) in window.nearby(first, first + 20)
    assert len(read) == 3
    assert [id_at(window, index) for index in range(PAGE)] == ids[Sort.CHANGED][:PAGE]
    assert [id_at(window, index) for index in range(MANY - PAGE, MANY)] == ids[Sort.CHANGED][-PAGE:]
