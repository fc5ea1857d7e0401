"""Mistakes that others have made, planted on purpose: the tests of orders have to see each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from lifecycle.obtain.test_lost import ORDERS, kill, lost_once, stage_of
from lifecycle.obtain.test_order import (
    test_an_order_by_dns_waits_until_the_record_is_seen_and_is_brought_home as by_dns,
)

from csr_tui.acme.client import AcmeClient
from csr_tui.acme.looking import Look
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.errors import CsrTuiError, Fact
from csr_tui.lifecycle.obtain import proofs
from csr_tui.lifecycle.obtain.run import OrderRun
from csr_tui.lifecycle.steps import Point

if TYPE_CHECKING:
    from lifecycle.obtain.conftest import Desk

pytestmark = pytest.mark.system


def test_an_order_that_is_read_before_its_url_is_kept_is_seen(desk: Desk) -> None:
    place = AcmeClient.new_order

    def eager(client: AcmeClient, identifiers: tuple[tuple[str, str], ...]) -> str:
        url = place(client, identifiers)
        client.order(url)  # as ClientV2.new_order does
        return url

    with patch.object(AcmeClient, "new_order", eager), pytest.raises(AssertionError):
        lost_once(desk, "the request for the order", "reply")


def test_a_csr_that_is_sent_again_without_a_look_is_seen(desk: Desk) -> None:
    settle = OrderRun._settle

    def hasty(run: OrderRun, order: CertificateOrder) -> tuple[CertificateOrder, Fact | None]:
        if order.stage is OrderStage.UNKNOWN:
            return run._finalise(run._store.orders.put(order.proving())), None
        return settle(run, order)

    with patch.object(OrderRun, "_settle", hasty), pytest.raises(AssertionError):
        lost_once(desk, "the CSR", "reply")


def test_a_look_at_the_list_of_all_orders_is_seen(desk: Desk) -> None:
    place = AcmeClient.new_order

    def searching(client: AcmeClient, identifiers: tuple[tuple[str, str], ...]) -> str:
        with suppress(CsrTuiError):
            client.order(client.url.replace("/dir", f"{ORDERS}1"))
        return place(client, identifiers)

    with patch.object(AcmeClient, "new_order", searching), pytest.raises(AssertionError):
        lost_once(desk, "the CSR", "reply")


def test_an_answer_before_the_look_is_seen(desk: Desk) -> None:
    blind: Callable[..., Any] = lambda *_: Look(seen=True, note="")  # noqa: E731
    with patch.object(proofs, "_look", blind), pytest.raises((AssertionError, CsrTuiError)):
        by_dns(desk)


def test_a_stage_that_is_kept_after_its_request_is_seen(desk: Desk) -> None:
    put = type(desk.store.orders).put

    def late(orders: Any, order: CertificateOrder) -> CertificateOrder:
        return order if order.stage is OrderStage.FINALISING else put(orders, order)

    record = desk.record()
    with patch.object(type(desk.store.orders), "put", late):
        kill(desk, record, Point.FINALISE_ANSWERED)
    assert stage_of(desk, record) is not OrderStage.UNKNOWN  # which the table of points asks for
