"""Killed at every point, and with each request or reply lost: one certificate each, none lost, none twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from lifecycle.obtain.conftest import Desk

from csr_tui.acme.client import AcmeClient
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Record, State
from csr_tui.errors import Fact, Hint, RefusedError, UnknownOutcomeError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.obtain import order, run, settling
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.system

SOURCE = Path(order.__file__).read_text() + Path(run.__file__).read_text()
POINTS = sorted({Point[name] for name in re.findall(r"_?reached\(Point\.(\w+)\)", SOURCE)})
LOSES_NOTHING = {
    Point.INTENT: None,
    Point.ORDERING: None,
    Point.ORDER_ANSWERED: None,
    Point.ORDERED: OrderStage.ORDERED,
    Point.PROVING: OrderStage.PROVING,
    Point.PROOF_ANSWERED: OrderStage.PROVING,
    Point.FINALISING: OrderStage.UNKNOWN,
    Point.FINALISE_ANSWERED: OrderStage.UNKNOWN,
    Point.FETCHING: OrderStage.FETCHING,
    Point.FETCHED: OrderStage.FETCHING,
    Point.COMMITTED: OrderStage.CONFIRMED,
}
"""Point -> the stage in which the next start finds the order."""


class Killed(BaseException):
    """The process ends here: nothing of it runs any more."""


def stage_of(desk: Desk, record: Record) -> OrderStage | None:
    found = desk.store.get(record.id).order
    return None if found is None else found.stage


def to_the_end(desk: Desk, record: Record, **options: Any) -> None:
    """What a person does: the same command again, and the proofs that it shows."""
    for _ in range(100):
        try:
            result = desk.obtain(record, **options)
        except (RefusedError, UnknownOutcomeError):
            continue
        if not isinstance(result, Fact):
            return
        desk.prove(record)
    raise AssertionError(desk.store.get(record.id).order)


def kill(desk: Desk, record: Record, point: str) -> None:
    """Go on until this point, and end there as a process does that is killed; then start again."""

    dead = False
    abandon = RecordStore.abandon

    def reached(label: str) -> None:
        nonlocal dead
        if label == point:
            dead = True
            raise Killed

    with (
        patch.object(RecordStore, "abandon", lambda store, intent: not dead and abandon(store, intent)),
        pytest.raises(Killed),
    ):
        to_the_end(desk, record, reached=reached)
    desk.store.close()  # which lets go of its locks, as the end of a process does
    desk.store = RecordStore(desk.store.path)
    (told,) = recovery.recover(desk.store, desk.vault) or ("",)
    assert bool(told) == (point is not Point.COMMITTED)


def test_every_point_is_one_of_the_table() -> None:
    assert set(POINTS) == set(LOSES_NOTHING)


@pytest.mark.parametrize("point", LOSES_NOTHING)
def test_killed_at_each_point_it_comes_to_one_certificate(desk: Desk, point: Point) -> None:
    record, before = desk.record(), desk.pebble.issued

    kill(desk, record, point)

    assert stage_of(desk, record) is LOSES_NOTHING[point]
    if point is not Point.COMMITTED:
        to_the_end(desk, record)
    assert desk.store.get(record.id).state is State.ISSUED
    assert desk.pebble.issued - before == 1
    assert desk.store.unfinished() == ()
    desk.store.close()


class Line(AcmeClient):
    """A line that loses what it is planned to: once for a write, and for reads as often as they are repeated."""

    action, fate, left = "", "", 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arrived: Counter[str] = Counter()
        self.asked: list[str] = []

    def _send(self, method: str, url: str, action: str, data: bytes | None = None) -> Any:
        self.asked.append(url)
        if action != self.action or not self.left:
            self.arrived[action] += 1
            return super()._send(method, url, action, data)
        self.left -= 1
        if self.fate == "reply":
            self.arrived[action] += 1
            super()._send(method, url, action, data)
        raise UnknownOutcomeError("pebble did not answer: the connection broke before the reply.")


ORDERS = "/list-orderz/"
"""Where Pebble lists the orders of an account; Boulder has no such list, and others answer with an error."""

READS = ("the request for the order", "the request for a proof", "the request for the certificate")
WRITES = ("the new order", "the answer to a challenge", "the CSR")


@pytest.mark.parametrize("fate", ["request", "reply"])
@pytest.mark.parametrize("action", READS + WRITES)
def test_each_lost_reply_comes_to_one_certificate(desk: Desk, action: str, fate: str) -> None:
    lost_once(desk, action, fate)


def lost_once(desk: Desk, action: str, fate: str) -> None:
    """One order, one CSR and one certificate come of it, but for an order whose URL nobody knows."""
    record, before = desk.record(), desk.pebble.issued
    line = desk.client(kind=Line, sleep=lambda _: None)
    line.action, line.fate, line.left = action, fate, 4 if action in READS else 1

    to_the_end(desk, record, client=line)

    assert line.left == 0
    assert desk.store.get(record.id).state is State.ISSUED
    assert desk.pebble.issued - before == 1
    assert line.arrived["the new order"] == (2 if (action, fate) == ("the new order", "reply") else 1)
    assert line.arrived["the CSR"] == 1
    assert not [url for url in line.asked if ORDERS in url]


def lose_the_csr(desk: Desk, fate: str) -> Record:
    """A record whose CSR was sent, and whose order could not be asked about it since."""
    record = desk.record()
    line = desk.client(kind=Deaf, sleep=lambda _: None)
    assert isinstance(desk.obtain(record, client=line), Fact)
    desk.prove(record)
    line.action, line.fate, line.left = "the CSR", fate, 1
    with pytest.raises(UnknownOutcomeError) as caught:
        desk.obtain(record, client=line)
    assert caught.value.hint is Hint.RECONCILE
    assert stage_of(desk, record) is OrderStage.UNKNOWN
    return record


class Deaf(Line):
    """After the CSR was sent, no look at the order is answered."""

    def finalise(self, url: str, csr: bytes) -> None:
        try:
            super().finalise(url, csr)
        finally:
            self.action, self.fate, self.left = "the request for the order", "request", 4


@pytest.mark.parametrize(("fate", "state"), [("reply", State.ISSUED), ("request", State.GENERATED)])
def test_reconciling_brings_home_what_was_issued_and_sends_nothing(desk: Desk, fate: str, state: State) -> None:
    before = desk.pebble.issued
    record = lose_the_csr(desk, fate)

    for _ in range(100):
        settled = settling.reconcile(desk.store, lambda _: desk.client())
        if stage_of(desk, record) is not OrderStage.UNKNOWN:
            break

    ((known, outcome),) = settled
    assert (known.state, isinstance(outcome, Fact)) == (state, True)
    assert desk.pebble.issued - before == (1 if fate == "reply" else 0)
    assert settling.reconcile(desk.store, lambda _: desk.client()) == ()
    if state is State.GENERATED:
        assert outcome.hint is Hint.OBTAIN
        to_the_end(desk, record)
    assert desk.pebble.issued - before == 1


def test_an_order_that_the_ca_has_forgotten_is_over_unless_its_csr_was_sent(desk: Desk) -> None:
    record = desk.record()
    assert isinstance(desk.obtain(record), Fact)
    placed = desk.store.get(record.id).order
    assert placed is not None
    gone = f"{placed.url}-of-somebody-else"
    desk.store._database.execute("UPDATE certificate_order SET order_url = ?", (gone,))

    with pytest.raises(RefusedError, match=r"no longer knows this order\. Nothing was issued"):
        desk.obtain(record)
    assert stage_of(desk, record) is OrderStage.EXPIRED
    to_the_end(desk, record)

    lost = lose_the_csr(desk, "reply")
    desk.store._database.execute("UPDATE certificate_order SET order_url = ? WHERE record_id = ?", (gone, lost.id))
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError, match="may have issued its certificate") as caught:
            desk.obtain(lost)
        assert caught.value.hint is Hint.GIVE_UP
        assert stage_of(desk, lost) is OrderStage.UNKNOWN
    ((_, outcome),) = settling.reconcile(desk.store, lambda _: desk.client())
    assert isinstance(outcome, UnknownOutcomeError)
