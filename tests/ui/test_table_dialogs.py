"""The rows of a table, mended in place: what was mended is kept until it is made, or dropped when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.driver import drive
from ui.tables import BAD, chosen, mend, mending, opened, read, rewrite, settle_desk, settle_many

from csr_tui.core.record import State
from csr_tui.errors import StorageError
from csr_tui.storage import Query
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.keyring import WithoutKeyring
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import Mend
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui


async def test_a_row_is_mended_in_place_and_the_offer_of_its_rule_is_taken(
    app: CsrTui, store: RecordStore, table: Path, keyring: MemoryKeyring
) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        for _ in range(2):
            await mend(pilot, many)
            await pilot.press("n")
        assert "3 rows: 3 new, 0 existing, 0 with errors" in pilot.text("#status")
        await chosen(pilot)
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert sorted(record.subject.domain for record in store.page()) == [
        "a.example.com",
        "c-d.example.com",
        "e.example.com",
    ]
    assert store.count(Query(state=State.GENERATED)) == 3
    assert len(keyring.kept) == 1
    assert read(table) == BAD


async def test_mended_rows_are_not_dropped_unasked(app: CsrTui, store: RecordStore, table: Path) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await mend(pilot, many)
        for answer in ("escape", "enter"):
            await pilot.press("escape")
            await pilot.see(Confirm)
            await pilot.press(answer)
            await pilot.until(lambda: app.screen is many)
            assert "2 new, 0 existing, 1 with errors" in pilot.text("#status")
        await pilot.press("escape")
        await pilot.see(Confirm)
        await pilot.pause()
        await pilot.click("#yes")
        await settle_desk(pilot)

    assert store.count() == 0


async def test_given_up_or_failed_the_rows_are_there_again_as_they_were_mended(
    app: CsrTui, store: RecordStore, table: Path, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(table, "Domain,EncryptAlgo\nc_d.example.com,ECC\n")

    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    async with drive(app, size=(100, 30), notifications=True) as pilot:
        await mend(pilot, await opened(pilot, table))
        with monkeypatch.context() as patch:
            patch.setattr(store.batch, "complete", full)
            await chosen(pilot)
            await pilot.until(lambda: isinstance(app.screen, TableScreen) and bool(app._notifications))
        await pilot.press("escape")
        await pilot.see(Confirm)
        await pilot.press("escape")
        await pilot.see(TableScreen)
        keyring.broken = True
        await chosen(pilot)
        await pilot.see(WithoutKeyring)
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(app.screen, TableScreen) and "1 new, 0 existing" in pilot.text("#status"))
        keyring.broken = False
        await chosen(pilot)
        await pilot.see(Text)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert [(one.subject.domain, one.state) for one in store.page()] == [("c-d.example.com", State.GENERATED)]


async def test_a_store_that_cannot_be_read_is_told_and_no_mended_row_is_lost(
    app: CsrTui, store: RecordStore, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(table, "Domain,EncryptAlgo\nc_d.example.com,ECC\n")

    def fail(*_: object) -> None:
        raise StorageError("The disk did not answer.")

    async with drive(app, size=(100, 30), notifications=True) as pilot:
        many = await opened(pilot, table)
        with monkeypatch.context() as patch:
            patch.setattr(store.batch, "known", fail)
            await mend(pilot, many)
            assert "1 new, 0 existing, 0 with errors" in pilot.text("#status")
            await pilot.press("g")
            await pilot.until(lambda: len(app._notifications) == 2)
            assert app.screen is many
        await chosen(pilot)
        await pilot.see(Text)

    assert [one.subject.domain for one in store.page()] == ["c-d.example.com"]


async def test_what_was_not_changed_or_is_a_draft_already_is_dropped_without_asking(
    app: CsrTui, store: RecordStore, table: Path, keyring: MemoryKeyring
) -> None:
    rewrite(table, "Domain,EncryptAlgo\na.example.com,ECC\nc_d.example.com,ECC\n")

    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await mending(pilot)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: app.screen is many)
        await pilot.press("escape")
        await settle_desk(pilot)

        many = await opened(pilot, table)
        await mend(pilot, many)
        keyring.broken = True
        await chosen(pilot)
        await pilot.see(WithoutKeyring)
        store.batch.add([row.record for row in many._plan.rows])  # as another copy may
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(app.screen, TableScreen) and "2 existing" in pilot.text("#status"))
        await pilot.until(lambda: app.screen.query_one("#rows", RowList).cursor == 1)
        await pilot.press("escape")
        await settle_desk(pilot)

    assert store.count(Query(state=State.DRAFT)) == 2


async def test_enter_after_the_last_cell_keeps_the_row(app: CsrTui, table: Path) -> None:
    rewrite(table, "Domain,Organization\na.example.com,\n")

    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await mending(pilot)
        await pilot.press("enter", *"Acme", "enter", "enter")
        await pilot.until(lambda: app.screen is many)
        await settle_many(pilot, many)

        assert many.rows.current.record.subject.organization == "Acme"


async def test_extra_lines_stay_apart_where_one_of_them_is_mended(app: CsrTui, table: Path) -> None:
    rewrite(
        table, 'domain = "Jane Doe"\nusage = "client"\npurpose = "private"\nextra = ["O=A, B", "OU=Ops", "upn=jane"]\n'
    )
    async with drive(app, size=(100, 30)) as pilot:
        many = await opened(pilot, table)
        await pilot.press("enter")
        await pilot.see(Mend)
        cell = pilot.app.screen.query_one("#cell-3", Field)
        assert cell.value == "O=A, B; OU=Ops; upn=jane"
        cell.input.value = f"{cell.value}@example.com"
        await pilot.press("ctrl+s")
        await pilot.until(lambda: many._plan.rows[0].record.extra == ("O=A, B", "OU=Ops", "upn=jane@example.com"))
