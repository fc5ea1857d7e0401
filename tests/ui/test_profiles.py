"""Profiles on the screen, driven as a person drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button
from ui.driver import drive

from csr_tui import profiles
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.profiles import Edit, ProfileName, Profiles
from csr_tui.ui.screens.wizard.subject import SubjectStep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "profiles.toml"


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path, path: Path) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path / "exports", profiles=path)


async def test_the_record_under_the_cursor_is_saved_as_a_profile(
    app: CsrTui, draft: Callable[..., Record], path: Path
) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("p")
        await pilot.see(Profiles)
        await pilot.click("#save")
        window = await pilot.see(ProfileName)
        assert window.name_field.label == "Name"
        await pilot.press(*"acme")
        await pilot.click("#keep-name")
        await pilot.until(lambda: isinstance(app.screen, Profiles) and app.screen.listed.option_count == 1)

    assert profiles.read(path, "acme")["organization"] == "Example Ltd"
    assert "domain" not in profiles.read(path, "acme")


async def test_a_request_begins_with_the_profile_that_is_chosen(app: CsrTui, path: Path, store: RecordStore) -> None:
    profiles.save(path, "acme", {"organization": "Acme GmbH"})

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("p")
        await pilot.see(Profiles)
        await pilot.press("enter")
        page = await pilot.see(SubjectStep)

        assert page.record.subject.organization == "Acme GmbH"


async def test_a_new_request_begins_with_the_default_profile(app: CsrTui, path: Path) -> None:
    profiles.save(path, "acme", {"organization": "Acme GmbH"})

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("p")
        await pilot.see(Profiles)
        await pilot.click("#default")
        await pilot.until(lambda: profiles.default(path) == "acme" and isinstance(app.screen, Profiles))
        await pilot.press("escape")
        await pilot.see(Desk)
        await pilot.press("n")
        page = await pilot.see(SubjectStep)

        assert page.record.subject.organization == "Acme GmbH"


async def test_a_profile_is_edited_and_what_the_rules_refuse_is_not_kept(app: CsrTui, path: Path) -> None:
    profiles.save(path, "acme", {"organization": "Acme GmbH", "city": "Bonn"})

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("p")
        await pilot.see(Profiles)
        await pilot.click("#edit")
        edit = await pilot.see(Edit)
        pilot.field("#country").input.value = "Germany"
        pilot.field("#city").input.value = ""
        edit.query_one("#keep-profile", Button).press()
        await pilot.until(lambda: pilot.field("#country").finding is not None)
        assert app.screen is edit
        pilot.field("#country").input.value = "DE"
        await pilot.until(lambda: pilot.field("#country").finding is None)
        edit.query_one("#keep-profile", Button).press()
        await pilot.see(Profiles)

    assert profiles.read(path, "acme") == {"organization": "Acme GmbH", "country": "DE"}


async def test_a_profile_is_deleted_once_that_is_confirmed(app: CsrTui, path: Path) -> None:
    profiles.save(path, "acme", {"organization": "Acme GmbH"})

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("p")
        await pilot.see(Profiles)
        await pilot.click("#delete")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.see(Profiles)

    assert profiles.names(path) == ()


@pytest.fixture
def broken(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[acme\n")


@pytest.mark.usefixtures("broken")
async def test_a_file_that_cannot_be_understood_is_said_and_a_request_begins_all_the_same(app: CsrTui) -> None:
    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.see(SubjectStep)

        assert any("not valid TOML" in notification.message for notification in app._notifications)


@pytest.fixture(params=["a = " + "9" * 5000, "a." * 20_000 + "b = 1", "[acme"])
def unreadable(request: pytest.FixtureRequest, path: Path) -> None:
    path.parent.mkdir()
    path.write_text(request.param)


@pytest.mark.usefixtures("unreadable")
@pytest.mark.parametrize(("key", "screen"), [("n", SubjectStep), ("p", Desk)])
async def test_profiles_that_cannot_be_read_are_reported_on_the_desk(app: CsrTui, key: str, screen: type) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press(key)
        await pilot.until(lambda: bool(app._notifications))

        assert isinstance(app.screen, screen)
        assert "are not valid TOML" in next(iter(app._notifications)).message
