"""The key on a token that a draft is to use, or is to get there: the token looked for, the PIN asked for."""

from __future__ import annotations

from dataclasses import replace

from textual.app import App

from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.lifecycle import existing_key, generate, tokens
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.lifecycle.tokens import NewKey
from csr_tui.token import Token, Tokens, check_kind
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.token_pin import TokenPin
from csr_tui.ui.screens.wait_dialog import FOR_DEVICE, wait_for


async def signing_key(
    app: App[int], context: DeskContext, record: Record
) -> tuple[Record, ExistingKey | NewKey] | None:
    """The key on its token, or the one that it makes, with the PIN, and the draft of its kind; None where you give it
    up."""
    uri, shared = record.token or TokenUri(), record.lineage.same_key
    if not uri.names_key:
        generate.check(record)
        check_kind(record.key)
    present = await wait_for(
        app, f"Looking for {uri.place} …", lambda _: _present(context, uri, shared=shared), waiting=FOR_DEVICE
    )
    if present is None:
        return None
    opened, holder = present
    pin: Secret | None = None
    if holder.needs_pin:
        pin = await app.push_screen_wait(TokenPin(holder, lambda typed: opened.try_pin(holder, typed)))
        if pin is None:
            return None
    if not uri.names_key:
        record = replace(record, token=holder.uri)
        return record, tokens.new_key(opened, holder, record, pin)
    device = (
        f"Enter the PIN on the device ({uri.place})." if holder.pin_pad else f"Looking for the key on {uri.place} …"
    )
    own = await wait_for(
        app,
        device,
        lambda _: tokens.existing(context.store, opened, holder, uri, pin, shared=shared),
        waiting=FOR_DEVICE,
    )
    if own is None:
        return None
    record = existing_key.with_key_type(record, own)
    generate.check(record)
    return record, own


def _present(context: DeskContext, uri: TokenUri, *, shared: bool) -> tuple[Tokens, Token]:
    """The tokens of this machine, and the one of this draft; TokenError where it is not there, or locked.

    A key that it shows without the PIN is refused, as `tokens.existing` does, before anyone types that.
    """
    opened = context.tokens()
    holder = opened.find(uri)
    tokens.check_unlocked(holder)
    if uri.names_key and any(uri.fits(key.uri) for key in holder.keys):
        tokens.existing(context.store, opened, holder, uri, None, shared=shared)
    return opened, holder
