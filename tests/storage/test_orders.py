"""The orders in a store: whose they are, what an interruption makes of them, and what takes them away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.errors import Hint, StateError
from csr_tui.storage import RecordStore, journal_rows
from csr_tui.storage.repairs import order_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from csr_tui.core.record import Record

PROOF = NameProof(
    "www.example.org",
    "dns-01",
    "_acme-challenge.www.example.org",
    "VALUE",
    "https://ca.example/c",
    seen=True,
    lasting=("_validation-persist.www.example.org", "ca.example; accounturi=https://ca.example/1"),
    folder="/srv/caf\udce9",
)


def order_of(record: Record, stage: OrderStage = OrderStage.ORDERED, url: str | None = "1") -> CertificateOrder:
    address = f"https://ca.example/{url}" if url else None
    order = CertificateOrder(record.id, stage, "corp", "https://ca.example/dir", "https://ca.example/1", address)
    return replace(order, proofs=(PROOF,), certificate_url="https://ca.example/cert")


def test_a_record_carries_its_order(
    store: RecordStore, draft: Callable[..., Record], clock: Callable[[], datetime]
) -> None:
    record = store.add(draft())
    order = store.orders.put(
        order_of(record).looked(finalize_url="https://ca.example/f", expires=clock(), at=clock(), again_at=None)
    )

    assert store.get(record.id).order == store.orders.get(record.id) == order
    assert store.page()[0].order == order
    assert store.orders.open() == (order,)


def test_two_records_never_share_an_order(store: RecordStore, draft: Callable[..., Record]) -> None:
    first, second = store.add(draft()), store.add(draft())
    store.orders.put(order_of(first))

    with pytest.raises(StateError, match=f"the order of record {first.id}, which has the same names") as caught:
        store.orders.put(order_of(second))

    assert (caught.value.hint, caught.value.record) == (Hint.OBTAIN, first.id)
    assert store.orders.get(second.id) is None


@pytest.mark.parametrize(
    ("stage", "url", "after"),
    [
        (OrderStage.INTENT, None, None),
        (OrderStage.ORDERING, None, None),
        (OrderStage.ORDERED, "1", OrderStage.ORDERED),
        (OrderStage.PROVING, "1", OrderStage.PROVING),
        (OrderStage.FINALISING, "1", OrderStage.UNKNOWN),
        (OrderStage.FINALISING, None, OrderStage.UNKNOWN),
        (OrderStage.FETCHING, "1", OrderStage.FETCHING),
        (OrderStage.REFUSED, "1", OrderStage.REFUSED),
    ],
)
def test_an_interruption_leaves_open_only_what_may_have_issued_a_certificate(
    store: RecordStore, draft: Callable[..., Record], stage: OrderStage, url: str | None, after: OrderStage | None
) -> None:
    record = store.add(draft())
    intent = store.begin(record, "obtain", None)
    store.orders.put(order_of(record, stage, url))

    store.abandon(intent)

    order = store.orders.get(record.id)
    assert (order.stage if order else None) is after


def test_an_order_that_the_ca_works_on_is_not_unknown_when_the_program_ends(
    store: RecordStore, draft: Callable[..., Record], clock: Callable[[], datetime]
) -> None:
    record = store.add(draft())
    intent = store.begin(record, "obtain", None)
    order = order_of(record, OrderStage.PROVING).finalising(clock())
    store.orders.put(order.looked(finalize_url="https://ca.example/f", expires=None, at=clock(), again_at=clock()))

    store.abandon(intent)

    assert store.orders.open()[0].stage is OrderStage.FINALISING


def test_an_order_is_forgotten_by_giving_up_and_by_purging(store: RecordStore, draft: Callable[..., Record]) -> None:
    record = store.add(draft())
    store.orders.put(order_of(record, OrderStage.UNKNOWN))
    intent = store.begin(record, "obtain", None)
    with pytest.raises(StateError, match="Another process"):
        store.orders.drop(record.id)
    store.abandon(intent)
    store.orders.drop(record.id)
    assert store.orders.open() == ()

    store.orders.put(order_of(record))
    store.purge(store.trash(record.id).id)
    assert store.orders.open() == ()


@pytest.mark.parametrize(
    "proof",
    [
        "[]",
        "8",
        '["a", "b", "c", "d", "e", true, "", false, ["x"], ""]',
        '["a", "b", "c", "d", "e", {"any": 1}, "", false]',
        '["a", "b", "c", "d", "e", true, "", 0, null, ""]',
    ],
)
def test_what_is_no_proof_is_damage_to_one_column(store: RecordStore, draft: Callable[..., Record], proof: str) -> None:
    record = store.add(draft())
    order = store.orders.put(order_of(record))
    store._database.execute("UPDATE certificate_order SET proofs = ?", (f"[{proof}]",))

    assert store.get(record.id).damage == ("order proofs",)
    row = dict(zip(journal_rows.ORDER, journal_rows.order_row(order), strict=True)) | {"proofs": f"[{proof}]"}
    assert journal_rows.order_of(order_columns(tuple(row.values()))) == replace(order, proofs=())


def test_salvage_brings_orders_back(store: RecordStore, draft: Callable[..., Record], path: Path) -> None:
    record = store.add(draft())
    order = store.orders.put(order_of(record))
    store.close()
    file = bytearray(path.read_bytes())
    file[100:108] = bytes(8)  # of the first page: SQLite opens this no more
    path.write_bytes(file)

    with RecordStore(path) as mended:
        assert mended.notice
        assert mended.get(record.id).order == order
