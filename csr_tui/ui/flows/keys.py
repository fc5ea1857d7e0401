"""Making a key; showing and changing its password; who holds it; and the keyring."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from csr_tui.core import rules
from csr_tui.core.custody import Custody, Protection
from csr_tui.core.findings import errors
from csr_tui.core.record import Record, State, WizardStep
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, PasswordError, StateError, VaultError
from csr_tui.files import read_file
from csr_tui.lifecycle import existing_key, generate, key_encryption, passwords
from csr_tui.lifecycle.steps import Reached
from csr_tui.lifecycle.tokens import NewKey
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.screens.generation_progress import GenerationProgress
from csr_tui.ui.screens.keyring import KeyringFailure, KeyringScreen, WithoutKeyring
from csr_tui.ui.screens.password import ChallengePassword, CurrentPassword, NewPassword, TypedPassword
from csr_tui.ui.screens.protect import CustodyChange, ProtectScreen
from csr_tui.ui.screens.reveal_password import RevealPassword
from csr_tui.ui.screens.wait_dialog import wait_for
from csr_tui.vault import VaultState


async def generate_with_challenge(app: App[int], context: DeskContext, record: Record) -> Next:
    """As `generate_record`, with a challenge password that is asked for first; a draft with errors needs none yet."""
    challenge: Secret | None = None
    if record.state is State.DRAFT and not errors(rules.check(record)):
        challenge = await app.push_screen_wait(ChallengePassword())
        if challenge is None:
            return Next()
    return await generate_record(app, context, record, challenge)


async def generate_record(app: App[int], context: DeskContext, record: Record, challenge: Secret | None = None) -> Next:
    """Ask for a password if one is to be typed, and make the key; a draft with errors opens at its review.

    Where the keyring fails, the person may try again, with what they typed, or go on without one.
    """
    if record.state is not State.DRAFT:
        raise StateError("This request has been generated already. Duplicate it (Y) to start a new one.")
    if errors(rules.check(record)):
        if isinstance(app, KeyGate):
            app.forget_keys_ahead()
        return Next(Destination.WIZARD, record, WizardStep.REVIEW)
    opened = await _existing_key(app, context, record)
    if opened is None:
        return Next()
    record, own = opened
    same = isinstance(own, existing_key.ExistingKey) and own.strength_accepted and own.password is not None
    custody: Custody | None = record.custody.choose()
    typed: TypedPassword | None = None
    while custody is not None:
        try:
            wanted = custody
            await run_blocking(lambda: key_encryption.need_keyring(context.vault, wanted))  # noqa: B023  # awaited in the same round
            if custody.is_typed and typed is None and not same:
                typed = await _new_password(app, record)
                if typed is None:
                    return Next()
            return await _make(app, context, record, custody, typed, own, challenge)
        except VaultError as error:
            custody = await app.push_screen_wait(WithoutKeyring(str(error), custody, missing=await is_missing(context)))
    return Next(record=record)


async def _make(
    app: App[int],
    context: DeskContext,
    record: Record,
    custody: Custody,
    typed: TypedPassword | None,
    own: existing_key.ExistingKey | NewKey | None,
    challenge: Secret | None,
) -> Next:
    begun = generate.begin(
        context.store,
        record,
        custody,
        password=typed.password if typed else None,
        weak_ok=typed.weak_ok if typed else False,
        existing=None if isinstance(own, NewKey) else own,
        new_key=own if isinstance(own, NewKey) else None,
        challenge=challenge,
    )
    answer = await app.push_screen_wait(GenerationProgress(context.store, context.vault, begun))
    if isinstance(answer, Record):
        return Next(Destination.PAGE, answer, fresh=True)
    if isinstance(answer, VaultError):
        raise answer
    if isinstance(answer, CsrTuiError):
        raise answer.reworded(f"{answer} The request is still a draft.")
    left = f" A key labelled {record.id} may be on {record.token.place}." if begun.new_key and record.token else ""
    app.notify(f"Cancelled. Only the draft is saved.{left}", severity="warning")
    return Next(record=record)


async def _existing_key(
    app: App[int], context: DeskContext, record: Record
) -> tuple[Record, existing_key.ExistingKey | NewKey | None] | None:
    """The opened key that the draft is to use, or the token that makes one; None where the person gives it up."""
    generate.check_free(record)
    if record.token is not None:
        from csr_tui.ui.flows import tokens

        return await tokens.signing_key(app, context, record)
    old = existing_key.source(context.store, record)
    if old is None and not record.key_file:
        return record, None
    keys: list[existing_key.ExistingKey] = []

    def open_key(password: Secret | None) -> None:
        if old is not None:
            keys.append(existing_key.of_record(context.store, context.vault, old, password))
        else:
            data = read_file(Path(path := record.key_file))
            keys.append(existing_key.from_file(context.store, data, password, path=path))

    why = (
        f"{record.key_file} is encrypted."
        if old is None
        else "The reused key is encrypted with a password that you hold."
    )
    try:
        await run_blocking(lambda: open_key(None))
    except PasswordError:
        if await app.push_screen_wait(CurrentPassword(why, open_key)) is None:
            return None
    own = keys[-1]
    if old is None:
        record = existing_key.with_key_type(record, own, record.key_file)
        generate.check(record)
    return record, own


async def show_password(app: App[int], context: DeskContext, record: Record) -> Next:
    """Show the key's password, for as long as its window is open and looked at."""
    secret = await wait_for(
        app, "Asking the keyring for the password …", lambda _: passwords.show(context.store, context.vault, record)
    )
    if secret is not None:
        await app.push_screen_wait(RevealPassword(record.subject.domain, secret))
    return Next()


