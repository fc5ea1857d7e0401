"""The page of an order off the usual way: a webroot, a held password, a lasting record, and ends that are not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key
from pebble import PEM, PKCS8, Pebble, account_key, resolve_here, serving
from ui.driver import Driver, drive
from ui.test_order_page import P256, order_of, to_the_page

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.obtain import accounts, command, order, proofs
from csr_tui.lifecycle.obtain.proofs import Looking, ProofKind
from csr_tui.lifecycle.obtain.run import ObtainOptions
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.choose_proof import ChooseProof
from csr_tui.ui.screens.obtain.obtain_results import ObtainResult
from csr_tui.ui.screens.obtain.order_page import OrderPage
from csr_tui.ui.screens.password import CurrentPassword
from csr_tui.ui.screens.tencent.submission_results import ReconcileResults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.vault import Vault

pytestmark = pytest.mark.system

PASSWORD = "a password that its person holds"


@pytest.fixture
def ca(pebble: Pebble, store: RecordStore) -> CA:
    """An account whose key is not encrypted."""
    return add_ca(store, pebble, Custody.NONE_UNPROTECTED)


@pytest.fixture
def held(pebble: Pebble, store: RecordStore) -> CA:
    """An account whose key has a password that is typed each time."""
    return add_ca(store, pebble, Custody.TYPED_PROMPT)


def add_ca(store: RecordStore, pebble: Pebble, custody: Custody) -> CA:
    key = account_key()
    account = AcmeClient(pebble.directory, key, label="pebble", trust=pebble.trust).new_account(email=None, agreed=True)
    pem = key.reveal()
    if custody.held_by_person:
        encryption = BestAvailableEncryption(PASSWORD.encode())
        pem = load_pem_private_key(pem.encode(), None).private_bytes(PEM, PKCS8, encryption).decode()
    ca = CA("pebble", pebble.directory, trust=pebble.trust, account_url=account, custody=custody)
    return store.cas.add(ca, account_key=pem)


@pytest.fixture
def record(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Record:
    return generate.generate(store, vault, draft(f"{new_id()}.example.com", key=P256), Custody.RANDOM_KEYRING)


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path, pebble: Pebble, record: Record) -> CsrTui:
    del record
    return CsrTui(store, vault, exports=tmp_path, environ={"CSR_TUI_RESOLVER": pebble.resolver})


@pytest.fixture
def placed(store: RecordStore, vault: Vault, record: Record, ca: CA) -> CertificateOrder:
    """An order that waits for its proofs."""
    order.obtain(store, accounts.client(store, vault, ca, {}), record, ca, ObtainOptions())
    return order_of(store, record)


def lose_the_csr(store: RecordStore, order: CertificateOrder) -> None:
    """As a process leaves an order whose CSR had no reply."""
    store.orders.put(store.orders.put(order.finalising(store.now())).unknown("No reply."))


async def to_the_order(pilot: Driver) -> OrderPage:
    await pilot.settle()
    await pilot.press("ctrl+o")
    return await pilot.see(OrderPage)


async def choose_folder(pilot: Driver, folder: Path) -> None:
    """In the window for the proof, which shows over the page of its order."""
    await pilot.press("w")
    window = await pilot.see(ChooseProof)
    assert isinstance(pilot.app.screen_stack[-2], OrderPage)
    if window.kind.value is ProofKind.DNS:
        await pilot.press("down", "down")
    window.folder.input.value = str(folder)
    await pilot.press("ctrl+s")


@pytest.mark.usefixtures("ca")
async def test_a_folder_of_the_web_server_is_checked_kept_in_mind_and_cleared(
    app: CsrTui, store: RecordStore, record: Record, pebble: Pebble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_here(monkeypatch)
    monkeypatch.setattr(proofs, "Looking", partial(Looking, port=pebble.http_port))
    unserved, served = tmp_path / "unserved", tmp_path / "served"
    unserved.mkdir()

    async with drive(app) as pilot:
        await to_the_page(pilot)
        await choose_folder(pilot, served)
        await pilot.until(lambda: "is not a folder. Name the folder that your web server" in pilot.texts)
        await pilot.press("escape")
        await pilot.see(OrderPage)
        await choose_folder(pilot, unserved)
        await pilot.until(lambda: "was not reached" in pilot.texts)
        assert pilot.text("#folder") == f"csr-tui wrote the files below {unserved}."
        assert [one.read_text() for one in unserved.rglob("*") if one.is_file()] == [
            order_of(store, record).proofs[0].value
        ]
        served.mkdir()
        with serving(served, pebble.http_port):
            await choose_folder(pilot, served)
            await pilot.see(ObtainResult)

    assert store.get(record.id).state is State.ISSUED
    assert [*unserved.iterdir(), *served.iterdir()] == []


async def test_an_order_that_is_given_up_leaves_no_file_of_its_proofs(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    record: Record,
    ca: CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also of those that another process wrote."""
    resolve_here(monkeypatch)
    options = ObtainOptions(ProofKind.WEBROOT, tmp_path)
    order.obtain(store, accounts.client(store, vault, ca, {}), record, ca, options)
    assert (tmp_path / ".well-known").exists()
    async with drive(app) as pilot:
        await to_the_order(pilot)
        assert pilot.text("#folder") == f"csr-tui wrote the files below {tmp_path}."
        await pilot.press("w")
        assert (await pilot.see(ChooseProof)).folder.value == str(tmp_path)
        await pilot.press("escape")
        await pilot.see(OrderPage)
        await pilot.press("g")
        await pilot.see(Confirm)
        assert isinstance(app.screen_stack[-2], OrderPage)
        await pilot.click("#yes")
        await pilot.see(Desk)

    assert store.orders.get(record.id) is None
    assert not (tmp_path / ".well-known").exists()


