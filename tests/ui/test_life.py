"""The program's own life: crashes, signals, secrets on the screen, and the palette."""

from __future__ import annotations

import io
import os
import pty
import signal
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from rich.console import Console
from textual.app import App
from textual.binding import Binding
from textual.worker import WorkerCancelled
from ui.driver import drive

from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.ui.app import CsrTui
from csr_tui.ui.background import run_blocking
from csr_tui.ui.job_control import JobControl
from csr_tui.ui.live_screen import STYLES
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.tencent.remote import RemoteScreen
from csr_tui.ui.screens.tencent.submit import SubmitScreen
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.themes import THEMES
from csr_tui.ui.widgets.text_input import PasswordInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import MemoryKeyring
    from textual.drivers.linux_driver import LinuxDriver
    from textual.screen import Screen

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


def test_textual_still_tells_a_crash_where_we_tell_it_without_local_variables() -> None:
    """A canary: should the private method go, a crash would print local variables again."""
    assert callable(App._fatal_error)


async def test_the_styles_of_the_other_screens_are_read_before_the_first_of_them_is_opened(app: CsrTui) -> None:
    assert not app.stylesheet.has_source(str(STYLES), "")
    async with drive(app) as pilot:
        await pilot.settle()

        assert app.stylesheet.has_source(str(STYLES), "")
        assert app.screen_stack == [app.screen]


async def test_a_terminal_that_vanished_during_a_stop_ends_the_program_as_a_hangup_does(
    app: CsrTui, store: RecordStore
) -> None:
    far, terminal = pty.openpty()
    job = JobControl(cast("LinuxDriver", SimpleNamespace(fileno=terminal)))
    os.close(far)
    async with drive(app) as pilot:
        await pilot.press("n", *"stop")
        app._paint_again(job)
        await pilot.pause()
    os.close(terminal)

    assert app.return_code == 128 + signal.SIGHUP
    assert [record.subject.domain for record in store.page()] == ["stop"]


