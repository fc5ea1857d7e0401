"""The page of an order at Pebble: what is to be proven, looking for it, leaving, returning, and the certificate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pebble import Pebble, account_key
from ui.driver import Driver, drive

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.obtain import accounts, order
from csr_tui.lifecycle.obtain.run import ObtainOptions
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.choose_proof import ChooseProof
from csr_tui.ui.screens.obtain.obtain_results import ObtainResult
from csr_tui.ui.screens.obtain.order_page import OrderPage
from csr_tui.ui.screens.renew import Renew

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.vault import Vault

pytestmark = pytest.mark.system

WHEN = "pebble suggests renewing between 2027-01-02 00:00 UTC and 2027-01-03 00:00 UTC."
P256 = KeySpec("ECC", "prime256v1")


@pytest.fixture
def pebble(pebble: Pebble, store: RecordStore) -> Pebble:
    """A CA with an account whose key is unprotected."""
    key = account_key()
    account = AcmeClient(pebble.directory, key, label="pebble", trust=pebble.trust).new_account(email=None, agreed=True)
    custody = Custody.NONE_UNPROTECTED
    ca = CA("pebble", pebble.directory, trust=pebble.trust, account_url=account, custody=custody)
    store.cas.add(ca, account_key=key.reveal())
    return pebble


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path, pebble: Pebble) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path, environ={"CSR_TUI_RESOLVER": pebble.resolver})


@pytest.fixture
def record(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Record:
    domain = f"{new_id()}.example.com"
    return generate.generate(store, vault, draft(domain, names=(f"*.{domain}",), key=P256), Custody.RANDOM_KEYRING)


def order_of(store: RecordStore, record: Record) -> CertificateOrder:
    order = store.orders.get(record.id)
    assert order is not None
    return order


async def to_the_page(pilot: Driver) -> OrderPage:
    await pilot.settle()
    await pilot.press("ctrl+o")
    await pilot.see(ChooseCA)
    await pilot.press("enter")
    page = await pilot.see(OrderPage)
    await pilot.until(lambda: "Looked at " in pilot.texts)
    return page


async def test_names_are_proven_by_hand_and_the_order_waits_meanwhile(
    app: CsrTui, store: RecordStore, record: Record, pebble: Pebble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pebble suggests no time to renew, so that stands in for one."""
    window = (datetime(2027, 1, 2, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC))
    monkeypatch.setattr(AcmeClient, "renewal_window", lambda *_: window)
    async with drive(app) as pilot:
        await to_the_page(pilot)
        first, second = order_of(store, record).proofs
        assert all(text in pilot.texts for text in (first.place, first.value, second.value, "Not seen yet"))
        assert "Prove 2 names until " in pilot.texts
        assert "leave out: Organization, Province/state, City, Country" in pilot.texts
        await pilot.press("c")
        assert app.clipboard == first.value
        await pilot.press("down", "c")
        assert app.clipboard == second.value
        await pilot.press("n")
        assert app.clipboard == second.place
        await pilot.press("ctrl+o")
        await pilot.see(Confirm)
        assert "The CA checks each proof once. A failed check ends this order" in pilot.texts
        assert isinstance(app.screen_stack[-2], OrderPage)
        await pilot.press("enter")  # the way out
        await pilot.see(OrderPage)
        await pilot.press("escape")
        await pilot.see(Desk)
        assert pilot.text("#step").startswith("^o  Prove 2 names to pebble")

        pebble.set_txt(first.place, first.value, "old")
        await pilot.press("ctrl+o")
        await pilot.see(OrderPage)
        await pilot.until(lambda: "An old value is still published: old. Remove it." in pilot.texts)
        assert (pilot.texts.count("✓ seen"), pilot.texts.count("not seen yet")) == (1, 1)
        pebble.clear_txt(first.place)
        pebble.set_txt(first.place, first.value, second.value)
        await pilot.press("l")
        await pilot.until(lambda: pilot.texts.count("✓ seen") == 2)
        await pilot.press("ctrl+o")
        await pilot.see(ObtainResult)
        assert store.get(record.id).state is State.ISSUED
        assert WHEN in pilot.texts
        await pilot.press("enter")
        await pilot.see(ExportScreen)
        await pilot.press("escape")
        await pilot.see(Desk)
        await pilot.press("x")
        await pilot.see(Renew)
        await pilot.until(lambda: WHEN in pilot.texts)


async def test_the_desk_looks_in_the_background_at_an_order_that_is_open(
    app: CsrTui, store: RecordStore, vault: Vault, record: Record, pebble: Pebble
) -> None:
    client = accounts.client(store, vault, store.cas.get("pebble"), {})
    order.obtain(store, client, record, store.cas.get("pebble"), ObtainOptions())
    for proof in order_of(store, record).proofs:
        pebble.set_txt(proof.place, proof.value)

    async with drive(app) as pilot:
        await pilot.until(lambda: "pebble can look at the proofs now" in pilot.text("#step"))

    assert all(proof.seen for proof in order_of(store, record).proofs)


async def test_a_failed_proof_is_shown_in_the_words_of_the_ca_and_a_new_order_has_new_values(
    app: CsrTui, store: RecordStore, record: Record
) -> None:
    async with drive(app) as pilot:
        await to_the_page(pilot)
        old = order_of(store, record)
        await pilot.press("ctrl+o")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.until(lambda: order_of(store, record).stage is OrderStage.REFUSED)
        await pilot.see(OrderPage)
        assert "did not accept the proof of" in pilot.text("#lead")
        assert "A new order shows new values" in pilot.text("#lead")
        assert pilot.texts.count("no longer needed") == 2
        await pilot.press("ctrl+o")
        await pilot.see(ChooseCA)
        await pilot.press("enter")
        await pilot.see(OrderPage)
        new = order_of(store, record)
        assert new.url != old.url
        assert not {one.value for one in new.proofs} & {one.value for one in old.proofs}


async def test_another_proof_can_be_chosen_and_an_order_given_up_after_a_question(
    app: CsrTui, store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    record = generate.generate(store, vault, draft(f"{new_id()}.example.com", key=P256), Custody.RANDOM_KEYRING)

    async with drive(app) as pilot:
        await to_the_page(pilot)
        await pilot.press("w")
        await pilot.see(ChooseProof)
        await pilot.press("down", "enter")
        await pilot.until(lambda: order_of(store, record).proofs[0].kind == "http-01")
        await pilot.see(OrderPage)
        assert f"http://{record.subject.domain}/.well-known/acme-challenge/" in pilot.texts
        await pilot.press("g")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.until(lambda: store.orders.get(record.id) is None)
        await pilot.see(Desk)
