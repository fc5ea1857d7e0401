"""What an order at an ACME directory needs of the screens: the account's key, and what to ask before the CA looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import App

from csr_tui.core.ca import CA
from csr_tui.core.order import CertificateOrder
from csr_tui.core.record import Record
from csr_tui.core.secret import Environ, Secret
from csr_tui.errors import CsrTuiError, Fact
from csr_tui.lifecycle import network
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import accounts, command
from csr_tui.ui.background import run_blocking
from csr_tui.ui.ca_run import CARun
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.password import CurrentPassword

if TYPE_CHECKING:
    from csr_tui.lifecycle.obtain.proofs import Looking
    from csr_tui.ui.screens.obtain.choose_proof import ProofChoice


async def start_order(
    app: App[int],
    context: DeskContext,
    record: Record,
    ca: CA,
    *,
    choice: ProofChoice | None = None,
    even_so: bool = False,
) -> CARun | None:
    """Place an order, or go on with it; None where the password of the account's key is not given."""
    store, vault = context.store, context.vault
    await run_blocking(lambda: _check(record, ca))
    secret: Secret | None = None
    if needs_password(ca) and (secret := await ask_password(app, context, ca)) is None:
        return None

    def work(show: Callable[[str], None]) -> Offer | Fact:
        from csr_tui.lifecycle.obtain import order, renewal
        from csr_tui.lifecycle.obtain.run import ObtainOptions

        options = ObtainOptions(
            None if choice is None else choice.kind,
            None if choice is None else choice.webroot,
            even_so=even_so,
            looking=_places(context.environ),
        )
        client = accounts.client(store, vault, ca, context.environ, ask=lambda: secret)
        result = order.obtain(store, client, store.get(record.id), ca, options)
        if isinstance(result, Offer) and (sentence := renewal.suggestion(ca, client, result.chain.leaf)):
            show(sentence)
        return result

    return CARun(ca.name, f"{ca.name} is processing the order", work)


def needs_password(ca: CA) -> bool:
    """Whether a person holds the password of the account's key."""
    return ca.custody is not None and ca.custody.held_by_person


async def ask_password(app: App[int], context: DeskContext, ca: CA) -> Secret | None:
    """The password of the account's key, which opens it; None where it is not given."""
    return await app.push_screen_wait(
        CurrentPassword(
            f"You hold the password of the account's key at {ca.name}.",
            lambda typed: accounts.open_key(context.store, context.vault, ca, lambda: typed),
            heading=f"Password of the account at {ca.name}",
        )
    )


def look(context: DeskContext, record: Record) -> Record:
    """The record, with what is seen of its proofs now; blocks."""
    from csr_tui.lifecycle.obtain import order

    return order.look(context.store, context.store.get(record.id), _places(context.environ))


def look_at_all(context: DeskContext) -> tuple[str, ...]:
    """Look for the proofs of every order that waits for them, and return the records where that changed; blocks."""
    changed = []
    now = context.store.now()
    for order in context.store.orders.open():
        waits = order.is_to_prove and not order.is_late(now)
        if order.directory is None or not waits or order.record_id in context.runs:
            continue
        with suppress(CsrTuiError):  # another process may be at work on it
            record = context.store.get(order.record_id)
            if record.trashed_at is None and look(context, record).order != order:
                changed.append(record.id)
    return tuple(changed)


async def settle_orders(app: App[int], context: DeskContext) -> tuple[Fact | CsrTuiError, ...]:
    """Ask for each certificate that may have been issued, of commands and at directories, and attach it."""
    store = context.store
    names = {order.ca for order in store.orders.open() if order.directory is not None and order.may_have_issued}
    held: dict[str, Secret | None] = {}
    for ca in filter(needs_password, store.cas.all()):
        if ca.name in names:
            held[ca.name] = await ask_password(app, context, ca)

    def settle() -> tuple[Fact | CsrTuiError, ...]:
        settled = command.reconcile(store, store.now())
        if names:
            from csr_tui.lifecycle.obtain import settling

            settled += settling.reconcile(
                store,
                lambda ca: accounts.client(store, context.vault, ca, context.environ, ask=lambda: held.get(ca.name)),
            )
        return tuple(outcome for _, outcome in settled)

    return await run_blocking(settle)


async def may_look(app: App[int], order: CertificateOrder, now: datetime) -> bool | None:
    """Whether the CA is to look even so, at what is not seen from here; None where it is not to look yet."""
    unseen = [proof.name for proof in order.unproven if not proof.seen]
    if not order.is_to_prove or not unseen or order.is_late(now):
        return False
    question = (
        f"Not seen yet: {', '.join(unseen)}.\n\nThe CA checks each proof once. A failed check ends this order, and a "
        "new order has new values. Continue only if you know that the CA can see the proofs."
    )
    return True if await app.push_screen_wait(Confirm("Obtain anyway?", question, yes="Obtain anyway")) else None


def give_up_question(order: CertificateOrder) -> str:
    if order.may_have_issued:
        return (
            f"{order.ca} may have issued a certificate that csr-tui does not have, and the next order obtains a second "
            "one. You can still attach the first one if you receive it."
        )
    return "No certificate was issued. Remove the records or files of this order; a new order has new values."


def _check(record: Record, ca: CA) -> None:
    from csr_tui.lifecycle.obtain import order

    order.check(record, ca)


def _places(environ: Environ) -> Looking:
    """Where proofs are looked for."""
    from csr_tui.lifecycle.obtain import proofs
    from csr_tui.wire import Route

    return proofs.Looking(proofs.resolver_of(environ), Route(ca_file=network.ca_file(environ)))