async def test_a_crash_shows_no_local_variable_and_saves_the_draft(
    app: CsrTui, store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    close = app._close_messages_no_wait

    def close_after() -> None:
        told.extend(app._exit_renderables)
        close()

    monkeypatch.setattr(app, "_close_messages_no_wait", close_after)

    def explode() -> None:
        hidden = "".join(reversed("lacol terces"))
        raise RuntimeError(f"boom {len(hidden)}")

    async def crash() -> None:
        async with drive(app) as pilot:
            await pilot.settle()
            await pilot.press("n")
            await pilot.settle()
            await pilot.press(*"crash")
            app.call_later(explode)
            await pilot.pause()

    with pytest.raises(RuntimeError, match="boom"):
        await crash()

    shown = io.StringIO()
    Console(file=shown, width=120).print(*told)
    assert "boom 12" in shown.getvalue()
    assert "secret local" not in shown.getvalue()
    assert [record.subject.domain for record in store.page()] == ["crash"]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_polite_kill_saves_the_draft(app: CsrTui, store: RecordStore, signum: signal.Signals) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.press(*"killed")
        signal.raise_signal(signum)
        await pilot.pause()

    assert app.return_code == 128 + signum
    assert [record.subject.domain for record in store.page()] == ["killed"]


async def test_a_typed_password_is_asked_twice_and_a_weak_one_only_on_insistence(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft(custody=Custody.TYPED_PROMPT)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, NewPassword)
        await pilot.pause()
        screen.first.value = "weakweak"
        screen.second.value = "other"
        await pilot.press("tab", "enter")
        await pilot.until(lambda: str(screen.problem.render()) != "")
        assert "passwords differ" in str(screen.problem.render())
        screen.second.value = "weakweak"
        screen.second.focus()
        await pilot.press("enter")
        await pilot.until(lambda: screen.anyway.display)
        assert store.get(record.id).state is State.DRAFT
        screen.anyway.value = True
        screen.second.focus()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
    assert store.get(record.id).custody.held_by_person


async def test_a_password_is_never_copied_out_of_its_field(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(NewPassword())
        await pilot.settle()
        field = app.screen.query_one("#first", PasswordInput)
        field.value = "very secret words"
        field.action_select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        await pilot.settle()

        assert app.clipboard == ""
        assert field.value == "very secret words"
        assert "very" not in app.export_screenshot()
        await pilot.press("ctrl+r")
        await pilot.settle()
        assert "very" in app.export_screenshot()


async def test_the_palette_offers_every_action_of_the_screen(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        titles = {command.title for command in app.get_system_commands(app.screen)}

    assert {"New", "Copy", "Generate", "Export", "Delete", "Restore", "Search", "Quit", "Help", "Theme"} <= titles


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_any_theme_can_be_chosen(app: CsrTui, draft: Callable[..., Record], theme: str) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        app.theme = theme
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

        assert app.theme == theme


async def test_no_color_starts_without_colours(
    store: RecordStore, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = CsrTui(store, vault, exports=tmp_path)

    async with drive(app) as pilot:
        await pilot.settle()

        assert app.no_color
        assert app.native_ansi_color


async def test_rsa_4096_leaves_the_screen_alive(app: CsrTui, draft: Callable[..., Record], store: RecordStore) -> None:
    from csr_tui.core.record import KeySpec
    from csr_tui.ui.screens.generation_progress import GenerationProgress

    record = draft(key=KeySpec("RSA", "4096"))
    ticks: list[bool] = []

    async with drive(app) as pilot:
        await pilot.settle()
        app.set_interval(
            0.01, lambda: ticks.append(any(isinstance(one, GenerationProgress) for one in app.screen_stack))
        )
        await pilot.press("g")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.GENERATED
    assert ticks.count(True) > 3


async def test_the_password_of_a_record_is_shown_only_when_it_is_asked_for(
    app: CsrTui, draft: Callable[..., Record], keyring: MemoryKeyring
) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.settle()
        (password,) = keyring.kept.values()
        assert password not in app.export_screenshot()
        await pilot.press("w")
        await pilot.until(lambda: password in app.export_screenshot())
    assert Secret(password).reveal() == password


async def test_an_action_is_run_from_the_palette(app: CsrTui) -> None:
    from csr_tui.ui.screens.wizard.subject import SubjectStep

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+p")
        await pilot.settle()
        await pilot.press(*"new")
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(SubjectStep)


async def test_remark_and_tags_of_a_generated_record_are_edited_on_its_page(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    from csr_tui.ui.screens.dialogs import Notes

    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(RecordScreen)
        await pilot.press("r")
        notes = await pilot.see(Notes)
        await pilot.press(*"renewed")
        notes.tags.input.value = "team=web, nonsense"
        await pilot.pause()
        await pilot.click("#keep-notes")
        await pilot.until(lambda: notes.tags.finding is not None)
        assert store.get(record.id).remark == ""
        notes.tags.input.value = "team=web"
        # The finding goes, and the button moves up
        await pilot.until(lambda: notes.tags.region.height == 1)
        await pilot.click("#keep-notes")
        await pilot.until(lambda: store.get(record.id).remark == "renewed")

    kept = store.get(record.id)
    assert (kept.remark, [(tag.key, tag.value) for tag in kept.tags]) == ("renewed", [("team", "web")])


async def test_what_is_answered_while_the_screens_are_taken_down_reaches_no_widget(app: CsrTui) -> None:
    gate = threading.Event()
    reached: list[bool] = []

    async def look() -> None:
        reached.append(await run_blocking(lambda: gate.wait(10)))

    async with drive(app) as pilot:
        await pilot.settle()
        worker = app.run_worker(look())
        await pilot.pause()
        app._running = False  # as Textual has it from the first moment of its end
        gate.set()
        with pytest.raises(WorkerCancelled):
            await worker.wait()
        app._running = True

    assert not reached


@pytest.mark.parametrize("screen", [Desk, RecordScreen, RemoteScreen, SubmitScreen, TableScreen, Step, ReviewStep])
def test_no_key_of_a_screen_stands_for_two_actions(screen: type[Screen[object]]) -> None:
    """But for one action that is shown on one view alone: its two bindings have one label."""
    labels = {(binding.key, binding.description) for binding in Binding.make_bindings(screen.BINDINGS)}

    assert sorted(key for key, _ in labels) == sorted({key for key, _ in labels})


async def test_ctrl_c_names_the_key_that_leaves(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+c")
        await pilot.settle()

        assert [notice.message for notice in app._messages] == ["Press Ctrl+Q to save and leave."]
