"""Generating and exporting from the desk: several records at once, and one that is left."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ui.driver import Driver, drive

from csr_tui.core.custody import Custody
from csr_tui.core.keys import encryption
from csr_tui.core.record import KeySpec, State
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.storage import Query
from csr_tui.ui import key_gate
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.export import ExportMany, ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.keyring import WithoutKeyring
from csr_tui.ui.screens.password import CurrentPassword
from csr_tui.ui.screens.wait_dialog import WaitDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import MemoryKeyring
    from ui.driver import Driver

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

ECC = KeySpec("ECC", "prime256v1")
TYPED = "correct horse battery staple"


@pytest.fixture
def drafts(draft: Callable[..., Record]) -> tuple[Record, ...]:
    return tuple(draft(f"{letter}.example.com", key=ECC) for letter in "abc")


async def all_of_them(pilot: Driver, key: str) -> None:
    """Select everything on the desk, and press a key."""
    await pilot.settle()
    await pilot.press("ctrl+a", key)


async def close(pilot: Driver) -> None:
    await pilot.press("escape")
    await pilot.see(Desk)
    await pilot.settle()


async def test_all_that_is_ready_is_generated_under_one_password_and_the_rest_is_named(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    drafts: tuple[Record, ...],
    draft: Callable[..., Record],
) -> None:
    broken = draft("d.example.com", key=ECC, names=("not a name",))
    own = draft("e.example.com", key=ECC, key_file="/tmp/own.key")
    done = generate.generate(store, vault, draft("f.example.com", key=ECC), Custody.RANDOM_KEYRING)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "g")
        await pilot.see(Confirm)
        asked = pilot.texts
        await pilot.press("enter")
        await pilot.see(Text)
        said = pilot.texts
        await close(pilot)

    assert "3 keys and CSRs will be generated" in asked
    assert "Those with a random password share one" in asked
    assert "3 cannot be generated:" in asked
    assert all(name in asked for name in ("d.example.com: ", "e.example.com: ", "f.example.com: "))
    assert "3 keys and CSRs generated." in said
    made = {store.get(one.id) for one in drafts}
    assert {one.state for one in made} == {State.GENERATED}
    assert {one.secret_ref for one in made} | {done.secret_ref} == set(keyring.kept)
    assert len({one.secret_ref for one in made}) == 1
    assert (store.get(broken.id), store.get(own.id)) == (broken, own)
    assert store.unfinished() == ()


async def test_where_none_can_be_generated_that_is_said_and_nothing_asked(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...]
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "g")
        await pilot.until(lambda: len(app._notifications) > 0)
        assert isinstance(app.screen, Desk)
        assert "None of these records is ready" in next(iter(app._notifications)).message


async def test_a_question_that_is_left_makes_nothing(
    app: CsrTui, store: RecordStore, drafts: tuple[Record, ...]
) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "g")
        await pilot.see(Confirm)
        await close(pilot)

    assert {store.get(one.id) for one in drafts} == set(drafts)


@pytest.mark.parametrize("instead", [Custody.TYPED_PROMPT, Custody.NONE_UNPROTECTED])
async def test_without_a_keyring_there_are_ways_on_for_all_of_them(
    app: CsrTui,
    store: RecordStore,
    keyring: MemoryKeyring,
    drafts: tuple[Record, ...],
    draft: Callable[..., Record],
    instead: Custody,
) -> None:
    keyring.broken = True
    clear = draft("d.example.com", key=ECC, custody=Custody.NONE_UNPROTECTED)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "g")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.see(WithoutKeyring)
        assert store.count(Query(state=State.DRAFT)) == 4
        await pilot.choose("#instead", instead)
        await pilot.press("enter")
        if instead.is_typed:
            await pilot.type_new(TYPED)
        await pilot.see(Text)
        await close(pilot)

    assert {store.get(one.id).custody for one in drafts} == {instead}
    assert store.get(clear.id).custody is Custody.NONE_UNPROTECTED
    assert store.count(Query(state=State.GENERATED)) == 4


async def test_the_files_of_all_of_them_are_written_to_one_folder(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    drafts: tuple[Record, ...],
    draft: Callable[..., Record],
    tmp_path: Path,
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)
    twin = store.add(replace(drafts[0], id="twin000000"))
    generate.generate(store, vault, twin, Custody.RANDOM_KEYRING)
    draft("d.example.com", key=ECC)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        await pilot.see(ExportMany)
        asked = pilot.texts
        await pilot.click("#export")
        await pilot.see(Text)
        said = pilot.texts
        await close(pilot)

    assert "Export 4 records" in asked
    assert "and such files of 3 more" in asked
    assert "9 files are in" in said
    assert "2 not exported:" in said
    assert "d.example.com: There is nothing to export yet" in said
    assert said.count(".example.com\n✓ The key loads and matches the CSR.") == 3
    assert "a.example.com: Its files would have the same names as those of record" in said
    names = {f"{letter}.example.com{ending}" for letter in "abc" for ending in (".key", ".csr", ".private-bundle.pem")}
    assert {path.name for path in (tmp_path / "exports").iterdir()} == names


async def test_a_folder_that_cannot_be_is_said_in_the_window_and_nothing_chosen_is_lost(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...], tmp_path: Path
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        export = await pilot.see(ExportMany)
        export.folder.input.value = str(tmp_path / "nowhere" / "out")
        await pilot.pause()
        await pilot.click("#export")
        await pilot.see(ExportMany)
        said = pilot.texts
        export.folder.input.value = str(tmp_path / "out")
        await pilot.pause()
        await pilot.click("#export")
        await pilot.see(Text)
        await close(pilot)

    assert f"{tmp_path / 'nowhere'} does not exist" in said
    assert len(list((tmp_path / "out").iterdir())) == 9


async def test_a_password_that_the_person_holds_is_asked_for_once_and_a_key_it_does_not_open_is_named(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...], tmp_path: Path
) -> None:
    held = Custody.TYPED_PROMPT
    for one, password in zip(drafts, (TYPED, TYPED, f"{TYPED} another"), strict=True):
        generate.generate(store, vault, one, held, password=Secret(password))

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        await pilot.see(ExportMany)
        await pilot.click("#export")
        await pilot.see(CurrentPassword)
        asked = pilot.texts
        await pilot.type_current(TYPED)
        await pilot.see(Text)
        said = pilot.texts
        await close(pilot)

    assert "the password of 3 keys" in asked
    assert "6 files are in" in said
    assert "c.example.com: The password does not decrypt the key." in said
    for letter in "ab":
        assert encryption.decrypt((tmp_path / "exports" / f"{letter}.example.com.key").read_text(), Secret(TYPED))


async def test_the_keys_of_all_of_them_leave_under_another_password(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...], tmp_path: Path
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        export = await pilot.see(ExportMany)
        export.form.focus()
        await pilot.press("down")
        await pilot.click("#export")
        await pilot.type_new(TYPED)
        await pilot.see(Text)
        await close(pilot)

    for one in drafts:
        assert encryption.decrypt((tmp_path / "exports" / f"{one.subject.domain}.key").read_text(), Secret(TYPED))


async def test_keys_that_leave_in_clear_are_counted_before(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...], draft: Callable[..., Record]
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)
    clear = draft("d.example.com", key=ECC)
    generate.generate(store, vault, clear, Custody.NONE_UNPROTECTED)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        export = await pilot.see(ExportMany)
        asked = pilot.texts
        export.form.focus()
        await pilot.press("down")
        await pilot.pause()
        await pilot.see(ExportMany)
        other = pilot.texts
        await close(pilot)

    assert "1 key leaves in clear, as generated" in asked
    assert "in clear, as generated" not in other


async def test_a_target_that_needs_certificates_says_how_many_have_none(
    app: CsrTui, store: RecordStore, vault: Vault, drafts: tuple[Record, ...], tmp_path: Path
) -> None:
    for one in drafts:
        generate.generate(store, vault, one, Custody.RANDOM_KEYRING)

    async with drive(app, size=(100, 30)) as pilot:
        await all_of_them(pilot, "e")
        export = await pilot.see(ExportMany)
        export.target.focus()
        await pilot.press("down")
        await pilot.pause()
        await pilot.see(ExportMany)
        asked = pilot.texts
        await pilot.click("#export")
        await pilot.see(Text)
        said = pilot.texts
        await close(pilot)

    assert "3 can't be exported this way" in asked
    assert "0 files are in" in said
    assert said.count("no certificate yet, and nginx needs one") == 3
    assert list((tmp_path / "exports").iterdir()) == []


async def test_an_export_that_is_left_while_the_keyring_does_not_answer_writes_nothing(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    draft: Callable[..., Record],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    generate.generate(store, vault, draft("www.example.com", key=ECC), Custody.RANDOM_KEYRING)
    gate, get = threading.Event(), keyring.get_password
    monkeypatch.setattr(key_gate, "PATIENCE", 3600)
    monkeypatch.setattr(key_gate, "STUCK", 3600)

    async with drive(app) as pilot:
        await pilot.settle()
        monkeypatch.setattr(keyring, "get_password", lambda *names: get(*names) if gate.wait(30) else None)
        await pilot.press("e")
        await pilot.see(ExportScreen)
        await pilot.click("#export")
        waiting = await pilot.see(WaitDialog)
        await pilot.until(lambda: waiting.shown_for > key_gate.NOTICED)
        await pilot.press("escape")
        await pilot.see(ExportScreen)
        before = threading.active_count()
        gate.set()
        await pilot.until(lambda: threading.active_count() < before)
        assert not (tmp_path / "exports").exists()

        await pilot.click("#export")
        await pilot.see(ExportResult)

    assert len(list((tmp_path / "exports").iterdir())) == 3
