"""Opening, copying and deleting records, and editing their notes."""

from __future__ import annotations

from functools import partial

from textual.app import App

from csr_tui.core.record import Record, State, WizardStep, new_id
from csr_tui.core.text import counted
from csr_tui.lifecycle import drafts
from csr_tui.lifecycle.obtain import renewal
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.dialogs import Notes
from csr_tui.ui.screens.renew import Renew


def new_record(context: DeskContext) -> Record:
    """A new record, not stored yet, with the values of the default profile where there is one."""
    from csr_tui import profiles
    from csr_tui.core import values

    name = profiles.default(context.profiles) if context.profiles is not None else None
    if context.profiles is None or name is None:
        return Record(new_id())
    return values.with_values(Record(new_id()), profiles.read(context.profiles, name))[0]


async def open_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """A draft opens in the wizard, everything else on its page."""
    del app, context
    return Next(Destination.WIZARD if record.state is State.DRAFT else Destination.PAGE, record)


async def copy_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """A new draft that asks for the same."""
    copied = drafts.copy(context.store, record)
    app.notify("Created a draft with the same values. Enter opens it.")
    return Next(Destination.DESK, copied)


async def renew_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """A new draft of what was asked for, at its review: with a new key or, where the person says so, the same."""
    first = drafts.first_with_key(context.store, record)
    same_key = False
    if (record.has_key or record.token is not None) and first is not None and record.state is not State.DRAFT:
        ca = renewal.ca_of(context.store, record)
        suggestion = None if ca is None else partial(renewal.look, ca, record, context.environ)
        chosen = await app.push_screen_wait(Renew(record, drafts.key_age(first, context.store.now()), suggestion))
        if chosen is None:
            return Next()
        same_key = chosen
    return Next(Destination.WIZARD, drafts.renew(context.store, record, same_key=same_key), WizardStep.REVIEW)


async def delete_records(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Into the trash, from where U brings all of them back."""
    for record in chosen:
        context.store.trash(record.id)
    what = "Moved" if len(chosen) == 1 else f"{len(chosen)} records were moved"
    app.notify(f"{what} to the trash. U restores {'it' if len(chosen) == 1 else 'them'}.")
    return Next(Destination.DESK, deleted=tuple(record.id for record in chosen))


async def restore_records(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    for record in chosen:
        context.store.restore(record.id)
    app.notify(f"{counted(len(chosen), 'record')} restored.")
    return Next(Destination.DESK)


async def edit_notes(app: App[int], context: DeskContext, record: Record) -> Next:
    edited = await app.push_screen_wait(Notes(record))
    return Next(record=context.store.save(edited) if edited is not None else None)
