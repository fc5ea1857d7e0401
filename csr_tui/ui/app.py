"""Which screen shows, when a draft is saved, and how a crash is told."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import RenderableType
from rich.segment import Segments
from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.theme import Theme

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, WizardStep, new_id
from csr_tui.core.secret import Environ
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import recovery
from csr_tui.paths import Paths
from csr_tui.storage import RecordStore, utc_now
from csr_tui.ui import advice, desk_state, hangup
from csr_tui.ui.actions import Action, ActionRequested, Destination, NewRequested, Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.draft import Draft
from csr_tui.ui.job_control import JobControl
from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.key_parser import KeyParser
from csr_tui.ui.menu_entries import entries
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.too_small import TooSmall, too_small
from csr_tui.ui.themes import THEMES, theme_for
from csr_tui.ui.widgets import status_line
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.ui.screens.desk import Assess
    from csr_tui.ui.screens.wizard.step import Step

MOST_MESSAGES = 10
"""So many of the last ones can be read again."""

DEBOUNCE = 0.5
"""Seconds of quiet after which a draft is saved."""


class CsrTui(KeyGate[int]):
    """The desk, and the wizard and the records on top of it."""

    TITLE = "csr-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", id="app.quit", priority=True, tooltip="Save and leave"),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Stop",
            show=False,
            id="app.stop",
            priority=True,
            tooltip="Go to the shell; fg returns",
        ),
        Binding(
            "f1,question_mark", "help", "Help", key_display="F1", id="app.help", tooltip="Show help for this screen"
        ),
        Binding(
            "exclamation_mark,f3",
            "messages",
            "Messages",
            show=False,
            key_display="!",
            id="app.messages",
            tooltip="Show the last messages (F3 in a field)",
        ),
    ]

    def __init__(
        self,
        store: RecordStore,
        vault: Vault,
        *,
        exports: Path,
        profiles: Path | None = None,
        state_file: Path | None = None,
        environ: Environ = os.environ,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)  # then Textual sends no colour at all
        self._now = now
        self._desk_context = DeskContext(store, vault, exports, environ, profiles)
        self._draft: Draft | None = None
        self._saving: asyncio.TimerHandle | None = None
        self._deleted: tuple[str, ...] = ()
        self._doing: set[tuple[Action, tuple[str, ...]]] = set()
        self._leaving = False
        self._importing = threading.Lock()
        self._notices: list[Notification] = []
        self._messages: deque[Notification] = deque(maxlen=MOST_MESSAGES)
        self._state_file = state_file
        self._last_state = desk_state.read(state_file)
        self._usual_theme = theme_for(environ, few_colors=self.console.color_system == "standard")
        chosen = next((theme for theme in THEMES if theme.name == self._last_state.theme), None)
        self._begin_with(chosen or self._usual_theme)

    def _begin_with(self, theme: Theme) -> None:
        """Have this theme from the first paint on; assigning it would parse every style sheet twice before that."""
        for name in tuple(self.available_themes):
            self.unregister_theme(name)  # Textual's own: most fail in contrast
        for one in THEMES:
            self.register_theme(one)
        self.set_reactive(App.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(True, f"-theme-{theme.name}", update=False)

    # The program's own life

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        vars(sys.modules[driver.__module__])["XTermParser"] = KeyParser  # drivers make theirs by this name
        return driver

    def get_default_screen(self) -> Screen[None]:
        """The desk is what everything else stands on; an empty screen beneath it would cost a paint."""
        self._desk = Desk(
            self._desk_context.store,
            now=self._now,
            keyring=lambda: self._desk_context.vault.status(insist=False),
            state=self._last_state,
        )
        return self._desk

    def on_mount(self) -> None:
        self._catch_signals()
        if self._desk_context.store.notice:
            self.notify(escaped(self._desk_context.store.notice), severity="warning", timeout=20, markup=False)
        self.call_after_refresh(self._warm_up)

    @work(group="warm", exclusive=True, description="warming up")
    async def _warm_up(self) -> None:
        """After the first paint: load what rules and keys need, and clean up after dead processes."""
        self._importing.acquire()
        self._desk.assess_by(await run_blocking(lambda: _load_heavy(self._importing)))
        gc.freeze()  # a full collection would hold up a key for 8 ms by looking through what stays anyway
        gc.enable()
        try:
            said = await run_blocking(lambda: recovery.recover(self._desk_context.store, self._desk_context.vault))
        except CsrTuiError as error:
            said = (advice.sentence(error),)
        for sentence in said:
            self.notify(escaped(sentence), severity="warning", timeout=15, markup=False)
        if said:
            self._desk.reload()
        if self._desk_context.store.journal.unsettled():
            self._do((Action.LOOK, ()))

    def on_resize(self, event: events.Resize) -> None:
        covered = isinstance(self.screen, TooSmall)
        if too_small(event.size) and not covered:
            self.push_screen(TooSmall())
        elif covered and not too_small(event.size):
            self.pop_screen()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen, by name: what has a key has an entry in the palette."""
        for entry in entries(self, screen):
            run = partial(self._run, entry.action)
            yield SystemCommand(entry.label, f"{entry.tooltip}  {entry.keys}", run)
        yield SystemCommand("Theme", "Choose one of four colour themes; the choice is saved", self.action_change_theme)

    async def _run(self, action: str) -> None:
        await self.run_action(action, self.screen)

    def action_help(self) -> None:
        from csr_tui.ui.screens.menu import Menu

        if not isinstance(self.screen, Menu):
            menu = Menu(getattr(self.screen, "HELP", ""), entries(self, self.screen))
            self.push_screen(menu, lambda action: None if action is None else self.call_next(self._run, action))

    def action_help_quit(self) -> None:
        """Ctrl+C, which Textual answers with markup of its own."""
        self.notify("Press Ctrl+Q to save and leave.", markup=False)

    def action_messages(self) -> None:
        from csr_tui.ui.screens.dialogs import Messages

        if not isinstance(self.screen, Messages):
            self.push_screen(Messages(tuple(self._messages)))

    async def action_quit(self) -> None:
        """Save and leave; where saving fails, say so once, and leave when asked again."""
        if self._keep() or self._leaving:
            self._remember()
            self.exit(0)
        self._leaving = True

    def _catch_signals(self) -> None:
        """A closed terminal and a polite kill save the draft, and give the terminal back as it was."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopped, signum)
        if not self.is_headless and sys.__stdin__ is not None:
            job = JobControl(cast("LinuxDriver", self._driver))
            loop.add_signal_handler(signal.SIGTSTP, self._stand_still, job)
            loop.add_signal_handler(signal.SIGCONT, self._paint_again, job)
            hangup.watch(sys.__stdin__.fileno(), lambda: loop.call_soon_threadsafe(self._stopped, signal.SIGHUP))

    def action_suspend_process(self) -> None:
        """As a terminal does it by itself: for all that was started together, `make` or `sudo` around us too."""
        if not self.is_headless:
            os.kill(0, signal.SIGTSTP)

    def _stand_still(self, job: JobControl) -> None:
        self._keep()
        job.stop()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTSTP, self._stand_still, job)
        self._paint_again(job)

    def _paint_again(self, job: JobControl) -> None:
        job.resume()
        self.refresh(layout=True)

    def _remember(self) -> None:
        """A theme that fits the terminal anyway is no choice: another terminal may want another one."""
        theme = "" if self.theme == self._usual_theme.name else self.theme
        desk_state.write(self._state_file, self._desk.state(theme), self._last_state)

    def _stopped(self, signum: signal.Signals) -> None:
        self._keep()
        self._remember()
        self.exit(return_code=128 + signum)

    def _fatal_error(self) -> None:
        """Textual's own prints local variables, and a variable may hold a secret."""
        self._keep()
        self.bell()
        from rich.traceback import Traceback

        console = self.console
        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(console.render(traceback, console.options)))
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Textual ends this way when the terminal vanishes from under it."""
        self._keep()
        super().panic(*renderables)

    # What it has to say

    async def on_event(self, event: events.Event) -> None:
        """A key or a click that comes after a notice takes it away.

        Each waits for what is being imported: Python can fail where two threads import parts of one package.
        """
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            with self._importing:
                pass
        if self._notices and isinstance(event, events.Key | events.MouseDown):
            self._notices.clear()
            self._refresh_notifications()
        await super().on_event(event)

    def on_notify(self, event: Notify) -> None:
        """Textual keeps it too, for as long as a toast would be seen."""
        self._notices.append(event.notification)
        self._messages.append(event.notification)
        self._refresh_notifications()

    def clear_notifications(self) -> None:
        self._notices.clear()
        super().clear_notifications()

    def _refresh_notifications(self) -> None:
        """Textual's own mounts toasts, which lie on buttons and fields; it calls this for each screen that is seen."""
        if self._screen_stack:
            self.screen.call_after_refresh(self._show_notices)

    def _show_notices(self) -> None:
        if self.screen.is_attached:
            status_line.show(self.screen, tuple(self._notices))

    # The draft in the wizard

    def _keep(self) -> bool:
        """Save the draft now; False, with a word about it, where that fails."""
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        if self._draft is None:
            return True
        if (step := self._step()) is not None and step.is_mounted:
            self._draft.edit(step.read())  # what was typed last may still be on its way here
        try:
            said = self._draft.save()
        except CsrTuiError as error:
            why = advice.sentence(error)
            self._say(f"Not saved: {why} Your input is still here; Ctrl+Q twice leaves without saving it.")
            return False
        if said:
            self._say(said)
        if step is not None:
            step.saved("✓ draft saved")
        return True

    def _step(self) -> Step | None:
        """The wizard's page, where it is what the screen shows."""
        page = self._page()
        return page if page is self.screen else None

    def _page(self) -> Step | None:
        """The wizard's page, where there is one, be it under a window."""
        if self._draft is None:
            return None
        from csr_tui.ui.screens.wizard.step import Step

        return next((screen for screen in self.screen_stack if isinstance(screen, Step)), None)

    def on_step_edited(self, event: Step.Edited) -> None:
        if self._draft is None:
            return
        self._leaving = False
        self._draft.edit(event.record)
        if self._saving is not None:
            self._saving.cancel()
        self._saving = asyncio.get_running_loop().call_later(DEBOUNCE, self._keep)

    def on_step_moved(self, event: Step.Moved) -> None:
        if self._draft is None or (step := self._step()) is None:
            return
        self._draft.edit(event.record)
        self._draft.see(step.STEP)
        self._turn_to(self._draft, event.to, field=event.field)

    def on_step_kept(self, event: Step.Kept) -> None:
        if self._draft is None:
            return
        self._draft.edit(event.record)
        if not self._keep():
            return
        if (page := self._page()) is not None:
            self._uncover(page)
            self.pop_screen()
        kept, self._draft = self._draft.record, None
        self._desk.reload(keep=kept.id)

    def _turn_to(self, draft: Draft, step: WizardStep, *, field: str | None = None) -> None:
        from csr_tui.ui.screens.wizard.pages import page

        if step is WizardStep.REVIEW:
            for before in WizardStep:
                draft.see(before)
        draft.edit(replace(draft.record, step=step))
        note = "✓ draft saved" if self._keep() and draft.record.revision else ""
        screen = page(
            draft.record,
            step,
            vault=self._desk_context.vault,
            seen=draft.seen,
            field=field,
            note=note,
            today=self._now().date(),
        )
        self._put(screen)

    def _put(self, screen: Screen[None]) -> None:
        """Show a page in place of the wizard's, where one is there, else on top of the desk."""
        page = self._page()
        if page is None:
            self.push_screen(screen)
            return
        self._uncover(page)
        self.switch_screen(screen)

    def _uncover(self, screen: Screen[None]) -> None:
        """Answer every window above this screen with nothing, so that nobody waits for it."""
        while self.screen is not screen:
            self.screen.dismiss(None)

    def _open_draft(self, record: Record, step: WizardStep | None = None) -> None:
        """Show the wizard with this record, unless it is open with another one."""
        if not self._is_free_for(record):
            return
        if self._draft is not None and self._keep():
            typed = self._draft.record  # since the action began
            record = typed if typed.id == record.id and typed.revision > record.revision else record
        self._draft = Draft(self._desk_context.store, record)
        self._turn_to(self._draft, step or record.step)

    def _is_free_for(self, record: Record) -> bool:
        return self._draft is None or self._draft.record.id == record.id

    # What is done to records

    @on(NewRequested)
    def _new(self) -> None:
        from csr_tui.ui.flows.records import new_record

        if self._draft is not None:
            return
        try:
            self._open_draft(new_record(self._desk_context))
        except CsrTuiError as error:
            advice.report(self, error)
            self._open_draft(Record(new_id()))

    def on_action_requested(self, event: ActionRequested) -> None:
        if not self._keep():
            return
        chosen = (self._draft.record,) if self._draft is not None else event.records
        doing = (event.action, tuple(record.id for record in chosen))
        if doing not in self._doing:
            self._do(doing)

    @work(group="do", description="doing what was asked for")
    async def _do(self, doing: tuple[Action, tuple[str, ...]]) -> None:
        """Carry out an action on the records as they are now; what it cannot do becomes a sentence on the screen."""
        from csr_tui.ui.flows import flow_of

        action, ids = doing
        self._doing.add(doing)
        try:
            chosen = tuple(self._desk_context.store.get(record_id) for record_id in ids)
            self._go_on(await flow_of(action)(self, self._desk_context, chosen))
        except CsrTuiError as error:
            advice.report(self, error)
            self._desk.reload()
        finally:
            self._doing.discard(doing)

    def _go_on(self, then: Next) -> None:
        record = then.record
        match then.destination:
            case Destination.WIZARD if record is not None:
                self._open_draft(record, then.step)
            case Destination.PAGE if record is not None and self._is_free_for(record):
                self._show(record, fresh=then.fresh)
            case Destination.DESK:
                self._draft = None
                self._uncover(self._desk)
            case Destination.HERE | Destination.PAGE | Destination.WIZARD:
                self._refresh_page(record)
        self._deleted = then.deleted or self._deleted
        self._desk.reload(keep=record.id if record is not None else None)

    def _show(self, record: Record, *, fresh: bool = False) -> None:
        from csr_tui.ui.screens.record import RecordScreen

        self._put(RecordScreen(record, self._desk_context, now=self._now, fresh=fresh))
        self._draft = None

    def _refresh_page(self, record: Record | None) -> None:
        from csr_tui.ui.screens.record import RecordScreen

        if record is not None and isinstance(self.screen, RecordScreen) and self.screen.record.id == record.id:
            self.screen.show(record)

    def on_record_screen_left(self) -> None:
        self.pop_screen()
        self._desk.reload()

    @on(Desk.Undone)
    def _undo(self) -> None:
        if not self._deleted:
            self.notify("Nothing has been deleted since the program started.", severity="warning", markup=False)
            return
        deleted, self._deleted = self._deleted, ()
        try:
            for record_id in deleted:
                self._desk_context.store.restore(record_id)
        except CsrTuiError as error:
            advice.report(self, error)
        else:
            self.notify(
                "1 record restored." if len(deleted) == 1 else f"{len(deleted)} records restored.", markup=False
            )
        self._desk.reload(keep=deleted[0])

    def _say(self, sentence: str) -> None:
        self.notify(escaped(sentence), severity="error", timeout=12, markup=False)


def _load_heavy(importing: threading.Lock) -> Assess:
    """The rules, and what keys need: about 0.2 s, in a thread, once the desk can be seen; releases the lock."""
    try:
        from csr_tui.ui.assess import assess

        assess(Record("warm", subject=Subject(domain="www.example.com")))
    finally:
        importing.release()
    return assess


def run(paths: Paths, environ: Environ) -> int:
    """Open the desk on the person's own store; the exit status. Raises StorageError where it cannot be opened."""
    if not hasattr(App, "_fatal_error"):
        raise CsrTuiError(
            "This version of Textual prints local variables, secrets too, when it crashes. Install Textual 8.2."
        )
    with RecordStore(paths.store) as store:
        app = CsrTui(
            store, Vault(), exports=paths.exports, profiles=paths.profiles, state_file=paths.desk, environ=environ
        )
        app.run()
        return app.return_code or 0
