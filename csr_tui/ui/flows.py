"""What happens, window by window, when something is done to a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import PasswordChoice, Record
from csr_tui.core.text import visible
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import generate as generation
from csr_tui.lifecycle import locks, passwords
from csr_tui.ui.background import call
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.generating import Generating
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.questions import Notes, Text

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


async def generate(app: App[int], store: RecordStore, vault: Vault, record: Record) -> Record | None:
    """Ask for a password if one is to be typed, and make the key; None, with a word why, where it stays a draft."""
    typed = None
    if record.password_choice is PasswordChoice.TYPED:
        typed = await app.push_screen_wait(NewPassword((record.subject.domain, record.subject.organization)))
        if typed is None:
            return None
    choice = locks.Choice(record.password_choice, record.protection)
    try:
        await call(lambda: locks.need_keyring(vault, choice))
        begun = generation.begin(
            store,
            record,
            choice,
            password=typed.password if typed else None,
            weak_ok=typed.weak_ok if typed else False,
        )
    except CsrTuiError as error:
        _say(app, str(error))
        return None
    answer = await app.push_screen_wait(Generating(store, vault, begun))
    if isinstance(answer, Record):
        return answer
    if isinstance(answer, CsrTuiError):
        _say(app, f"{answer} It is a draft still.")
    else:
        app.notify("Cancelled. Nothing was kept but the draft.", markup=False)
    return None


async def export(app: App[int], store: RecordStore, vault: Vault, record: Record, folder: Path) -> None:
    """Ask where to and in which form, write, and say what was written."""
    if record.csr is None:
        _say(app, "There is nothing to export yet. Generate the request first.")
        return
    exported = await app.push_screen_wait(ExportScreen(store, vault, record, folder))
    if exported is not None:
        lines = [f"{written.outcome:<10} {written.path}" for written in exported.files]
        proof = "The key opens, and it belongs to the request."
        await app.push_screen_wait(Text("Exported", "\n".join((*lines, "", proof))))


async def edit_notes(app: App[int], store: RecordStore, record: Record) -> Record | None:
    """Edit remark and tags; the record as it is kept, or None where it stays as it was."""
    edited = await app.push_screen_wait(Notes(record))
    if edited is None:
        return None
    try:
        return store.save(edited)
    except CsrTuiError as error:
        _say(app, str(error))
        return None


async def show_password(app: App[int], store: RecordStore, vault: Vault, record: Record) -> None:
    """Show the key's password for as long as its window is open."""
    try:
        secret = await call(lambda: passwords.show(store, vault, record))
    except CsrTuiError as error:
        _say(app, str(error))
        return
    await app.push_screen_wait(Text("The password of this key", secret.reveal()))


def _say(app: App[int], sentence: str) -> None:
    app.notify(visible(sentence), severity="error", timeout=12, markup=False)