async def change_custody(app: App[int], context: DeskContext, record: Record) -> Next:
    """Another password for the key, or somebody else to hold it: asked for, then done in one crash-safe step."""
    passwords.key_pem(context.store, record)
    status = await run_blocking(lambda: context.vault.status(insist=False))
    without_keyring = status.sentence if status.state is VaultState.MISSING else ""
    change = await app.push_screen_wait(ProtectScreen(record, without_keyring))
    if change is None:
        return Next()
    current: Secret | None = None
    if _needs_current(record, change):
        window = CurrentPassword(PROOF[change], lambda typed: passwords.prove(context.store, record, typed))
        current = await app.push_screen_wait(window)
        if current is None:
            return Next()
    new: TypedPassword | None = None
    if change is CustodyChange.OWN or (change is CustodyChange.HOLD and not record.custody.has_password):
        new = await _new_password(app, record)
        if new is None:
            return Next()
    done = await _change(app, context, record, change, current, new)
    if done is None:
        done = context.store.get(record.id)
    if done.revision == record.revision:
        app.notify("Cancelled. The key is unchanged.", severity="warning")
        return Next(record=record)
    app.notify(f"The key is now {done.custody.sentence}.")
    return Next(record=done)


PROOF = {
    CustodyChange.OWN: "Enter the current password of the key, then a new one.",
    CustodyChange.HOLD: "Enter the current password of the key to prove that you have it. csr-tui then deletes its "
    "own copy.",
    CustodyChange.KEYRING: "Enter the current password of the key. The keyring stores it from now on.",
    CustodyChange.UNPROTECTED: "Enter the current password of the key. The key is then stored without one.",
}


def _needs_current(record: Record, change: CustodyChange) -> bool:
    """Whether the person types the password that is there: nobody else holds it, or they are to prove that they do."""
    if record.custody.held_by_person:
        return True
    return change is CustodyChange.HOLD and record.custody.has_password


async def _change(
    app: App[int],
    context: DeskContext,
    record: Record,
    change: CustodyChange,
    current: Secret | None,
    new: TypedPassword | None,
) -> Record | None:
    """Do it; a keyring that fails may be tried again with what was typed."""
    typed, weak_ok = (new.password, new.weak_ok) if new else (None, False)

    def run(reached: Reached) -> Record:
        store, vault = context.store, context.vault
        match change:
            case CustodyChange.RANDOM | CustodyChange.OWN:
                return passwords.change(
                    store, vault, record, new=typed, current=current, weak_ok=weak_ok, reached=reached
                )
            case CustodyChange.HOLD if typed is None and current is not None:
                return passwords.forget(store, vault, record, password=current, reached=reached)
            case CustodyChange.HOLD:
                protection: Protection = "prompt"
            case CustodyChange.KEYRING:
                protection = "keyring"
            case CustodyChange.UNPROTECTED:
                protection = "unprotected"
        password = typed if typed is not None else current
        return passwords.protect(store, vault, record, protection, password=password, weak_ok=weak_ok, reached=reached)

    while True:
        try:
            return await wait_for(app, "Changing the encryption of the key …", run)
        except VaultError as error:
            if not await app.push_screen_wait(KeyringFailure(str(error))):
                return None


async def show_keyring(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Say how it stands with the keyring; unlock it, and look again."""
    del chosen
    await app.push_screen_wait(KeyringScreen(context.vault))
    return Next()


async def is_missing(context: DeskContext) -> bool:
    """Whether there is no keyring at all, and not just one that is locked."""
    return (await run_blocking(context.vault.status)).state is VaultState.MISSING


async def _new_password(app: App[int], record: Record) -> TypedPassword | None:
    return await app.push_screen_wait(NewPassword((record.subject.domain, record.subject.organization)))
