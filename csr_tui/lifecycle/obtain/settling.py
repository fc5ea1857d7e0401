"""The outcome of CSRs whose reply was lost: the order itself has it, and nothing is sent again from here."""

from __future__ import annotations

from collections.abc import Callable

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import CA
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, Fact
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain.order import refuse_elsewhere
from csr_tui.lifecycle.obtain.run import ObtainOptions, OrderRun
from csr_tui.storage import RecordStore


def reconcile(
    store: RecordStore, client_of: Callable[[CA], AcmeClient]
) -> tuple[tuple[Record, Fact | CsrTuiError], ...]:
    """Settle every order at a directory that may have issued a certificate, each by itself, and bring that home."""
    settled: list[tuple[Record, Fact | CsrTuiError]] = []
    for order in store.orders.open():
        if order.directory is None or not order.may_have_issued:
            continue
        record = store.get(order.record_id)
        try:
            ca = store.cas.get(order.ca)
            outcome = _settle(store, client_of(ca), record, ca)
        except CsrTuiError as error:
            settled.append((store.get(record.id), error))
        else:
            settled.append((store.get(record.id), outcome))
    return tuple(settled)


def _settle(store: RecordStore, client: AcmeClient, record: Record, ca: CA) -> Fact:
    refuse_elsewhere(record.order, client, ca)
    intent = store.begin(record, "obtain", None)
    try:
        result = OrderRun(store, client, record, ca, ObtainOptions(), intent).settle()
    except BaseException:
        store.abandon(intent)
        raise
    if isinstance(result, Offer):
        return Fact(f"Record {record.id} has its certificate.")
    store.abandon(intent)
    return result
