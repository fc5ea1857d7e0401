"""The moves of a submission, or an order: the table beside its methods, held equal to the trigger of the store."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import Custody
from csr_tui.core.order import ORDER_MOVES, CertificateOrder, OrderStage
from csr_tui.core.submission import MOVES, Stage, Submission
from csr_tui.errors import RefusedError, StateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", Stage)
def test_the_store_lets_a_submission_make_the_moves_of_the_table_and_no_others(
    store: RecordStore, draft: Callable[..., Record], stage: Stage, known: bool
) -> None:
    if not known and stage in {Stage.CREATED, Stage.FINALISING, Stage.CONFIRMED}:
        assert not MOVES[stage][known]  # it is created, so its id is known
        return
    record, write = store.add(draft()), store._database.execute
    for following in set(Stage) - {stage}:
        write("DELETE FROM submission")
        store.journal.put(Submission(record.id, stage, "endpoint", "account", "marker", 7 if known else None))
        legal = following in MOVES[stage][known]
        with nullcontext() if legal else pytest.raises(sqlite3.IntegrityError, match="frozen: the journal"):
            write("UPDATE submission SET stage = ?, csr_id = 7", (str(following),))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", Stage)
def test_every_move_of_a_submission_is_one_of_the_table(
    clock: Callable[[], datetime], stage: Stage, known: bool
) -> None:
    sent = Submission("r", stage, "endpoint", "account", "marker", 7 if known else None)
    moves: dict[Stage, Callable[[], Submission]] = {
        Stage.CREATING: lambda: sent.creating("endpoint", "account", clock()),
        Stage.CREATED: lambda: sent.created(7, 0, None),
        Stage.FINALISING: lambda: sent.finalising(Custody.RANDOM_KEYRING, "ref", clock()),
        Stage.CONFIRMED: lambda: sent.confirmed(1, None),
        Stage.REFUSED: lambda: sent.refused(RefusedError("no")),
        Stage.UNKNOWN: lambda: sent.unknown("no reply"),
    }
    for following, move in moves.items():
        if following is stage or following in MOVES[stage][known]:
            assert move().stage is following
        else:
            with pytest.raises(StateError):
                move()


def order_in(stage: OrderStage, record_id: str, *, known: bool) -> CertificateOrder:
    """An order in this stage, of a directory where its URL is `known`, and of a command where it is not."""
    order = CertificateOrder(record_id, stage, "corp", certificate_url="https://ca.example/cert")
    if not known:
        return order
    return replace(
        order, directory="https://ca.example/dir", account="https://ca.example/1", url="https://ca.example/2"
    )


ONLY_UNKNOWN = {OrderStage.INTENT, OrderStage.ORDERING}
ONLY_KNOWN = {OrderStage.ORDERED, OrderStage.PROVING, OrderStage.FETCHING, OrderStage.EXPIRED}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", OrderStage)
def test_the_store_lets_an_order_make_the_moves_of_the_table_and_no_others(
    store: RecordStore, draft: Callable[..., Record], stage: OrderStage, known: bool
) -> None:
    if stage in (ONLY_UNKNOWN if known else ONLY_KNOWN):
        assert not ORDER_MOVES[stage][known]
        return
    record, write = store.add(draft()), store._database.execute
    for following in set(OrderStage) - {stage}:
        write("DELETE FROM certificate_order")
        store.orders.put(order_in(stage, record.id, known=known))
        legal = following in ORDER_MOVES[stage][known]
        with nullcontext() if legal else pytest.raises(sqlite3.IntegrityError, match="frozen: an order"):
            write(
                "UPDATE certificate_order SET stage = ?, order_url = 'https://ca.example/2', "
                "directory = 'https://ca.example/dir', account = 'https://ca.example/1'",
                (str(following),),
            )


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", OrderStage)
def test_every_move_of_an_order_is_one_of_the_table(
    clock: Callable[[], datetime], stage: OrderStage, known: bool
) -> None:
    order = order_in(stage, "r", known=known)
    moves: dict[OrderStage, Callable[[], CertificateOrder]] = {
        OrderStage.INTENT: order.returned,
        OrderStage.ORDERING: lambda: order.ordering(clock()),
        OrderStage.ORDERED: lambda: order.ordered("https://ca.example/2"),
        OrderStage.PROVING: order.proving,
        OrderStage.FINALISING: lambda: order.finalising(clock()),
        OrderStage.FETCHING: lambda: order.fetching("https://ca.example/cert"),
        OrderStage.CONFIRMED: order.confirmed,
        OrderStage.REFUSED: lambda: order.refused("no"),
        OrderStage.UNKNOWN: lambda: order.unknown("no reply"),
        OrderStage.EXPIRED: lambda: order.expired("gone"),
    }
    for following, move in moves.items():
        if following is stage or following in ORDER_MOVES[stage][known]:
            assert move().stage is following
        else:
            with pytest.raises(StateError):
                move()
