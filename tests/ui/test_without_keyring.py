"""Without a keyring, on the screens: a person is led to what needs none, and looks again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core.custody import Custody
from csr_tui.core.questions import custodies
from csr_tui.core.record import KeySpec, Record, State
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.keyring import KeyringScreen, WithoutKeyring
from csr_tui.ui.screens.protect import CustodyChange, ProtectScreen, changes
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.widgets.choices import Choices
from csr_tui.vault import Vault, VaultState, VaultStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore

NEW = "another fine long password 1"
ECC = KeySpec("ECC", "prime256v1")


@pytest.mark.parametrize("instead", [Custody.TYPED_PROMPT, Custody.NONE_UNPROTECTED])
async def test_without_a_keyring_a_person_is_led_to_what_needs_none(
    store: RecordStore, draft: Callable[..., Record], tmp_path: Path, instead: Custody
) -> None:
    record = draft(key=ECC)
    app = CsrTui(store, Vault(), exports=tmp_path)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(WithoutKeyring)
        assert "No OS keyring is reachable" in str(app.screen.query_one("#keyring-state").render())
        assert store.get(record.id) == record
        await pilot.see(WithoutKeyring)
        await pilot.choose("#instead", instead)
        await pilot.press("enter")
        if instead.is_typed:
            await pilot.type_new(NEW)
        await pilot.see(RecordScreen)

    done = store.get(record.id)
    assert done.custody is instead


@pytest.mark.parametrize(
    ("drafted", "chosen"),
    [
        (Custody.RANDOM_KEYRING, Custody.TYPED_PROMPT),
        (Custody.TYPED_KEYRING, Custody.TYPED_KEYRING),
        (Custody.NONE_UNPROTECTED, Custody.NONE_UNPROTECTED),
    ],
)
async def test_without_a_keyring_the_key_step_refuses_what_needs_one(
    store: RecordStore, draft: Callable[..., Record], tmp_path: Path, drafted: Custody, chosen: Custody
) -> None:
    record = draft(key=ECC, custody=drafted)
    app = CsrTui(store, Vault(), exports=tmp_path)

    async with drive(app, size=(80, 30)) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+k")
        await pilot.settle()
        page = app.screen
        assert isinstance(page, KeyStep)
        assert page.password.value is chosen
        assert str(page.password.render()).count("Not available without a keyring.") == 3
        reached = set()
        for _ in Custody:
            await pilot.press("down")
            reached.add(page.password.value)
        assert reached == {Custody.TYPED_PROMPT, Custody.NONE_UNPROTECTED}
        page.password.set_options(custodies(), chosen)
        await pilot.press("alt+r")
        await pilot.settle()

    assert store.get(record.id).custody is chosen


@pytest.mark.parametrize(
    ("custody", "refused", "first"),
    [
        (
            Custody.NONE_UNPROTECTED,
            [CustodyChange.RANDOM, CustodyChange.OWN, CustodyChange.KEYRING],
            CustodyChange.HOLD,
        ),
        (Custody.TYPED_PROMPT, [CustodyChange.KEYRING], CustodyChange.OWN),
        (
            Custody.RANDOM_KEYRING,
            [CustodyChange.RANDOM, CustodyChange.OWN, CustodyChange.UNPROTECTED],
            CustodyChange.HOLD,
        ),
        (Custody.NONE_KEYRING, [], CustodyChange.RANDOM),
    ],
)
async def test_without_a_keyring_the_window_of_a_key_refuses_what_needs_one(
    store: RecordStore,
    vault: Vault,
    draft: Callable[..., Record],
    tmp_path: Path,
    custody: Custody,
    refused: list[CustodyChange],
    first: CustodyChange,
) -> None:
    typed = Secret(NEW) if custody.is_typed else None
    record = generate.generate(store, vault, draft(key=ECC), custody, password=typed)
    app = CsrTui(store, Vault(), exports=tmp_path)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
        await pilot.press("k")
        await pilot.see(ProtectScreen)

        assert app.screen.query_one("#way", Choices).value == first

    options = changes(record, "None is here.")
    assert [one.value for one in options if one.refusal] == refused


async def test_in_the_window_of_a_locked_keyring_enter_unlocks_it(
    app: CsrTui, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = VaultStatus(VaultState.LOCKED, "Test", "The keyring is locked: Test.")
    asked: list[bool] = []

    def unlock() -> VaultStatus:
        asked.append(True)
        return locked

    monkeypatch.setattr(vault, "status", lambda **_: locked)
    monkeypatch.setattr(vault, "unlock", unlock)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("v")
        await pilot.until(lambda: isinstance(app.screen, KeyringScreen) and not app.screen.again.disabled)
        await pilot.settle()
        assert app.focused is not None
        assert "Unlock" in str(app.focused.render())
        await pilot.press("enter")
        await pilot.until(lambda: bool(asked))


@pytest.mark.parametrize("missing", [True, False])
async def test_without_any_keyring_the_way_that_works_is_chosen_first(app: CsrTui, missing: bool) -> None:
    wanted = Custody.RANDOM_KEYRING
    answers: list[Custody | None] = []

    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(WithoutKeyring("There is none.", wanted, missing=missing), answers.append)
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

    assert answers == [Custody.TYPED_PROMPT if missing else wanted]


async def test_a_keyring_that_fails_is_tried_again_with_what_was_typed(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], keyring: MemoryKeyring
) -> None:
    record = draft(key=ECC, custody=Custody.TYPED_KEYRING)
    keyring.broken = True

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.type_new(NEW)
        await pilot.see(WithoutKeyring)
        keyring.broken = False
        await pilot.see(WithoutKeyring)
        await pilot.choose("#instead", Custody.TYPED_KEYRING)
        await pilot.press("enter")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.GENERATED
    assert list(keyring.kept.values()) == [NEW]


async def test_leaving_without_a_keyring_keeps_the_draft(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], keyring: MemoryKeyring
) -> None:
    record = draft(key=ECC)
    keyring.broken = True

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(WithoutKeyring)
        await pilot.press("escape")
        await pilot.settle()

    assert store.get(record.id) == record
    assert store.unfinished() == ()


async def test_the_desk_says_how_it_stands_with_the_keyring_and_looks_again(
    app: CsrTui, keyring: MemoryKeyring
) -> None:
    keyring.broken = True

    async with drive(app) as pilot:
        await pilot.settle()
        assert "no keyring: V" in str(app.screen.query_one("#keyring").render())
        await pilot.press("v")
        await pilot.see(KeyringScreen)
        keyring.broken = False
        await pilot.press("r")
        await pilot.until(lambda: "✓" in str(app.screen.query_one("#keyring-state").render()))
        await pilot.press("escape")
        await pilot.settle()
        assert "✓ the keyring" in str(app.screen.query_one("#keyring").render())
        await pilot.click("#keyring")
        await pilot.see(KeyringScreen)
