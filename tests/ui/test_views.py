"""The views of the desk: what each lists, how many that are, and the trash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives.asymmetric import ec
from textual.widgets._footer import FooterKey
from ui.driver import Driver, drive

from csr_tui.core.fields import Subject
from csr_tui.ui.widgets import views
from csr_tui.ui.widgets.views import View, count

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui


@pytest.fixture
def filled(store: RecordStore, draft: Callable[..., Record]) -> RecordStore:
    """Certificates that ended, end soon and do not, one of them renewed; a CSR, a draft, and one in the trash."""
    for number, days in enumerate((-3, -2, 20, 90)):
        issued = draft(f"h{number}.example.com", subject=Subject(f"h{number}.example.com"))
        ends = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="microseconds")
        store._database.execute(
            "UPDATE record SET state = 'issued', origin = 'local', csr = 'C', key_fingerprint = 'f', "
            "generated_at = updated_at, certificate = 'C', not_after = ? WHERE id = ?",
            (ends, issued.id),
        )
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    good = pem(Authority("Example CA").issue(key, "h3.example.com")).decode()
    store._database.execute("UPDATE record SET certificate = ? WHERE domain = 'h3.example.com'", (good,))
    store._database.execute(
        "INSERT INTO lineage (record_id, kind, source_id, same_key) SELECT newer.id, 'renewal', record.id, 0 "
        "FROM record, record AS newer WHERE record.domain = 'h0.example.com' AND newer.domain = 'h3.example.com'"
    )
    waiting = draft("waiting.example.com")
    store._database.execute(
        "UPDATE record SET state = 'generated', origin = 'local', csr = 'C', key_fingerprint = 'f', "
        "generated_at = updated_at WHERE id = ?",
        (waiting.id,),
    )
    draft("draft.example.com")
    draft("a b.example.com")
    store.trash(draft("gone.example.com").id)
    while store.judge():
        pass
    return store


def listed(pilot: Driver) -> list[str]:
    rows = [pilot.records._window.at(row) for row in range(pilot.records.count)]
    return [record.subject.domain.removesuffix(".example.com") if record else "?" for record in rows]


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (View.ALL, ["a b", "draft", "waiting", "h3", "h2", "h1", "h0"]),
        (View.NEEDS, ["h1", "h2", "a b"]),
        (View.WAITING, ["waiting"]),
        (View.ISSUED, ["h3", "h2", "h1", "h0"]),
        (View.DRAFTS, ["a b", "draft"]),
        (View.TRASH, ["gone"]),
    ],
)
async def test_each_view_lists_its_records_and_the_line_above_counts_them(
    app: CsrTui, filled: RecordStore, view: View, wanted: list[str]
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press(str(list(View).index(view) + 1))
        await pilot.settle()

        assert listed(pilot) == wanted
        assert f" {view.value} {len(wanted)} " in pilot.text("#views")
        assert count(filled, datetime.now(UTC))[view] == len(wanted)


async def test_a_draft_that_is_saved_with_errors_needs_you(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        assert "Needs you 0" in pilot.text("#views")
        await pilot.press("n", *"a_b", "escape")
        await pilot.until(lambda: "Needs you 1" in pilot.text("#views"))


async def test_a_certificate_that_is_damaged_since_it_was_counted_needs_you(app: CsrTui, filled: RecordStore) -> None:
    filled._database.execute(
        "UPDATE record SET certificate = replace(certificate, 'MII', '!II') WHERE domain = 'h3.example.com'"
    )
    async with drive(app) as pilot:
        await pilot.until(lambda: "Needs you 4" in pilot.text("#views"))
        await pilot.press("2", "home", "down", "down")
        await pilot.settle()

        assert listed(pilot) == ["h1", "h2", "h3", "a b"]
        assert "Attach its certificate again: the stored one is damaged." in pilot.text("#step")


async def test_a_view_that_cannot_list_all_that_needs_you_says_so(
    app: CsrTui, filled: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("2")
        assert not app.screen.query_one("#shown").display
        monkeypatch.setattr(views, "MOST_FOUND", 2)
        await pilot.press("1", "2")

        assert "the first 2 records" in pilot.text("#status")
        assert "certificates that expired long ago may be missing" in pilot.text("#shown")
        assert app.screen.query_one("#shown").display


def test_certificates_that_are_not_looked_through_may_be_left_out(filled: RecordStore) -> None:
    query = replace(View.NEEDS.query(datetime.now(UTC)), needs_by=datetime.now(UTC) + timedelta(days=999))

    assert [filled.may_leave_out(replace(query, most=most)) for most in (5, 4)] == [False, True]


async def test_the_last_line_has_the_keys_that_work(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    def shown() -> list[str]:
        return [key.description for key in app.screen.query(FooterKey) if key.display]

    async with drive(app, size=(120, 30)) as pilot:
        await pilot.settle()
        assert shown() == ["New", "Search", "Quit", "Help"]
        store.trash(draft().id)
        await pilot.press("6")
        assert shown() == ["New", "Restore", "Search", "Quit", "Help"]
        await pilot.press("u")
        await pilot.until(lambda: store.count() == 1)
        await pilot.press("1")
        await pilot.settle()
        assert pilot.records.has_focus
        assert shown() == ["Generate", "Tencent", "New", "Open", "Delete", "Search", "Quit", "Help"]
        await pilot.resize_terminal(60, 15)
        await pilot.until(lambda: shown() == ["Generate", "Tencent", "New", "Open", "Delete", "Search", "Help"])


async def test_the_keys_of_the_last_line_stay_while_the_same_ones_work(app: CsrTui) -> None:
    async with drive(app, size=(120, 30)) as pilot:
        await pilot.settle()
        await pilot.press("n")
        before = list(app.screen.query(FooterKey))
        await pilot.press("tab")

        assert list(app.screen.query(FooterKey)) == before != []


async def test_what_is_in_the_trash_is_restored_there_and_nothing_else_is_done_to_it(
    app: CsrTui, filled: RecordStore
) -> None:
    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("6", "enter", "g", "e")
        await pilot.settle()
        assert pilot.text("#step").startswith("u  Restore it: ")
        await pilot.press("u")
        await pilot.settle()

        assert listed(pilot) == []
        assert "The trash is empty." in pilot.text("#empty")
        await pilot.press("escape")
        await pilot.settle()
        assert listed(pilot)[0] == "gone"


async def test_a_view_is_chosen_by_a_click_and_keeps_its_own_order(app: CsrTui, filled: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        tabs = pilot.text("#views")
        await pilot.press("O")
        await pilot.click("#views", offset=(tabs.index("Needs you"), 0))
        await pilot.settle()
        assert listed(pilot) == ["h1", "h2", "a b"]
        await pilot.click("#views", offset=(1, 0))
        await pilot.settle()

        assert listed(pilot)[0] == "h0"


@pytest.mark.parametrize("width", [60, 80])
async def test_the_views_fit_in_a_narrow_window(app: CsrTui, filled: RecordStore, width: int) -> None:
    async with drive(app, size=(width, 20)) as pilot:
        await pilot.settle()

        assert len(pilot.text("#views")) <= width
