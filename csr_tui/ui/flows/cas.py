"""Listing, adding and removing CAs."""

from __future__ import annotations

from functools import partial

from textual.app import App

from csr_tui.core.ca import CA
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, Hint, UsageError
from csr_tui.files import read_file
from csr_tui.lifecycle.obtain import accounts, cas
from csr_tui.paths import absolute
from csr_tui.ui import advice
from csr_tui.ui.actions import Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.obtain.ca_list import CAKind, CAList, ChooseKind
from csr_tui.ui.screens.obtain.new_ca import CAInput, NewCommandCA, NewDirectoryCA
from csr_tui.ui.screens.password import NewPassword, TypedPassword
from csr_tui.vault import VaultState

NAMES = {CAKind.STAGING: "staging", CAKind.LETS_ENCRYPT: "letsencrypt"}


async def manage_cas(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """The list, until it is closed."""
    del chosen
    while (change := await app.push_screen_wait(CAList(context.store.cas.all()))) is not None:
        try:
            await (add_ca(app, context) if change.remove is None else _remove(app, context, change.remove))
        except CsrTuiError as error:
            advice.report(app, error)
    return Next()


async def add_ca(app: App[int], context: DeskContext) -> CA | None:
    """Ask for the kind and for what that needs; None where the person gives it up."""
    kind = await app.push_screen_wait(ChooseKind())
    if kind is None:
        return None
    window: NewCommandCA | NewDirectoryCA
    if kind is CAKind.COMMAND:
        window = NewCommandCA(partial(_add_command, context))
    else:
        status = await run_blocking(lambda: context.vault.status(insist=False))
        window = NewDirectoryCA(
            partial(_register, app, context),
            name=NAMES.get(kind, ""),
            directory=kind.value if kind in NAMES else "",
            without_keyring=status.sentence if status.state is VaultState.MISSING else "",
        )
    return await app.push_screen_wait(window)


async def _add_command(context: DeskContext, typed: CAInput) -> CA:
    return cas.add_command(context.store, typed.name, typed.command)


async def _register(app: App[int], context: DeskContext, typed: CAInput) -> CA | None:
    """Register the account there, once its terms are shown and agreed to."""
    from csr_tui.acme.client import ExternalAccount

    new = CA(typed.name, directory=accounts.directory_of(typed.directory), email=typed.email)
    cas.check_name(typed.name)
    if bool(typed.eab_kid) is not bool(typed.eab_key):
        raise UsageError("Enter both the key id and its key.", hint=Hint.EAB)
    external = ExternalAccount(typed.eab_kid, typed.eab_key) if typed.eab_key is not None else None
    password: TypedPassword | None = None
    if typed.custody.held_by_person:
        password = await app.push_screen_wait(NewPassword((typed.name, typed.email)))
        if password is None:
            return None
    secret = password.password if password is not None else None

    def begin() -> accounts.Registration:
        trust = read_file(absolute(typed.ca_file)) if typed.ca_file else None
        return accounts.begin(context.store, context.vault, new, context.environ, trust=trust, password=secret)

    begun = await run_blocking(begin)
    if begun.eab_required and external is None and begun.key is not None:
        raise UsageError(f"{new.name} requires an external account binding (EAB).", hint=Hint.EAB)
    if begun.terms is not None:
        question = f"{begun.terms}\n\nRead them before you agree. The account is registered after that."
        if not await app.push_screen_wait(Confirm(f"Agree to the terms of {new.name}?", question, yes="Agree")):
            return None
    weak_ok = password is not None and password.weak_ok
    return await run_blocking(
        lambda: accounts.register(
            context.store, context.vault, begun, typed.custody, password=secret, weak_ok=weak_ok, external=external
        )
    )


async def _remove(app: App[int], context: DeskContext, ca: CA) -> None:
    account = (
        "\n\nThe account stays at the CA, but its key is deleted here, so it can no longer be used."
        if ca.directory is not None
        else ""
    )
    question = f"Records lose their link to this CA; their certificates stay.{account}"
    if await app.push_screen_wait(Confirm(f"Remove the CA {ca.name}?", question, yes="Remove")):
        for sentence in await run_blocking(lambda: accounts.remove(context.store, context.vault, ca)):
            app.notify(sentence, severity="warning")
