"""The desk, driven as a person drives it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static
from ui.driver import drive

from csr_tui.core.record import KeySpec, Record, State
from csr_tui.errors import StorageError
from csr_tui.storage import RecordStore
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.menu import Menu
from csr_tui.ui.screens.record import PlainText, RecordScreen
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import MemoryKeyring

    from csr_tui.ui.app import CsrTui


async def test_an_empty_store_invites_to_the_first_request(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()

        assert app.screen.query_one("#empty", Static).display
        assert not app.screen.query_one("#records").display


async def test_typing_in_the_search_narrows_the_list(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("shop.example.com")
    draft("blog.example.org", remark="Weblog of the team")

    async with drive(app) as pilot:
        await pilot.settle()
        assert pilot.records.count == 2
        await pilot.press("slash", *"weblog")
        await pilot.settle()

        assert [pilot.current.subject.domain] == ["blog.example.org"]
        assert pilot.records.count == 1
        await pilot.press("escape")
        await pilot.settle()
        assert pilot.records.count == 2


async def test_a_deleted_record_comes_back_with_u(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("d")
        await pilot.settle()
        assert store.page() == ()
        await pilot.press("u")
        await pilot.settle()

    assert [kept.id for kept in store.page()] == [record.id]


async def test_copying_makes_a_draft_of_its_own(app: CsrTui, draft: Callable[..., Record], store: RecordStore) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("y")
        await pilot.settle()

    one, other = store.page()
    assert one.id != other.id
    assert one.subject == other.subject == record.subject


async def test_generating_a_good_draft_shows_what_came_of_it(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()

        assert isinstance(app.screen, RecordScreen)
        facts = str(app.screen.query_one("#facts", Static).render())
        assert "www.example.com" in facts
        assert (store.get(record.id).key_fingerprint or "?")[:8] in facts


async def test_generating_a_bad_draft_leads_to_its_review(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("bad_name.example.com")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()

        assert isinstance(app.screen, ReviewStep)


async def test_a_generated_record_opens_read_only_and_exports(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, tmp_path: Path
) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, ExportScreen)
        app.screen.folder.input.value = str(tmp_path / "out")
        await pilot.click("#export")
        await pilot.pause()
        await pilot.see(ExportResult)

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["www.example.com.csr", "www.example.com.key", "www.example.com.private-bundle.pem"]


async def test_a_file_in_the_way_is_said_and_replaced_only_on_request(
    app: CsrTui, draft: Callable[..., Record], tmp_path: Path
) -> None:
    draft()
    out = tmp_path / "out"
    out.mkdir()
    (out / "www.example.com.key").write_text("another key\n")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()
        await pilot.press("e")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ExportScreen)
        screen.folder.input.value = str(out)
        await pilot.click("#export")
        await pilot.until(lambda: screen.replace.display)
        assert (out / "www.example.com.key").read_text() == "another key\n"
        await pilot.click("#replace")
        await pilot.see(ExportResult)

    assert (out / "www.example.com.key.bak").read_text() == "another key\n"
    assert "PRIVATE KEY" in (out / "www.example.com.key").read_text()


async def test_the_plain_view_holds_the_csr_and_nothing_beside_it(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()
        await pilot.press("z")
        await pilot.settle()

        assert isinstance(app.screen, PlainText)
        text = str(app.screen.query_one("#plain-text", Static).render())
        assert text.strip() == (store.get(record.id).csr or "").strip()


async def test_help_names_the_keys_of_the_screen_beneath(app: CsrTui) -> None:
    async with drive(app, size=(100, 40)) as pilot:
        await pilot.settle()
        await pilot.press("f1")
        await pilot.settle()

        assert isinstance(app.screen, Menu)
        shown = " ".join(str(option.prompt) for option in app.screen.listed.options)
        assert "Start a new request" in shown
        assert shown.count("Show help for this screen") == shown.count("Search as you type") == 1
        assert "F1 " in shown
        assert "F1 F1" not in shown


async def test_the_menu_filters_as_one_types_and_runs_what_is_chosen(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    record = draft()

    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        await pilot.press("question_mark", *"trash mov")
        await pilot.settle()
        assert isinstance(app.screen, Menu)
        labels = [option.id for option in app.screen.listed.options]
        await pilot.press("enter")
        await pilot.settle()

        assert labels == [None, "ask('delete')"]
        assert store.get(record.id).trashed_at is not None


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_the_menu_pages_through_all_of_its_actions_from_its_filter(app: CsrTui, size: tuple[int, int]) -> None:
    async with drive(app, size=size) as pilot:
        await pilot.settle()
        await pilot.press("f1")
        await pilot.settle()
        menu = app.screen
        assert isinstance(menu, Menu)
        await pilot.press(*["pagedown"] * 30)
        await pilot.settle()
        last = menu.listed.option_count - 1
        assert menu.listed.highlighted == last
        assert menu.query_one(Page).content_region.overlaps(menu.listed.region)
        await pilot.press(*["pageup"] * 30)
        await pilot.settle()
        assert menu.listed.highlighted == 1
        assert menu.word.has_focus


async def test_the_menu_says_where_no_action_matches_and_stays(app: CsrTui) -> None:
    async with drive(app, size=(80, 24)) as pilot:
        await pilot.settle()
        await pilot.press("question_mark", *"zzz", "enter")
        await pilot.settle()

        assert isinstance(app.screen, Menu)
        assert [str(option.prompt) for option in app.screen.listed.options] == ["No action matches."]


HOSTILE = "Acme [/] [@click=app.quit]x[/]\x1b[31m\x00\u202egpj.exe"


async def test_text_from_outside_is_neither_markup_nor_control(app: CsrTui, draft: Callable[..., Record]) -> None:
    record = draft()
    hostile = replace(record.subject, organization=HOSTILE, department=HOSTILE, city=HOSTILE)
    draft("b.example.com", subject=replace(hostile, domain=HOSTILE), names=(HOSTILE,), remark=HOSTILE)

    async with drive(app, size=(140, 40)) as pilot:
        await pilot.settle()
        for key in ("enter", "alt+2", "alt+3", "alt+4", "alt+5"):
            await pilot.press(key)
            await pilot.settle()
            drawn = app.export_screenshot()
            assert "\x1b" not in drawn
            assert "\u202e" not in drawn
        await pilot.press("escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)


async def test_ten_megabytes_pasted_into_a_field_are_refused_with_a_sentence(app: CsrTui) -> None:
    from textual.events import Paste

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        pilot.field("#domain").input.post_message(Paste("x" * 10_000_000))
        await pilot.settle()

        assert app.screen.query_one("#domain", Field).value == ""
        assert "nothing was pasted" in pilot.said


async def test_a_full_disk_is_said_and_what_was_typed_stays_on_the_screen(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft()

    def full(record: Record) -> Record:
        raise StorageError("The disk is full. Free some space and try again.")

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        monkeypatch.setattr(store, "save", full)
        app.screen.query_one("#organization", Field).input.value = "Typed here"
        await pilot.press("escape")
        await pilot.settle()

        assert "The disk is full" in pilot.said
        assert app.screen.query_one("#organization", Field).value == "Typed here"
        monkeypatch.undo()
        await pilot.press("escape")
        await pilot.settle()
        assert isinstance(app.screen, Desk)
    assert [entry.subject.organization for entry in store.page()] == ["Typed here"]


async def test_cancelling_keeps_the_draft_and_nothing_in_the_keyring(
    app: CsrTui,
    draft: Callable[..., Record],
    store: RecordStore,
    keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from csr_tui.core.keys import kinds
    from csr_tui.ui.screens.generation_progress import GenerationProgress

    record = draft()
    gate = threading.Event()
    made = threading.Event()
    make = kinds.generate

    def slowly(spec: KeySpec) -> kinds.PrivateKey:
        gate.wait(10)
        made.set()
        return make(spec)

    monkeypatch.setattr(kinds, "generate", slowly)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(GenerationProgress)
        await pilot.press("escape")
        await pilot.see(Desk)
        gate.set()
        made.wait(10)
        await pilot.until(lambda: not keyring.kept and not store.orphaned_secrets())

    assert store.get(record.id).state is State.DRAFT


@pytest.mark.parametrize(
    ("size", "beside"), [((60, 15), False), ((80, 24), False), ((119, 30), False), ((120, 30), True)]
)
async def test_the_next_step_of_the_current_record_shows_under_the_list_or_beside_it(
    app: CsrTui, draft: Callable[..., Record], size: tuple[int, int], beside: bool
) -> None:
    draft("bad_name.example.com")
    draft("good.example.com")

    async with drive(app, size=size) as pilot:
        await pilot.settle()
        below, step = app.screen.query_one("#below"), app.screen.query_one("#step", Static)
        assert (below.display, app.screen.query_one("#detail").display) == (not beside, beside)
        assert str(step.content) == "g  Generate the key and the CSR: the draft has no errors."
        await pilot.press("down")
        await pilot.settle()

        assert str(step.content).startswith("enter  Fix 1 error: ")
        assert ("enter  Fix 1 error: " in str(pilot.on(Desk).detail.content)) is beside
        assert pilot.records.size.width >= min(size[0], 80) - 1
