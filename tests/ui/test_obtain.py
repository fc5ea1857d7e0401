"""O on the screens: a record goes to a CA that is a command, and its certificate or its open outcome comes back."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lifecycle.test_command import Signer
from ui.driver import Driver, drive
from ui.orders import place_order

from csr_tui.core.custody import Custody
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Record, State
from csr_tui.errors import UnknownOutcomeError
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.obtain import cas, command
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.obtain.ca_list import ChooseKind
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.new_ca import NewCommandCA
from csr_tui.ui.screens.obtain.obtain_progress import ObtainProgress
from csr_tui.ui.screens.obtain.obtain_results import ObtainResult, RunUnknown
from csr_tui.ui.screens.obtain.order_page import OrderPage
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.tencent.submission_results import ReconcileResults

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.vault import Vault


@pytest.fixture
def signer(tmp_path: Path, require: Callable[..., None]) -> Signer:
    require("openssl")
    folder = tmp_path / "own ca"
    folder.mkdir()
    return Signer(folder)


@pytest.fixture
def record(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Record:
    return generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path / "exports", environ=os.environ)


def stage(store: RecordStore, record: Record) -> OrderStage | None:
    order = store.orders.get(record.id)
    return None if order is None else order.stage


async def test_from_the_desk_to_the_certificate_and_its_export(
    app: CsrTui, store: RecordStore, record: Record, signer: Signer
) -> None:
    cas.add_command(store, "aside", "false {csr}")
    cas.add_command(store, "own", signer.line)
    store.cas.choose(record.id, "own")

    async with drive(app) as pilot:
        await pilot.settle()
        assert "^o  Obtain the certificate from own." in pilot.text("#step")
        await pilot.press("ctrl+o")
        window = await pilot.see(ChooseCA)
        assert window.ca.value == "own"
        await pilot.press("enter")
        await pilot.see(ObtainResult)
        assert "asked" in pilot.texts
        assert "issued" in pilot.texts
        assert "Certificate request self-signature ok" in pilot.texts
        assert store.get(record.id).state is State.ISSUED
        await pilot.press("enter")
        await pilot.see(ExportScreen)

    assert signer.runs == 1


async def test_without_a_ca_one_is_added_on_the_way(
    app: CsrTui, store: RecordStore, record: Record, signer: Signer
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
        await pilot.press("ctrl+o")
        await pilot.see(Confirm)
        await pilot.press("enter")
        await pilot.see(ChooseKind)
        await pilot.press("up", "enter")
        await pilot.see(NewCommandCA)
        await pilot.press(*"own", "enter")
        pilot.field("#command").input.value = signer.line
        await pilot.press("enter", "enter")
        await pilot.see(ChooseCA)
        await pilot.press("enter")
        await pilot.see(ObtainResult)

    assert store.get(record.id).state is State.ISSUED


@pytest.fixture
async def unknown(app: CsrTui, store: RecordStore, record: Record, signer: Signer) -> Record:
    cas.add_command(store, "own", signer.sh("printf 'no \\033[31mluck\\n' >&2; exit 3"))
    return record


async def to_the_outcome(pilot: Driver) -> RunUnknown:
    await pilot.settle()
    await pilot.press("enter")
    await pilot.see(RecordScreen)
    await pilot.press("ctrl+o")
    await pilot.see(ChooseCA)
    await pilot.press("enter")
    return await pilot.see(RunUnknown)


async def test_an_unknown_outcome_is_stated_and_leads_to_attach_and_is_given_up_after_a_question(
    app: CsrTui, store: RecordStore, unknown: Record, signer: Signer
) -> None:
    async with drive(app) as pilot:
        await to_the_outcome(pilot)
        assert "ended with status 3" in pilot.texts
        assert "no \\u{1b}[31mluck" in pilot.texts
        await pilot.click("#settle")
        await pilot.until(
            lambda: "returned no certificate" in pilot.text("#problem") or "status 3" in pilot.text("#problem")
        )
        await pilot.click("#attach")
        await pilot.see(AttachScreen)
        await pilot.press("escape")
        await pilot.see(RecordScreen)
        assert pilot.text("#kept") == "outcome unknown"
        assert "the outcome at own is unknown" in pilot.text("#next")
        await pilot.press("ctrl+o")
        await pilot.see(RunUnknown)
        await pilot.click("#give-up")
        question = await pilot.see(Confirm)
        assert "obtains a second one" in pilot.texts
        await pilot.press("enter")  # which is the way out of a question with a consequence
        await pilot.until(lambda: app.screen is not question)
        assert stage(store, unknown) is OrderStage.UNKNOWN
        await pilot.press("ctrl+o")
        await pilot.see(RunUnknown)
        await pilot.click("#give-up")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.until(lambda: stage(store, unknown) is None)

    assert signer.runs == 1


async def test_a_certificate_that_a_command_left_late_is_found_by_looking_again(
    app: CsrTui, store: RecordStore, record: Record, signer: Signer
) -> None:
    late = shlex.quote(str(signer.folder / "late"))
    cas.add_command(store, "own", signer.sh(f'echo "$1" "$2" > {late}; exit 3'))

    async with drive(app) as pilot:
        await to_the_outcome(pilot)
        request, out = (signer.folder / "late").read_text().split()
        sign = ["sh", str(signer.folder / "sign.sh"), request, out]
        await asyncio.to_thread(subprocess.run, sign, check=True, capture_output=True)
        await pilot.click("#settle")
        await pilot.see(ObtainResult)

    assert store.get(record.id).state is State.ISSUED


async def test_an_unknown_outcome_needs_you_and_is_looked_up_with_the_others(
    app: CsrTui, store: RecordStore, unknown: Record
) -> None:
    with pytest.raises(UnknownOutcomeError):
        command.obtain(store, unknown, store.cas.get("own"), environ=os.environ, now=store.now)

    async with drive(app) as pilot:
        await pilot.settle()
        assert "Needs you 1" in pilot.text("#views")
        await pilot.press("l")
        await pilot.see(ReconcileResults)
        assert "? The command ended with status 3." in pilot.texts


@pytest.mark.parametrize("failed", [OrderStage.REFUSED, OrderStage.EXPIRED])
async def test_an_order_that_failed_needs_you_until_you_give_it_up(
    app: CsrTui, store: RecordStore, record: Record, failed: OrderStage
) -> None:
    place_order(store, record, store.now(), store.now() + timedelta(days=1))
    order = store.orders.get(record.id)
    assert order is not None
    store.orders.put(order.refused("No CAA.") if failed is OrderStage.REFUSED else order.expired("It is gone."))

    async with drive(app) as pilot:
        await pilot.settle()
        assert "Needs you 1" in pilot.text("#views")
        await pilot.press("2", "ctrl+o")
        await pilot.see(OrderPage)
        await pilot.press("g")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.until(lambda: "Needs you 0" in pilot.text("#views"))


async def test_who_leaves_stops_nothing_and_finds_the_run_again(
    app: CsrTui, store: RecordStore, record: Record, signer: Signer
) -> None:
    gate = signer.folder / "gate"
    os.mkfifo(gate)
    wait = f"cat {shlex.quote(str(gate))}; sh {shlex.quote(str(signer.folder / 'sign.sh'))}"
    cas.add_command(store, "own", signer.sh(f'{wait} "$1" "$2"'))

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("ctrl+o", "enter")
        await pilot.see(ObtainProgress)
        await pilot.press("escape")
        desk = await pilot.see(Desk)
        await pilot.until(lambda: stage(store, record) is OrderStage.FINALISING)
        desk.reload()
        await pilot.pause()  # it describes the record in a message of its own
        assert "See how far own is with it." in pilot.text("#step")
        await pilot.press("ctrl+o")
        await pilot.see(ObtainProgress)
        await pilot.press("escape")
        await pilot.see(Desk)
        gate.write_text("go\n")
        await pilot.until(lambda: "The certificate from own is attached" in pilot.said)
        await pilot.until(lambda: pilot.current.state is State.ISSUED)
        await pilot.settle()
        assert pilot.said.count("The certificate from own is attached") == 1

    assert signer.runs == 2  # counted before the gate, and by the script that signs
