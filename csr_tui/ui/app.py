"""Which screen shows, when a draft is saved, and how a crash is told."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segments
from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding

from csr_tui.core import record as records
from csr_tui.core import rules
from csr_tui.core.findings import errors
from csr_tui.core.record import Record, State
from csr_tui.core.text import visible
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import drafts, recovery
from csr_tui.storage import RecordStore, utc_now
from csr_tui.ui.background import call
from csr_tui.ui.draft import Draft
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.too_small import TooSmall, too_small
from csr_tui.ui.themes import DARK, LIGHT, defaults
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from rich.console import RenderableType
    from textual.screen import Screen

    from csr_tui.paths import Paths
    from csr_tui.ui.screens.record import RecordScreen
    from csr_tui.ui.screens.wizard.step import Step

DEBOUNCE = 0.5
"""Seconds of quiet after which a draft is saved."""


class CsrTui(App[int]):
    """The desk, and the wizard and the records on top of it."""

    TITLE = "csr-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", id="app.quit", priority=True, tooltip="Save and leave"),
        Binding("f1,question_mark", "help", "Help", key_display="F1", id="app.help", tooltip="What this screen is for"),
    ]

    def __init__(
        self, store: RecordStore, vault: Vault, *, exports: Path, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__()
        self._now = now
        self._store = store
        self._vault = vault
        self._exports = exports
        self._draft: Draft | None = None
        self._saving: asyncio.TimerHandle | None = None
        self._deleted: str | None = None
        self._leaving = False
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = "ansi-dark" if "NO_COLOR" in os.environ else DARK.name

    # The program's own life

    def get_default_screen(self) -> Screen[None]:
        """The desk is what everything else stands on; an empty screen beneath it would cost a paint."""
        self._desk = Desk(self._store, now=self._now)
        return self._desk

    def on_mount(self) -> None:
        self._catch_signals()
        if self._store.notice:
            self.notify(visible(self._store.notice), severity="warning", timeout=20, markup=False)
        self.call_after_refresh(self._warm_up)

    @work(group="warm", exclusive=True, description="warming up")
    async def _warm_up(self) -> None:
        """After the first paint: load what rules and keys need, and clean up after dead processes."""
        await call(_load_heavy)
        self._desk.rules_ready()
        try:
            said = await call(lambda: recovery.recover(self._store, self._vault))
        except CsrTuiError as error:
            said = (str(error),)
        for sentence in said:
            self.notify(visible(sentence), severity="warning", timeout=15, markup=False)
        if said:
            self._desk.reload()

    def on_resize(self, event: events.Resize) -> None:
        covered = isinstance(self.screen, TooSmall)
        if too_small(event.size) and not covered:
            self.push_screen(TooSmall())
        elif covered and not too_small(event.size):
            self.pop_screen()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen, by name: what has a key has an entry in the palette."""
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            if enabled and binding.id and binding.tooltip:
                yield SystemCommand(
                    binding.description, tooltip or binding.tooltip, lambda action=binding.action: self._run(action)
                )
        yield SystemCommand("Theme", "Choose other colours for this session", self.action_change_theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(dark=self.current_theme.dark)

    async def _run(self, action: str) -> None:
        await self.run_action(action, self.screen)

    def action_help(self) -> None:
        from csr_tui.ui.screens.questions import Help

        keys = [
            (self.get_key_display(binding), binding.tooltip or binding.description)
            for _, binding, _, _ in self.screen.active_bindings.values()
            if binding.id and binding.description
        ]
        if not isinstance(self.screen, Help):
            self.push_screen(Help(getattr(self.screen, "HELP", ""), keys))

    async def action_quit(self) -> None:
        """Save and leave; where saving fails, say so once, and leave when asked again."""
        if self._keep() or self._leaving:
            self.exit(0)
        self._leaving = True

    def _catch_signals(self) -> None:
        """A closed terminal and a polite kill save the draft, and give the terminal back as it was."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopped, signum)

    def _stopped(self, signum: signal.Signals) -> None:
        self._keep()
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
            self._say(f"Not saved: {error} What you typed is still here; Ctrl+Q twice leaves without it.")
            return False
        if said:
            self._say(said)
        if step is not None:
            step.saved("✓ draft kept")
        return True

    def _step(self) -> Step | None:
        """The wizard's page, where one is on the screen."""
        if self._draft is None:
            return None
        from csr_tui.ui.screens.wizard.step import Step

        return self.screen if isinstance(self.screen, Step) else None

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
        kept, self._draft = self._draft.record, None
        self.pop_screen()
        self._desk.reload(keep=kept.id)

    def _turn_to(self, draft: Draft, step: records.Step, *, field: str | None = None) -> None:
        from csr_tui.ui.screens.wizard.pages import page

        if step is records.Step.REVIEW:
            for before in records.Step:
                draft.see(before)
        draft.edit(replace(draft.record, step=step))
        note = "✓ draft kept" if self._keep() and draft.record.revision else ""
        screen = page(draft.record, step, vault=self._vault, seen=draft.seen, field=field, note=note)
        self._put(screen)

    def _put(self, screen: Screen[None]) -> None:
        """Show a page in place of the wizard's, where one is there, else on top of the desk."""
        if self._step() is not None:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _open_draft(self, record: Record, step: records.Step | None = None) -> None:
        self._draft = Draft(self._store, record)
        self._turn_to(self._draft, step or record.step)

    # What is done to a record

    @on(Desk.New)
    def _new(self) -> None:
        self._open_draft(Record(records.new_id()))

    @on(Desk.Chosen)
    def _chosen(self, event: Desk.Chosen) -> None:
        self._do(event.action, event.record)

    def _do(self, action: str, record: Record) -> None:
        """Carry out one action on one record; what it cannot do becomes a sentence on the screen."""
        try:
            match action:
                case "open" if record.state is State.DRAFT:
                    self._open_draft(self._store.get(record.id))
                case "open":
                    self._show(self._store.get(record.id))
                case "copy":
                    self._copy(record)
                case "delete":
                    self._delete(record)
                case "generate":
                    self._generate_from_desk(self._store.get(record.id))
                case "export":
                    self._export(self._store.get(record.id))
                case "save":
                    self._save_csr(record)
                case "notes":
                    self._edit_notes(record)
                case "password":
                    self._show_password(record)
        except CsrTuiError as error:
            self._say(str(error))

    def _copy(self, record: Record) -> None:
        copied = drafts.copy(self._store, record)
        if not isinstance(self.screen, Desk):
            self.pop_screen()
        self._desk.reload(keep=copied.id)
        self.notify("A new draft that asks for the same. Enter opens it.", markup=False)

    def _delete(self, record: Record) -> None:
        self._store.trash(record.id)
        self._deleted = record.id
        self._desk.reload()
        self.notify("Moved to the trash. U brings it back.", markup=False)

    @on(Desk.Undone)
    def _undo(self) -> None:
        if self._deleted is None:
            self.notify("Nothing was deleted since the program started.", markup=False)
            return
        try:
            self._store.restore(self._deleted)
        except CsrTuiError as error:
            self._say(str(error))
        else:
            self._desk.reload(keep=self._deleted)
            self.notify("It is back.", markup=False)
        self._deleted = None

    def _generate_from_desk(self, record: Record) -> None:
        if record.state is not State.DRAFT:
            self._say("This request has been generated already. Copy it (Y) to make a new one.")
        elif errors(rules.check(record)):
            self._open_draft(record, records.Step.REVIEW)
        else:
            self._generate(record)

    def on_review_step_generate(self) -> None:
        if self._draft is not None and self._keep():
            self._generate(self._draft.record)

    @work(group="generate", exclusive=True, description="generating a request")
    async def _generate(self, record: Record) -> None:
        from csr_tui.ui import flows

        if (done := await flows.generate(self, self._store, self._vault, record)) is not None:
            self._show(done, fresh=True)
            self._draft = None
        self._desk.reload(keep=record.id)

    def _show(self, record: Record, *, fresh: bool = False) -> None:
        from csr_tui.ui.screens.record import RecordScreen

        self._put(RecordScreen(record, fresh=fresh))

    def on_record_screen_chosen(self, event: RecordScreen.Chosen) -> None:
        self._do(event.action, event.record)

    def on_record_screen_left(self) -> None:
        self.pop_screen()
        self._desk.reload()

    @work(group="export", exclusive=True, description="exporting a record")
    async def _export(self, record: Record) -> None:
        from csr_tui.ui import flows

        await flows.export(self, self._store, self._vault, record, self._exports)

    @work(group="notes", exclusive=True, description="editing remark and tags")
    async def _edit_notes(self, record: Record) -> None:
        from csr_tui.ui import flows
        from csr_tui.ui.screens.record import RecordScreen

        kept = await flows.edit_notes(self, self._store, record)
        if kept is not None and isinstance(self.screen, RecordScreen):
            self.screen.show(kept)

    @work(group="password", exclusive=True, description="showing a password")
    async def _show_password(self, record: Record) -> None:
        from csr_tui.ui import flows

        await flows.show_password(self, self._store, self._vault, record)

    def _save_csr(self, record: Record) -> None:
        from csr_tui.lifecycle import exporting

        written = exporting.save_csr(record, self._exports)
        self.notify(f"{written.outcome}: {visible(str(written.path))}", title="CSR", markup=False, timeout=10)

    def _say(self, sentence: str) -> None:
        self.notify(visible(sentence), severity="error", timeout=12, markup=False)


def _load_heavy() -> None:
    """What the rules and the keys need: about 0.2 s, in a thread, once the desk can be seen."""
    from csr_tui.core import csr, keys  # noqa: F401  # loading them is the point

    rules.check(Record("warm", subject=records.Subject(domain="www.example.com")))


def run(paths: Paths) -> int:
    """Open the desk on the person's own store; the exit status. Raises StorageError where it cannot be opened."""
    if not hasattr(App, "_fatal_error"):
        raise CsrTuiError("This Textual would print local variables in a crash, secrets too. Install Textual 8.2.")
    with RecordStore(paths.store) as store:
        app = CsrTui(store, Vault(), exports=paths.exports)
        app.run()
        return app.return_code or 0
