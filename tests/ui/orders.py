"""An order in the journal, as a directory that is not there left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.order import CertificateOrder, NameProof, OrderStage

if TYPE_CHECKING:
    from datetime import datetime

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore


def place_order(store: RecordStore, record: Record, now: datetime, until: datetime) -> None:
    """A name that is seen, one with an old value beside its own, and one that a file proves."""
    new = CertificateOrder(record.id, OrderStage.INTENT, "staging", directory="https://ca.example/dir", account="1")
    order = store.orders.put(store.orders.put(new).ordering(now)).ordered("https://ca.example/2")
    order = order.looked(finalize_url="https://ca.example/3", expires=until, at=now, again_at=None)
    place, value = "_acme-challenge.shop.example.com", "5Tx9WRk0ukxRuYFuGfVg97TldHVIAhdS2mdHPNoQIlU"
    seen = NameProof("shop.example.com", "dns-01", place, value, "1", seen=True, note="Seen by 2 name servers.")
    old = (
        "Not seen yet by 2 name servers. An old value is still published: oCg1zXJQh3vPZq9nB0kH5tYc7RrWmUe2. Remove it."
    )
    missing = NameProof("example.com", "dns-01", "_acme-challenge.example.com", value[::-1], "2", note=old)
    url = f"http://xn--bcher-kva.example.com/.well-known/acme-challenge/{value}"
    file = NameProof("xn--bcher-kva.example.com", "http-01", url, f"{value}.{value}", "3", note="Not there yet.")
    store.orders.put(order.to_prove((seen, missing, file)))
