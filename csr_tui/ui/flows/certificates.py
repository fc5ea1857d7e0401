"""Taking what a CA sent."""

from __future__ import annotations

from textual.app import App

from csr_tui.core.record import Record
from csr_tui.core.usages import USAGES
from csr_tui.lifecycle import attach
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.attach import AttachScreen


async def attach_certificate(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """To the record that is shown, or, from the desk, to the one that has the key."""
    record = chosen[0] if chosen else None
    if record is not None:
        attach.check(record)
    kept = await app.push_screen_wait(AttachScreen(context.store, record))
    if kept is None:
        return Next()
    loader = USAGES[kept.usage].loader
    app.notify(f"Certificate attached. E exports the files that {loader} loads.")
    return Next(record=kept) if record is not None else Next(Destination.PAGE, kept)
