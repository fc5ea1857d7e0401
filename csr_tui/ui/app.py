"""The program with screens: how it starts, what it leaves behind, and how actions are carried out."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.secret import Environ
from csr_tui.core.text import counted, escaped
from csr_tui.errors import CsrTuiError
from csr_tui.storage import RecordStore, utc_now
from csr_tui.ui import advice, desk_state
from csr_tui.ui.actions import ASK_PASSWORD, Action, ActionRequested, Destination, NewRequested, Next, RecordChanged
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext, no_tokens
from csr_tui.ui.key_gate import ACTION
from csr_tui.ui.key_parser import KeyParser
from csr_tui.ui.live_screen import STYLES
from csr_tui.ui.menu_entries import entries
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.too_small import TooSmall, too_small
from csr_tui.ui.terminal_color import NOT_ASKED, Terminal, is_light
from csr_tui.ui.themes import THEMES, theme_for
from csr_tui.ui.wizard_app import WizardApp
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.token import Tokens
    from csr_tui.ui.needs import Assess


ORDERS = 300.0
"""Seconds between two looks for the proofs of open orders."""


class CsrTui(WizardApp):
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
        tokens: Callable[[], Tokens] = no_tokens,
        terminal: Terminal = NOT_ASKED,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._terminal, self._sent = terminal, terminal.sent
        super().__init__(
            DeskContext(store, vault, exports, environ, profiles, tokens=tokens),
            now,
            ansi_color=True if "NO_COLOR" in os.environ else None,  # then Textual sends no colour at all
        )
        self._deleted: tuple[str, ...] = ()
        self._doing: set[tuple[Action, tuple[str, ...]]] = set()
        self._importing = threading.Lock()
        self._state_file = state_file
        self._last_state = desk_state.read(state_file)
        self._usual_theme = self._theme_for(is_light(terminal.sent))
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

    def _theme_for(self, light: bool | None) -> Theme:
        few_colors = self.console.color_system == "standard"
        return theme_for(self._desk_context.environ, few_colors=few_colors, light=light)

    def _answered(self, light: bool) -> None:
        """A terminal far away answers after the first paint; a theme that you chose stays."""
        is_usual = self.theme == self._usual_theme.name != self._last_state.theme
        self._usual_theme = self._theme_for(light)
        if is_usual:
            self.theme = self._usual_theme.name

    # The program's own life

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        vars(sys.modules[driver.__module__])["XTermParser"] = self._key_parser  # drivers make theirs by this name
        return driver

    def _key_parser(self, _: bool = False) -> KeyParser:
        """Called by the thread that reads the keyboard, and again after each stop."""
        sent, self._sent = self._sent, ""
        return KeyParser(sent, lambda light: self.call_later(self._answered, light))

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
        self._catch_signals(self._terminal)
        if self._desk_context.store.notice:
            self.notify(escaped(self._desk_context.store.notice), severity="warning")
        self.call_after_refresh(self._warm_up)

    @work(group="warm", exclusive=True, description="warming up")
    async def _warm_up(self) -> None:
        """After the first paint: load what rules and keys need, and clean up after dead processes."""
        self.stylesheet.read(STYLES)
        self._importing.acquire()
        self._desk.assess_by(await run_blocking(lambda: _load_heavy(self._importing)))
        gc.freeze()  # a full collection would hold up a key for 8 ms by looking through what stays anyway
        gc.enable()
        from csr_tui.lifecycle import recovery

        try:
            sentences = await run_blocking(lambda: recovery.recover(self._desk_context.store, self._desk_context.vault))
        except CsrTuiError as error:
            sentences = (advice.sentence(error),)
        for sentence in sentences:
            self.notify(escaped(sentence), severity="warning")
        if sentences:
            self._desk.reload()
        if self._desk_context.store.journal.unsettled():
            self._do((Action.LOOK, ()))
        self._look_at_orders()
        self.set_interval(ORDERS, self._look_at_orders)

    @work(group="orders", exclusive=True, description="looking at open orders")
    async def _look_at_orders(self) -> None:
        """In the background, and only where an order waits for its proofs."""
        with suppress(CsrTuiError):
            if self._desk_context.store.orders.open():
                from csr_tui.ui.flows.orders import look_at_all

                for record_id in await run_blocking(lambda: look_at_all(self._desk_context)):
                    self.post_message(RecordChanged(record_id))

    async def on_event(self, event: events.Event) -> None:
        """Each waits for what is being imported: Python can fail where two threads import parts of one package."""
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            with self._importing:
                pass
        await super().on_event(event)

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

    def action_command_palette(self) -> None:
        """Once, and where it can be used: Textual has no place for a second, and looks for one on top alone."""
        if not any(isinstance(screen, CommandPalette | TooSmall) for screen in self.screen_stack):
            super().action_command_palette()

    async def _run(self, action: str) -> None:
        await self.run_action(action, self.screen)

    def action_help(self) -> None:
        from csr_tui.ui.screens.menu import Menu

        if not isinstance(self.screen, Menu):
            menu = Menu(getattr(self.screen, "HELP", ""), entries(self, self.screen))
            self.push_screen(menu, lambda action: None if action is None else self.call_next(self._run, action))

    def action_help_quit(self) -> None:
        """Ctrl+C, which Textual answers with markup of its own."""
        self.notify("Press Ctrl+Q to save and leave.")

    async def action_quit(self) -> None:
        """Save and leave; where saving fails, say so once, and leave when asked again."""
        if self._keep() or self._leaving:
            self._remember()
            self.exit(0)
        self._leaving = True

    def _remember(self) -> None:
        """A theme that fits the terminal anyway is no choice: another terminal may want another one."""
        theme = "" if self.theme == self._usual_theme.name else self.theme
        desk_state.write(self._state_file, self._desk.state(theme), self._last_state)

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

    @work(group=ACTION, description="doing what was asked for")
    async def _do(self, doing: tuple[Action, tuple[str, ...]]) -> None:
        """Carry out an action on the records as they are now; what it cannot do becomes a sentence on the screen."""
        from csr_tui.ui.flows import flow_of

        action, ids = doing
        self._doing.add(doing)
        try:
            chosen = tuple(self._desk_context.store.get(record_id) for record_id in ids)
            self._go_on(await flow_of(action)(self, self._desk_context, chosen))
        except CsrTuiError as error:
            if action in ASK_PASSWORD and any(record.state is State.DRAFT for record in chosen):
                self.forget_keys_ahead()
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

        for screen in self.screen_stack:
            if record is not None and isinstance(screen, RecordScreen) and screen.record.id == record.id:
                screen.show(record)

    @on(RecordChanged)
    def _show_change(self, event: RecordChanged) -> None:
        with suppress(CsrTuiError):  # it may be gone
            self._refresh_page(self._desk_context.store.get(event.record_id))
        self._desk.reload()

    def on_record_screen_left(self) -> None:
        self.pop_screen()
        self._desk.reload()

    @on(Desk.Undone)
    def _undo(self) -> None:
        if not self._deleted:
            self.notify("Nothing has been deleted since the program started.", severity="warning")
            return
        deleted, self._deleted = self._deleted, ()
        try:
            for record_id in deleted:
                self._desk_context.store.restore(record_id)
        except CsrTuiError as error:
            advice.report(self, error)
        else:
            self.notify(f"{counted(len(deleted), 'record')} restored.")
        self._desk.reload(keep=deleted[0])


def _load_heavy(importing: threading.Lock) -> Assess:
    """The rules, and what keys need: about 0.2 s, in a thread, once the desk can be seen; releases the lock."""
    try:
        from csr_tui.ui.assess import assess

        assess(Record("warm", subject=Subject(domain="www.example.com")))
    finally:
        importing.release()
    return assess
