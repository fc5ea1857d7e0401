"""Create requests from a table, on the screen: read, made, and stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Static
from ui.driver import drive
from ui.tables import chosen, mending, opened, read, rewrite, settle_desk, settle_many

from csr_tui.core.record import State
from csr_tui.lifecycle.batch import generate_many
from csr_tui.storage import Query
from csr_tui.ui import key_gate
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Text
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.progress import ProgressDialog
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile, Make
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.text_input import PasswordInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.storage.intents import Intent
    from csr_tui.ui.app import CsrTui


async def test_every_row_is_shown_with_what_is_wrong_and_the_cursor_on_the_first_error(
    app: CsrTui, table: Path
) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)

        assert "3 rows: 1 new, 0 existing, 2 with errors" in pilot.text("#status")
        assert many.rows.current.line.number == 3
        assert "underscore" in pilot.text("#findings-text")
        await pilot.press("n")
        assert many.rows.current.line.number == 4
        assert "country" in pilot.text("#findings-text")


async def test_bad_rows_are_left_out_only_when_that_is_chosen(app: CsrTui, store: RecordStore, table: Path) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        await opened(pilot, table)
        await chosen(pilot, what=2)
        await pilot.pause()
        assert "skip them" in pilot.text("#problem")
        assert store.count() == 0
        app.screen.query_one("#bad-rows").focus()
        await pilot.press("down")
        await pilot.click("#make")
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert [record.subject.domain for record in store.page()] == ["a.example.com"]
    assert store.count(Query(state=State.DRAFT)) == 1
    assert "underscore" in read(table.parent / "hosts.bad.csv")


async def test_files_that_would_meet_are_marked_and_nothing_is_made(
    app: CsrTui, store: RecordStore, table: Path
) -> None:
    rewrite(table, "Domain,EncryptAlgo\na.example.com,ECC\na.example.com,RSA\n")

    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await chosen(pilot, what=1)
        await pilot.until(lambda: app.screen is many)
        await settle_many(pilot, many)
        assert "1 with errors" in pilot.text("#status")
        assert "Its files would have the same names" in pilot.text("#findings-text")

    assert store.count() == 0


async def test_files_are_written_into_the_exports_folder(
    app: CsrTui, store: RecordStore, table: Path, tmp_path: Path
) -> None:
    rewrite(table, "Domain,EncryptAlgo\na.example.com,ECC\n")

    async with drive(app, size=(100, 30)) as pilot:
        await opened(pilot, table)
        await chosen(pilot, what=1)
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert len(list((tmp_path / "exports").iterdir())) == 3


async def test_stopped_in_the_middle_what_is_made_stays_and_the_same_file_goes_on(
    app: CsrTui, store: RecordStore, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE * 3
    complete, stopped = store.batch.complete, threading.Event()

    def complete_and_wait(
        held: Sequence[Intent], done: Sequence[tuple[Intent | None, Record, str]]
    ) -> tuple[tuple[Record, bool], ...]:
        kept = complete(held, done)
        assert stopped.wait(60)
        return kept

    monkeypatch.setattr(store.batch, "complete", complete_and_wait)
    monkeypatch.setattr(key_gate, "PATIENCE", 3600)
    monkeypatch.setattr(key_gate, "STUCK", 3600)
    rewrite(table, "Domain,EncryptAlgo\n" + "".join(f"h{number}.example.com,ECC\n" for number in range(count)))

    async with drive(app, size=(100, 30)) as pilot:
        await opened(pilot, table)
        await chosen(pilot)
        await pilot.until(lambda: store.count(Query(state=State.GENERATED)) > 0)
        working = await pilot.see(ProgressDialog)
        await pilot.until(lambda: working.shown_for > key_gate.NOTICED)
        await pilot.press("escape")
        await pilot.until(lambda: "stopping" in pilot.text("#status"))
        stopped.set()
        await pilot.see(Text)
        first = store.count(Query(state=State.GENERATED))
        await pilot.press("escape")
        await settle_desk(pilot)

        await opened(pilot, table)
        assert f"0 new, {count} existing" in pilot.text("#status")
        await chosen(pilot)
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert 0 < first < count
    assert store.count(Query(state=State.GENERATED)) == store.count() == count
    assert store.unfinished() == ()


async def test_enter_reads_the_file_that_was_typed_and_asks_for_one_where_none_was(app: CsrTui, table: Path) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        await settle_desk(pilot)
        await pilot.press("m")
        await pilot.see(AskFile)
        await pilot.press("enter")
        await pilot.until(lambda: "Type the path of the file" in str(app.screen.query_one("#problem", Static).render()))
        app.screen.query_one("#file", Field).input.value = str(table)
        await pilot.pause()
        await pilot.press("enter")
        await pilot.see(TableScreen)


async def test_what_was_in_the_way_of_files_is_not_in_the_way_of_drafts(
    app: CsrTui, store: RecordStore, table: Path, tmp_path: Path
) -> None:
    rewrite(table, "Domain,EncryptAlgo\na.example.com,ECC\n")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "a.example.com.key").write_text("somebody else's")

    async with drive(app, size=(100, 30)) as pilot:
        await opened(pilot, table)
        await chosen(pilot, what=1)
        await pilot.until(lambda: "1 with errors" in pilot.text("#status"))
        await chosen(pilot, what=0)
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert store.count() == 1


async def test_a_password_of_ones_own_is_asked_for_once(app: CsrTui, store: RecordStore, table: Path) -> None:
    rewrite(
        table,
        "Domain,EncryptAlgo,password_choice,protection\na.example.com,ECC,typed,prompt\nb.example.com,ECC,typed,prompt\n",
    )

    async with drive(app, size=(100, 30)) as pilot:
        await opened(pilot, table)
        await chosen(pilot)
        await pilot.see(NewPassword)
        await pilot.pause()
        for name in ("#first", "#second"):
            app.screen.query_one(name, PasswordInput).value = "correct horse battery staple"
        await pilot.pause()
        await pilot.click("#use")
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert {record.custody.words for record in store.page()} == {("typed", "prompt")}
    assert all(record.has_key for record in store.page())


@pytest.mark.parametrize("text", [None, "Domain,Contry\na.example.com,CN\n"])
async def test_a_file_that_cannot_be_read_is_a_sentence_on_the_desk(app: CsrTui, table: Path, text: str | None) -> None:
    rewrite(table, text)

    async with drive(app, size=(100, 30), notifications=True) as pilot:
        await settle_desk(pilot)
        await pilot.press("m")
        await pilot.see(AskFile)
        app.screen.query_one("#file", Field).input.value = str(table)
        await pilot.pause()
        await pilot.click("#read")
        await pilot.until(lambda: isinstance(app.screen, Desk) and bool(app._notifications))

        (notice,) = app._notifications
        assert "hosts.csv" in notice.message if text is None else "Contry" in notice.message


async def test_text_from_a_file_is_never_markup(app: CsrTui, table: Path) -> None:
    rewrite(table, "Domain,Organization\n[@click=app.quit]x[/],[/] Ltd \x1b[31m\n")

    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        drawn = app.export_screenshot()
        await mending(pilot)

        assert "\x1b" not in drawn
        assert "[@click=app.quit]x" in many.rows.draw_line(0, 100).text


async def test_leaving_at_any_window_makes_nothing(app: CsrTui, store: RecordStore, table: Path) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await pilot.press("g")
        await pilot.see(Make)
        await pilot.press("escape")
        await pilot.until(lambda: app.screen is many)
        await pilot.press("escape")
        await settle_desk(pilot)
        assert not app.query(Button)

    assert store.count() == 0
    assert not any(isinstance(screen, ProgressDialog) for screen in app.screen_stack)
