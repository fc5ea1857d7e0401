"""What the desk lists: filters, orders and selections, each said in words, and what is done to a selection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from ui.driver import Driver, drive

from csr_tui.core.record import KeySpec, Record, State, Tag
from csr_tui.storage import Sort
from csr_tui.ui import desk_query
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.filter import FilterDialog
from csr_tui.ui.widgets.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore
    from csr_tui.ui.actions import ActionRequested
    from csr_tui.ui.app import CsrTui


def shown(pilot: Driver) -> str:
    """The line that says what is listed."""
    return pilot.text("#shown")


def listed(pilot: Driver) -> list[str]:
    rows = [pilot.records._window.at(row) for row in range(pilot.records.count)]
    return [record.subject.domain if record else "?" for record in rows]


async def opened(pilot: Driver) -> FilterDialog:
    await pilot.press("f")
    await pilot.settle()
    return pilot.on(FilterDialog)


@pytest.fixture
def issue(store: RecordStore) -> Callable[[Record, int], None]:
    """Have a certificate that ends in so many days."""

    def make(record: Record, days: int) -> None:
        store._database.execute(
            "UPDATE record SET state = 'issued', origin = 'local', csr = 'C', key_fingerprint = 'f', "
            "generated_at = updated_at, certificate = 'C', not_after = ? WHERE id = ?",
            ((datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="microseconds"), record.id),
        )

    return make


async def test_a_filter_by_state_and_tag_lists_only_those_and_says_so(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    draft("web.example.com", tags=(Tag("team", "web"),))
    store.trash(draft("gone.example.com", tags=(Tag("team", "web"),)).id)
    draft("shop.example.com", tags=(Tag("team", "shop"),))

    async with drive(app) as pilot:
        await pilot.settle()
        assert shown(pilot) == "All records · by last change"
        window = await opened(pilot)
        window.tag.input.value = "team=web"
        await pilot.press("down")
        await pilot.click("#show")
        await pilot.settle()

        assert listed(pilot) == ["web.example.com"]
        assert shown(pilot) == "Drafts · tag team=web · by last change"
        await pilot.press("escape")
        await pilot.settle()
        assert shown(pilot) == "Drafts · by last change"
        await pilot.press("escape")
        await pilot.settle()
        assert len(listed(pilot)) == 2
        assert shown(pilot) == "All records · by last change"


async def test_a_filter_by_usage_lists_only_those_and_says_so(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("www.example.com")
    draft("Jane Doe", usage="client")
    draft("Example CA", usage="ca")

    async with drive(app) as pilot:
        await pilot.settle()
        for letter, wanted, words in (("c", "Jane Doe", "for clients"), ("a", "Example CA", "for a subordinate CA")):
            (await opened(pilot)).usage.focus()
            await pilot.press(letter, "ctrl+s")
            await pilot.settle()

            assert (listed(pilot), words in shown(pilot)) == ([wanted], True)


async def test_a_filter_by_expiry_lists_what_ends_in_time(
    app: CsrTui, draft: Callable[..., Record], issue: Callable[[Record, int], None]
) -> None:
    for number, days in enumerate((-3, 20, 60, 400)):
        issue(draft(f"h{number}.example.com"), days)
    draft("draft.example.com")

    async with drive(app, size=(100, 30)) as pilot:
        await pilot.settle()
        for option, wanted in (("expired", ["h0"]), ("within 30", ["h0", "h1"]), ("within 90", ["h0", "h1", "h2"])):
            window = await opened(pilot)
            at = next(at for at, one in enumerate(window.expiry._options) if one.title.startswith(option))
            window.expiry._choose(at)
            window.order._choose(2)
            await pilot.click("#show")
            await pilot.settle()

            assert listed(pilot) == [f"{name}.example.com" for name in wanted]
            assert "expiring before" in shown(pilot)
            assert "by expiry" in shown(pilot)


async def test_the_order_goes_round_by_key_and_by_clicking_a_title(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], issue: Callable[[Record, int], None]
) -> None:
    issue(draft("zebra.example.com", tags=(Tag("team", "web"),), names=("b.example.com",)), 5)
    issue(draft("apple.example.com", key=KeySpec("ECC", "prime256v1"), names=("a.example.com",)), 9)
    draft("mango.example.com", tags=(Tag("env", "test"),))
    issuer = "iif(domain LIKE 'zebra%', 'Acme CA', 'R3')"  # the certificates here cannot be read, which is a flaw
    store._database.execute(f"UPDATE record SET issuer = {issuer}, flaws = certificate IS NOT NULL")
    orders = {
        "by last change": ["mango", "apple", "zebra"],
        "by domain": ["apple", "mango", "zebra"],
        "by expiry": ["zebra", "apple", "mango"],
        "by state": ["mango", "apple", "zebra"],
        "by key": ["apple", "mango", "zebra"],
        "by tags": ["mango", "zebra", "apple"],
        "by names": ["apple", "zebra", "mango"],
        "by organization": ["apple", "mango", "zebra"],
        "by issuer": ["mango", "zebra", "apple"],
    }

    async with drive(app) as pilot:
        await pilot.settle()
        for words, wanted in (*list(orders.items())[1:], next(iter(orders.items()))):
            await pilot.press("o")
            await pilot.settle()
            assert listed(pilot) == [f"{name}.example.com" for name in wanted]
            assert words in shown(pilot)
            await pilot.press("O")
            await pilot.settle()
            assert listed(pilot) == [f"{name}.example.com" for name in reversed(wanted)]
            assert f"{words}, reversed" in shown(pilot)
        for mark in ("↑", "↓"):
            await pilot.click("#columns", offset=(str(pilot.on(Desk).query_one(Columns).render()).index("Key"), 0))
            await pilot.settle()

            assert f"Key {mark}" in str(pilot.on(Desk).query_one(Columns).render())


async def test_an_order_without_an_index_is_for_lists_that_are_not_too_long(
    app: CsrTui, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_query, "MOST_SORTED", 2)
    for number in range(3):
        draft(f"h{number}.example.com", names=(f"n{number}.example.com",))

    async with drive(app) as pilot:
        await pilot.settle()
        pilot.on(Desk)._listed.order_by(Sort.NAMES)
        pilot.on(Desk).reload()
        await pilot.settle()
        assert listed(pilot) == ["h2.example.com", "h1.example.com", "h0.example.com"]
        assert "Too many records to order them by names." in pilot.said

        pilot.on(Desk)._listed.order_by(Sort.NAMES)
        pilot.on(Desk).search.value = "h0"
        await pilot.settle()
        assert pilot.on(Desk)._listed.query.sort is Sort.NAMES


async def test_an_order_is_named_above_a_list_too_narrow_for_its_column(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft()

    async with drive(app, size=(60, 15)) as pilot:
        await pilot.settle()
        for named in (
            False,
            False,
            False,
            False,
            True,
            True,
            True,
        ):  # by change, domain, expiry, state, key, tags, names
            assert pilot.on(Desk).query_one("#shown").display is named
            await pilot.press("o")
            await pilot.settle()


async def test_what_is_selected_is_marked_counted_and_deleted_together(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    for number in range(5):
        draft(f"h{number}.example.com")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("space", "down", "shift+down")
        await pilot.settle()
        assert {record.subject.domain[:2] for record in pilot.records.selected} == {"h4", "h2", "h1"}
        assert "3 selected" in shown(pilot)
        assert [pilot.records.draw_line(row, 80).text[0] for row in range(5)] == ["•", " ", "•", "•", " "]
        await pilot.press("d")
        await pilot.settle()

        assert {record.subject.domain[:2] for record in store.page()} == {"h3", "h0"}
        assert pilot.records.selected == ()
        await pilot.press("u")
        await pilot.settle()
        assert store.count() == 5


async def test_every_action_on_a_selection_is_asked_for_once_with_all_of_it(
    app: CsrTui, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        draft(f"h{number}.example.com")
    asked: list[ActionRequested] = []
    monkeypatch.setattr(type(app), "on_action_requested", lambda _, event: asked.append(event))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+a", "g", "e", "y")
        await pilot.settle()

    assert [(one.action, len(one.records)) for one in asked] == [("generate", 3), ("export", 3), ("copy", 1)]


async def test_escape_drops_the_selection_first_and_another_search_drops_it_too(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    for number in range(3):
        draft(f"h{number}.example.com")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("slash", *"example", "enter", "space", "escape")
        await pilot.settle()
        assert pilot.records.selected == ()
        assert pilot.on(Desk).search.value == "example"
        await pilot.press("space", "slash", "1")
        await pilot.settle()

        assert pilot.records.selected == ()


async def test_more_than_can_be_acted_on_is_not_selected(
    app: CsrTui, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.ui.widgets.record_list.MOST_SELECTED", 2)
    for number in range(3):
        draft(f"h{number}.example.com")

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+a")
        await pilot.settle()

        assert pilot.records.selected == ()
        assert "Search or filter first" in " ".join(note.message for note in app._notifications)


async def test_the_filter_opens_by_mouse_and_leaves_everything_as_it_was_on_escape(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.click("#status")
        await pilot.settle()
        assert isinstance(app.screen, FilterDialog)
        await pilot.press("down", "escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)
        assert pilot.records.listed.state is None
        assert State.DRAFT is pilot.current.state
