"""The picker: folders first, Enter opens or takes, and what cannot be read is reported in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import Driver, drive

from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.picker import MOST, Picker

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with files, folders and hidden ones."""
    root = tmp_path / "tree"
    for name in ("old", "sent", ".git"):
        (root / name).mkdir(parents=True)
    for name in ("b.pem", "[red]a.pem", ".hidden"):
        (root / name).write_text("")
    (root / "sent" / "leaf.pem").write_text("")
    return root


def names(app: CsrTui) -> list[str]:
    assert isinstance(app.screen, Picker)
    entries = app.screen.entries
    return [str(entries.get_option_at_index(index).prompt) for index in range(entries.option_count)]


async def opened(app: CsrTui, pilot: Driver, start: Path, *, folders: bool = False) -> list[Path | None]:
    answers: list[Path | None] = []
    await pilot.settle()
    app.push_screen(Picker(start, "Choose", folders=folders), answers.append)
    await pilot.settle()
    await pilot.until(lambda: len(names(app)) > 0)
    return answers


async def test_folders_come_first_and_hidden_names_when_they_are_asked_for(app: CsrTui, tree: Path) -> None:
    async with drive(app) as pilot:
        await opened(app, pilot, tree)
        assert names(app) == ["../", "old/", "sent/", "[red]a.pem", "b.pem"]

        await pilot.press("full_stop")
        await pilot.until(lambda: len(names(app)) == 7)
        assert names(app) == ["../", ".git/", "old/", "sent/", ".hidden", "[red]a.pem", "b.pem"]


async def test_enter_opens_a_folder_and_takes_a_file_where_keys_come_at_once(app: CsrTui, tree: Path) -> None:
    async with drive(app) as pilot:
        answers = await opened(app, pilot, tree)
        await pilot.press("s", "enter", "enter")
        await pilot.until(lambda: bool(answers))

        assert answers == [tree / "sent" / "leaf.pem"]


async def test_the_folder_above_opens_at_the_one_that_was_left(app: CsrTui, tree: Path) -> None:
    async with drive(app) as pilot:
        answers = await opened(app, pilot, tree / "sent", folders=True)
        await pilot.press("left")
        await pilot.until(lambda: "sent/" in names(app))
        await pilot.press("enter")
        await pilot.until(lambda: "sent/" not in names(app))
        await pilot.press("home", "enter")
        await pilot.until(lambda: bool(answers))

        assert answers == [tree / "sent"]


async def test_a_folder_that_is_gone_is_reported_in_the_window(app: CsrTui, tree: Path) -> None:
    async with drive(app) as pilot:
        await opened(app, pilot, tree)
        before = names(app)
        screen = app.screen
        assert isinstance(screen, Picker)
        screen._open(tree / "gone")
        await pilot.until(lambda: screen.problem.display)

        assert "No such file or directory" in str(screen.problem.render())
        assert names(app) == before


async def test_a_folder_of_very_many_files_is_listed_in_part(app: CsrTui, tmp_path: Path) -> None:
    for number in range(MOST + 5):
        (tmp_path / f"{number}.pem").touch()

    async with drive(app) as pilot:
        await opened(app, pilot, tmp_path)
        assert isinstance(app.screen, Picker)

        assert app.screen.problem.display
        assert app.screen.entries.option_count == MOST + 1


async def test_a_chosen_file_goes_into_the_field_it_was_chosen_for(
    app: CsrTui, store: RecordStore, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    async with drive(app) as pilot:
        await pilot.settle()
        window = AttachScreen(store, None)
        app.push_screen(window)
        await pilot.settle()
        await pilot.press("f2", "b", "enter")
        await pilot.until(lambda: app.screen is window)
        await pilot.settle()

        assert window.file.value == str(tree / "b.pem")
        assert app.focused is window.file.input
