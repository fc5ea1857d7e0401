"""The draft in the wizard: when it is saved, and which of its pages shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from csr_tui.core.record import Record, WizardStep
from csr_tui.errors import CsrTuiError
from csr_tui.ui import advice
from csr_tui.ui.context import DeskContext
from csr_tui.ui.process_app import ProcessApp
from csr_tui.ui.screens.desk import Desk

if TYPE_CHECKING:
    from csr_tui.lifecycle.editing import Draft
    from csr_tui.ui.screens.wizard.step import Step

DEBOUNCE = 0.5
"""Seconds of quiet after which a draft is saved."""


class WizardApp(ProcessApp):
    """The wizard on top of the desk."""

    _desk: Desk

    def __init__(self, context: DeskContext, now: Callable[[], datetime], **keywords: Any) -> None:
        super().__init__(**keywords)
        self._desk_context = context
        self._now = now
        self._draft: Draft | None = None
        self._saving: asyncio.TimerHandle | None = None
        self._leaving = False

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
            notice = self._draft.save()
        except CsrTuiError as error:
            why = advice.sentence(error)
            self._say(f"Not saved: {why} Your input is still here; Ctrl+Q twice leaves without saving it.")
            return False
        if notice:
            self._say(notice)
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
            tokens=self._desk_context.tokens,
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
        from csr_tui.lifecycle.editing import Draft

        self._draft = Draft(self._desk_context.store, record)
        self._turn_to(self._draft, step or record.step)

    def _is_free_for(self, record: Record) -> bool:
        return self._draft is None or self._draft.record.id == record.id
