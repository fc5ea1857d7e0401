"""Making a key, and showing its password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import rules
from csr_tui.core.findings import errors
from csr_tui.core.record import PasswordChoice, Record, State, Step
from csr_tui.errors import CsrTuiError, StateError
from csr_tui.lifecycle import generate as generation
from csr_tui.lifecycle import locks, passwords
from csr_tui.ui.background import call
from csr_tui.ui.screens.generating import Generating
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.questions import Text
from csr_tui.ui.wanted import After, Show

if TYPE_CHECKING:
    from textual.app import App

    from csr_tui.ui.neighbours import Neighbours


async def generate(app: App[int], around: Neighbours, record: Record) -> After:
    """Ask for a password if one is to be typed, and make the key; a draft with errors opens at its review."""
    if record.state is not State.DRAFT:
        raise StateError("This request has been generated already. Copy it (Y) to make a new one.")
    if errors(rules.check(record)):
        return After(Show.WIZARD, record, Step.REVIEW)
    typed = None
    if record.password_choice is PasswordChoice.TYPED:
        typed = await app.push_screen_wait(NewPassword((record.subject.domain, record.subject.organization)))
        if typed is None:
            return After()
    choice = locks.Choice(record.password_choice, record.protection)
    await call(lambda: locks.need_keyring(around.vault, choice))
    begun = generation.begin(
        around.store,
        record,
        choice,
        password=typed.password if typed else None,
        weak_ok=typed.weak_ok if typed else False,
    )
    answer = await app.push_screen_wait(Generating(around.store, around.vault, begun))
    if isinstance(answer, Record):
        return After(Show.PAGE, answer, fresh=True)
    if isinstance(answer, CsrTuiError):
        raise StateError(f"{answer} It is a draft still.") from answer
    app.notify("Cancelled. Nothing was kept but the draft.", markup=False)
    return After(record=record)


async def password(app: App[int], around: Neighbours, record: Record) -> After:
    """Show the key's password for as long as its window is open."""
    secret = await call(lambda: passwords.show(around.store, around.vault, record))
    await app.push_screen_wait(Text("The password of this key", secret.reveal()))
    return After()
