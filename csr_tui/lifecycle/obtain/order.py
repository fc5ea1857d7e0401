"""Taking a record to an ACME directory: what may go there, and going on with its order."""

from __future__ import annotations

import time
from collections.abc import Callable

from csr_tui.acme.client import AcmeClient
from csr_tui.core import names
from csr_tui.core.ca import CA
from csr_tui.core.host_names import InvalidName
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.order import CertificateOrder
from csr_tui.core.record import Purpose, Record
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES
from csr_tui.errors import Fact, Hint, StateError
from csr_tui.lifecycle import webroot
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import command, proofs
from csr_tui.lifecycle.obtain.proofs import Looking
from csr_tui.lifecycle.obtain.run import ObtainOptions, OrderRun
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.storage import RecordStore

_KINDS = {NameKind.DNS: "dns", NameKind.IP: "ip"}
"""What ACME can carry, and how it calls that."""


def check(record: Record, ca: CA) -> tuple[tuple[str, str], ...]:
    """The identifiers of a record, for an order; StateError where it is not to go to this CA, or cannot."""
    command.check(record)
    if not USAGES[record.usage].serves:
        raise StateError(
            f"ACME certifies servers, and this request is for {USAGES[record.usage].label}. Use another CA."
        )
    try:
        found = tuple(names.parse(text) for text in record.sans)
    except InvalidName as error:  # no request of ours has such names; a store that was changed may
        raise StateError(f"ACME cannot carry a name of this request. {error}") from error
    if odd := [name.shown for name in found if name.kind not in _KINDS]:
        raise StateError(f"ACME carries host names and IP addresses only, not {escaped(', '.join(odd)[:200])}.")
    if record.purpose is Purpose.PRIVATE and ca.is_public:
        raise StateError(
            f"This request is for your own CA, and {ca.name} is a public one, which publishes all names. Copy it for a "
            "public CA."
        )
    return tuple((_KINDS[name.kind], name.value) for name in found)


def obtain(
    store: RecordStore,
    client: AcmeClient,
    record: Record,
    ca: CA,
    options: ObtainOptions,
    *,
    reached: Reached = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Offer | Fact:
    """Bring a record's certificate home, or go on as far as that is possible: a Fact says what it waits for.

    RefusedError: the CA refused, or was not reached. UnknownOutcomeError: the CSR was sent, and the CA could not be
    asked what came of it.
    """
    identifiers = check(record, ca)
    refuse_elsewhere(record.order, client, ca)
    if options.webroot is not None:
        webroot.check(options.webroot)
    intent = store.begin(record, "obtain", None)
    run = OrderRun(store, client, record, ca, options, intent, reached, sleep)
    try:
        reached(Point.INTENT)
        result = run.go(identifiers)
    except BaseException:
        store.abandon(intent)
        raise
    if isinstance(result, Fact):
        store.abandon(intent)
    return result


def look(store: RecordStore, record: Record, looking: Looking) -> Record:
    """The record, with what is seen of its proofs now; nothing is sent to the CA."""
    order = record.order
    if order is None or not order.is_to_prove:
        return record
    found = proofs.look(order.proofs, looking)
    if found == order.proofs:
        return record
    intent = store.begin(record, "obtain", None)
    try:
        if store.orders.get(record.id) == order:
            store.orders.put(order.to_prove(found))
    finally:
        store.abandon(intent)
    return store.get(record.id)


def refuse_elsewhere(order: CertificateOrder | None, client: AcmeClient, ca: CA) -> None:
    """StateError where a record's order is at another CA, or of another account: it cannot be seen from here."""
    if order is None or not order.is_open:
        return
    if order.ca != ca.name or order.directory != client.url:
        raise StateError(f"This record's order is at {order.ca}.", hint=Hint.GIVE_UP, record=order.record_id)
    if order.account != client.account:
        raise StateError(
            f"This record's order belongs to another account at {order.ca}.", hint=Hint.GIVE_UP, record=order.record_id
        )