async def test_a_wildcard_is_proven_by_a_record_only(app: CsrTui, placed: CertificateOrder, store: RecordStore) -> None:
    store.orders.put(placed.to_prove((replace(placed.proofs[0], name="*.example.com"),)))
    async with drive(app) as pilot:
        await to_the_order(pilot)
        await pilot.press("w")
        window = await pilot.see(ChooseProof)
        await pilot.press("down")
        assert window.kind.value is ProofKind.DNS


async def test_the_password_of_an_account_is_asked_for_over_the_page(
    app: CsrTui, store: RecordStore, record: Record, held: CA, pebble: Pebble
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+o")
        await pilot.see(ChooseCA)
        await pilot.press("enter")
        await pilot.type_current("another password")
        await pilot.until(lambda: "The password does not decrypt the key." in pilot.texts)
        assert f"Password of the account at {held.name}" in pilot.texts
        await pilot.type_current(PASSWORD)
        await pilot.see(OrderPage)
        (proof,) = order_of(store, record).proofs
        pebble.set_txt(proof.place, proof.value)
        await pilot.press("l")
        await pilot.until(lambda: "✓ seen" in pilot.texts)
        await pilot.press("ctrl+o")
        await pilot.see(CurrentPassword)
        assert isinstance(app.screen_stack[-2], OrderPage)
        await pilot.press("escape")
        await pilot.see(OrderPage)
        await pilot.press("ctrl+o")
        await pilot.type_current(PASSWORD)
        await pilot.see(ObtainResult)

    assert store.get(record.id).state is State.ISSUED


async def test_looking_for_outcomes_asks_for_the_password_of_the_account(
    app: CsrTui, store: RecordStore, vault: Vault, record: Record, held: CA
) -> None:
    client = accounts.client(store, vault, held, {}, ask=lambda: Secret(PASSWORD))
    order.obtain(store, client, record, held, ObtainOptions())
    lose_the_csr(store, order_of(store, record))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("l")
        await pilot.see(CurrentPassword)
        await pilot.press("escape")
        await pilot.see(ReconcileResults)
        assert "You hold the password of the account's key at pebble." in pilot.texts
        await pilot.press("enter")
        await pilot.press("l")
        await pilot.type_current(PASSWORD)
        await pilot.see(ReconcileResults)
        assert "The CSR never arrived at pebble." in pilot.texts

    assert order_of(store, record).stage is OrderStage.PROVING


async def test_an_unknown_outcome_is_asked_for_and_shows_no_proofs(
    app: CsrTui, store: RecordStore, record: Record, placed: CertificateOrder
) -> None:
    lose_the_csr(store, placed)
    value = placed.proofs[0].value

    async with drive(app) as pilot:
        await to_the_order(pilot)
        assert "? No reply." in pilot.text("#lead")
        assert value not in pilot.texts
        await pilot.press("ctrl+o")
        await pilot.until(lambda: value in pilot.texts)

    assert order_of(store, record).stage is OrderStage.PROVING


async def test_an_order_that_the_ca_has_forgotten_is_placed_again(
    app: CsrTui, store: RecordStore, record: Record, placed: CertificateOrder
) -> None:
    store._database.execute("UPDATE certificate_order SET order_url = ?", (f"{placed.url}-of-somebody-else",))
    store.orders.put(replace(placed, url=f"{placed.url}-of-somebody-else", expires=store.now() - timedelta(days=3)))

    async with drive(app) as pilot:
        await pilot.settle()
        assert "Ask pebble for the status of the order: its time ended on" in pilot.text("#step")
        await to_the_order(pilot)
        assert "(expired 3 days ago). Ask the CA for the status of this order." in pilot.text("#lead")
        await pilot.press("ctrl+o")
        await pilot.until(lambda: "! The CA no longer knows this order. Nothing was issued." in pilot.texts)
        await pilot.press("ctrl+o")
        await pilot.see(ChooseCA)
        assert isinstance(app.screen_stack[-2], OrderPage)
        await pilot.press("escape")
        await pilot.see(OrderPage)
        await pilot.press("ctrl+o")
        await pilot.see(ChooseCA)
        await pilot.press("enter")
        await pilot.until(lambda: "Prove 1 name until " in pilot.texts)

    assert order_of(store, record).stage is OrderStage.ORDERED


async def test_a_lasting_record_is_chosen_and_copied_beside_the_usual_one(
    app: CsrTui, store: RecordStore, placed: CertificateOrder
) -> None:
    (usual,) = placed.proofs
    lasting = (f"_validation-persist.{usual.name}", "ca.example; accounturi=https://ca.example/1")
    store.orders.put(placed.to_prove((replace(usual, note="Not there.", lasting=lasting),)))

    async with drive(app, size=(60, 15)) as pilot:
        page = await to_the_order(pilot)
        await pilot.until(lambda: "Not seen yet" in pilot.texts)  # what is seen replaces the note, not the record
        await pilot.press("down")
        record, shown = page.query_one("#text-1").region, page.query_one("#page").content_region
        assert shown.contains_region(record)
        for keys, text in (("c", lasting[1]), ("n", lasting[0]), ("up c", usual.value), ("n", usual.place)):
            await pilot.press(*keys.split())
            await pilot.until(lambda: app.clipboard == text)  # noqa: B023  # awaited here


async def test_an_order_that_another_process_gave_up_closes_its_page(
    app: CsrTui, store: RecordStore, record: Record, placed: CertificateOrder
) -> None:
    del placed
    async with drive(app) as pilot:
        await to_the_order(pilot)
        await pilot.until(lambda: "Looked at " in pilot.texts)
        command.give_up(store, store.get(record.id))
        await pilot.press("l")
        await pilot.see(Desk)
