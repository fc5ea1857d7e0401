"""Renewing, and keys that are there already, driven as a person drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core.custody import Custody
from csr_tui.core.keys import encryption, identity, kinds
from csr_tui.core.record import KeySpec, Record, State
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.renew import Renew
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.review import ReviewStep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

SECRET = Secret("correct horse battery staple")
ECC = KeySpec("ECC", "prime256v1")


@pytest.fixture
def made(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    def make(choice: Custody | None = None) -> Record:
        wanted = choice or Custody.RANDOM_KEYRING
        typed = SECRET if wanted.is_typed else None
        return generate.generate(store, vault, draft(key=ECC), wanted, password=typed)

    return make


async def test_a_renewal_begins_at_its_review_with_a_new_key(
    app: CsrTui, made: Callable[..., Record], store: RecordStore
) -> None:
    old = made()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("x")
        await pilot.see(Renew)
        await pilot.click("#renew")
        review = await pilot.see(ReviewStep)
        renewal = review.record

        assert (renewal.lineage.renews, renewal.lineage.same_key) == (old.id, False)
        await pilot.press("ctrl+g")
        await pilot.see(RecordScreen)

    done = store.get(renewal.id)
    assert done.state is State.GENERATED
    assert done.key_fingerprint != old.key_fingerprint


async def test_the_same_key_is_used_when_it_is_chosen(
    app: CsrTui, made: Callable[..., Record], store: RecordStore
) -> None:
    old = made()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
        await pilot.press("x")
        renew = await pilot.see(Renew)
        assert "was generated on" in str(renew.key._options)
        await pilot.press("down")
        await pilot.click("#renew")
        review = await pilot.see(ReviewStep)
        renewal = review.record
        await pilot.press("ctrl+g")
        await pilot.see(RecordScreen)

    assert store.get(renewal.id).key_fingerprint == old.key_fingerprint


async def test_the_password_that_you_hold_is_asked_for_until_it_opens_the_key(
    app: CsrTui, made: Callable[..., Record], store: RecordStore
) -> None:
    old = made(Custody.TYPED_PROMPT)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("x")
        await pilot.see(Renew)
        await pilot.press("down")
        await pilot.click("#renew")
        review = await pilot.see(ReviewStep)
        renewal = review.record
        await pilot.press("ctrl+g")
        await pilot.type_current("wrong")
        await pilot.until(lambda: "does not decrypt" in pilot.text("#problem"))
        await pilot.type_current(SECRET.reveal())
        await pilot.see(RecordScreen)

    assert store.get(renewal.id).key_fingerprint == old.key_fingerprint


async def test_a_draft_is_copied_and_not_renewed(app: CsrTui, draft: Callable[..., Record], store: RecordStore) -> None:
    draft()

    async with drive(app, notifications=True) as pilot:
        await pilot.settle()
        await pilot.press("x")
        await pilot.settle()

        assert "This request is not generated" in pilot.said
    assert store.count() == 1


async def test_a_key_file_that_is_named_in_the_wizard_is_used(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, tmp_path: Path
) -> None:
    key = kinds.generate(KeySpec("ECC", "secp384r1"))
    (tmp_path / "own.key").write_text(encryption.to_plain_pem(key))
    record = draft(key=ECC)

    async with drive(app, size=(100, 40)) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+k")
        page = await pilot.see(KeyStep)
        page.own.input.value = str(tmp_path / "own.key")
        await pilot.press("alt+r")
        await pilot.see(ReviewStep)
        await pilot.press("ctrl+g")
        await pilot.see(RecordScreen)

    done = store.get(record.id)
    assert (done.key_fingerprint, done.key) == (identity.fingerprint(key), KeySpec("ECC", "secp384r1"))
    assert done.key_file == str(tmp_path / "own.key")


async def test_a_key_file_that_is_not_there_is_said_when_the_field_is_left(
    app: CsrTui, draft: Callable[..., Record], tmp_path: Path
) -> None:
    draft(key=ECC)

    async with drive(app, size=(100, 40)) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+k")
        page = await pilot.see(KeyStep)
        page.own.focus()
        await pilot.press(*"missing", "tab")
        await pilot.settle()

        assert page.own.finding is not None
        assert "No such file" in page.own.finding.message
