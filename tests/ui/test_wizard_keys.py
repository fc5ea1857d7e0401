"""The steps Algorithm and Key: which kinds of keys are offered, and who keeps the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core import questions
from csr_tui.core.keys.kinds import KINDS, ML_DSA, of_algorithm
from csr_tui.core.record import KeySpec, Purpose, Record
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.widgets.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore


async def test_ed25519_is_offered_for_ones_own_ca_only(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("a.example.com")
    draft("b.example.com", purpose=Purpose.PRIVATE)

    async with drive(app) as pilot:
        await pilot.settle()
        seen = {}
        for _ in range(2):
            await pilot.press("enter")
            await pilot.settle()
            await pilot.press("alt+3")
            await pilot.settle()
            seen[pilot.on(AlgorithmStep).record.purpose] = "Ed25519" in str(
                app.screen.query_one("#key_parameter", Choices).render()
            )
            await pilot.press("escape")
            await pilot.settle()
            await pilot.press("end")
            await pilot.settle()

    assert seen == {Purpose.PUBLIC: False, Purpose.PRIVATE: True}


async def test_a_kind_of_key_that_this_machine_lacks_is_listed_with_the_reason(
    app: CsrTui, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(purpose=Purpose.PRIVATE)
    monkeypatch.setattr(questions, "missing", lambda one: "cryptography 49" if one is ML_DSA else "")

    async with drive(app) as pilot:
        await pilot.settle()
        for key in ("enter", "alt+3", "m", "up"):
            await pilot.press(key)
            await pilot.settle()
        kinds = app.screen.query_one("#key_parameter", Choices)

        assert str(kinds.render()).count("cryptography 49") == len(of_algorithm("ML-DSA"))
        assert kinds.value == KeySpec("ED25519", "ed25519")


async def test_one_list_has_every_kind_of_key_under_a_label_of_its_own(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft(purpose=Purpose.PRIVATE)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for kind in KINDS:
            await pilot.press("alt+3")
            await pilot.settle()
            kinds = app.screen.query_one("#key_parameter", Choices)
            while kinds.value != kind.spec:
                await pilot.press("down")
            await pilot.press("alt+4")
            await pilot.settle()
            assert store.get(record.id).key == kind.spec

    assert len({kind.label for kind in KINDS}) == len(KINDS)


async def test_the_key_page_names_the_keyring_and_keeps_the_choice(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+4")
        await pilot.settle()
        password = app.screen.query_one("#password_choice", Choices)
        password.focus()
        await pilot.press("down", "down")
        await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

    kept = store.get(record.id)
    assert kept.custody.words == ("typed", "prompt")


@pytest.mark.parametrize("key", [KeySpec("RSA", "1024"), KeySpec("ECC", "secp256k1"), KeySpec("ED25519", "ed25519")])
async def test_a_draft_from_an_odd_request_can_be_opened_at_every_step(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, key: KeySpec
) -> None:
    record = draft("", key=key, names=("directory:CN=x", "other:1.2.3", "a b", "*.*"), remark="x" * 300)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for letter in "snakr":
            await pilot.press(f"alt+{letter}")
            await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)
    kept = store.get(record.id)
    assert (kept.key, kept.remark) == (key, record.remark)
