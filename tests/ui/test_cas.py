"""F4 on the desk: CAs are listed, added and removed; a key that a CA gave is seen by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canaries.listening import files, heard
from pebble import EAB_KEY, EAB_KID, PROGRAMS, Pebbles
from ui.driver import drive

from csr_tui.core.custody import Custody
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.obtain.ca_list import CAList, ChooseKind
from csr_tui.ui.screens.obtain.new_ca import NewCommandCA, NewDirectoryCA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def test_a_program_is_added_listed_and_removed_after_a_question(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("f4")
        await pilot.see(CAList)
        await pilot.press("enter")
        await pilot.see(ChooseKind)
        await pilot.press("up", "enter")
        window = await pilot.see(NewCommandCA)
        await pilot.press(*"corp", "enter", *"sign", "enter", "enter")
        await pilot.until(lambda: "has no {csr}" in pilot.text("#problem"))
        assert window.value("name") == "corp"
        pilot.field("#command").input.value = "sign [/] {csr}"
        await pilot.press("ctrl+s")
        await pilot.see(CAList)
        assert [ca.command for ca in store.cas.all()] == ["sign [/] {csr}"]
        await pilot.click("#remove")
        await pilot.see(Confirm)
        await pilot.press("enter")
        await pilot.see(CAList)
        assert store.cas.all()
        await pilot.click("#remove")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.see(CAList)
        assert not store.cas.all()
        await pilot.press("escape")
        await pilot.see(Desk)


async def test_a_directory_is_added_once_its_terms_are_agreed_to_and_its_key_is_seen_by_nobody(
    app: CsrTui, store: RecordStore, pebbles: Pebbles, require: Callable[..., None], tmp_path: Path
) -> None:
    require(*PROGRAMS)
    pebble = pebbles(eab=True)
    (tmp_path / "pebble.pem").write_text(pebble.trust)
    kid, secrets, pictures = EAB_KID, {"eab": EAB_KEY}, []

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("f4", "enter")
        choice = await pilot.see(ChooseKind)
        assert choice.kind.value is not None
        assert choice.kind.value.value == "letsencrypt-staging"  # offered first
        await pilot.press("down", "down", "enter")
        window = await pilot.see(NewDirectoryCA)
        typed = ("corp", pebble.directory, "ops@example.com", str(tmp_path / "pebble.pem"), kid, EAB_KEY)
        for text in typed:
            await pilot.press(*text, "enter")
        assert [window.value(name) for name in ("name", "directory", "email", "ca-file", "eab-kid")] == [*typed[:-1]]
        pictures.append(app.export_screenshot())
        await pilot.press("ctrl+s")
        await pilot.see(Confirm)
        assert "Agree to the terms of corp?" in pilot.texts
        assert "data:text/plain" in pilot.texts or "http" in pilot.texts
        await pilot.press("enter")  # the way out
        await pilot.see(NewDirectoryCA)
        assert not store.cas.all()
        await pilot.press("ctrl+s")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.see(CAList)
        pictures.append(app.export_screenshot())

    (added,) = store.cas.all()
    assert (added.directory, added.email, added.custody) == (
        pebble.directory,
        "ops@example.com",
        Custody.RANDOM_KEYRING,
    )
    assert added.account_url is not None
    found = heard(secrets, {f"picture {number}": svg.encode() for number, svg in enumerate(pictures)})
    assert found | heard(secrets, files(tmp_path)) == set()


async def test_what_is_wrong_with_a_directory_is_shown_and_nothing_typed_is_lost(
    app: CsrTui, store: RecordStore
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("f4", "enter", "down", "down", "enter")
        window = await pilot.see(NewDirectoryCA)
        for directory, why in (
            ("http://ca.example.com/dir", "use https"),
            ("corp", "is not the URL of an ACME directory"),
            ("https://127.0.0.1:1/dir", "was not reached"),
        ):
            pilot.field("#name").input.value = "corp"
            pilot.field("#directory").input.value = directory
            await pilot.press("ctrl+s")
            await pilot.until(lambda why=why: why in pilot.text("#problem"))  # type: ignore[misc]  # bound at once
        pilot.field("#eab-kid").input.value = "kid"
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "Enter both the key id" in pilot.text("#problem"))
        assert window.value("directory") == "https://127.0.0.1:1/dir"

    assert not store.cas.all()
