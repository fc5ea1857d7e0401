"""Who holds a key's password, on the screens: shown, copied, changed, handed over, forgotten."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual import events
from ui.driver import Driver, drive

from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody, PasswordChoice, Protection
from csr_tui.core.keys import identity
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate, passwords
from csr_tui.ui.actions import Action, ActionRequested
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.dialogs import Text
from csr_tui.ui.screens.export import ExportMany, ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.generation_progress import GenerationProgress
from csr_tui.ui.screens.keyring import KeyringFailure
from csr_tui.ui.screens.password import CurrentPassword
from csr_tui.ui.screens.protect import CustodyChange, ProtectScreen, changes
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.reveal_password import RevealPassword
from csr_tui.ui.screens.wait_dialog import WaitDialog
from csr_tui.vault import Vault

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore

OLD, NEW = "correct horse battery staple", "another fine long password 1"
RANDOM, TYPED, NONE = PASSWORD_CHOICES
KEYRING, PROMPT, UNPROTECTED = PROTECTIONS
ECC = KeySpec("ECC", "prime256v1")


@pytest.fixture
def made(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    def make(password: PasswordChoice, protection: Protection) -> Record:
        typed = Secret(OLD) if password == TYPED else None
        return generate.generate(store, vault, draft(key=ECC), Custody.of(password, protection), password=typed)

    return make


async def open_page(pilot: Driver, record: Record) -> None:
    await pilot.settle()
    pilot.app.screen.post_message(ActionRequested(Action.OPEN, (record,)))
    await pilot.see(RecordScreen)
    await pilot.settle()


# Showing and copying


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_shown_password_hides_after_twenty_seconds_and_can_be_shown_again(app: CsrTui) -> None:
    clock = Clock()

    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(RevealPassword("www.example.com", Secret(OLD), clock=clock))
        await pilot.pause()
        line = app.screen.query_one("#password")
        assert str(line.render()) == OLD
        clock.now += 19
        await pilot.pause(0.3)
        assert str(line.render()) == OLD
        clock.now += 1
        await pilot.until(lambda: OLD not in str(line.render()))
        assert OLD.split()[0] not in app.export_screenshot()
        await pilot.press("r")
        assert str(line.render()) == OLD


async def test_a_shown_password_hides_when_the_terminal_loses_the_focus(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(RevealPassword("www.example.com", Secret(OLD), clock=Clock()))
        await pilot.pause()
        line = app.screen.query_one("#password")
        app.post_message(events.AppBlur())
        await pilot.until(lambda: OLD not in str(line.render()))
        app.post_message(events.AppFocus())
        await pilot.pause()

        assert OLD not in str(line.render())


async def test_a_password_is_copied_only_when_it_is_asked_for_and_to_the_terminal_alone(
    app: CsrTui, made: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = made(TYPED, KEYRING)
    written: list[str] = []
    encoded = b64encode(OLD.encode()).decode()

    async with drive(app, notifications=True) as pilot:
        await open_page(pilot, record)
        monkeypatch.setattr(app._driver, "write", written.append)
        await pilot.press("w")
        await pilot.see(RevealPassword)
        assert "clipboard managers and terminal recordings store it" in str(app.screen.query_one("#copying").render())
        assert not any(encoded in text for text in written)
        await pilot.press("c")
        await pilot.pause()

        assert f"\x1b]52;c;{encoded}\a" in written
        assert app.clipboard == ""
        assert any("may ignore it" in note.message for note in app._notifications)


# Exporting


@pytest.mark.parametrize("several", [False, True])
async def test_a_wrong_password_stays_in_the_window_that_asks_for_it(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    made: Callable[..., Record],
    draft: Callable[..., Record],
    tmp_path: Path,
    several: bool,
) -> None:
    made(TYPED, PROMPT)
    if several:
        generate.generate(store, vault, draft("b.example.com", key=ECC), Custody.NONE_UNPROTECTED)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press(*(["ctrl+a"] if several else []), "e")
        await pilot.see(ExportMany if several else ExportScreen)
        await pilot.click("#export")
        await pilot.type_current("not the password")
        await pilot.until(lambda: "does not decrypt the key" in pilot.text("#problem"))
        window = pilot.on(CurrentPassword)
        assert window.focused is window.current
        await pilot.press(*("space" if letter == " " else letter for letter in OLD))
        await pilot.until(lambda: window.current.value == OLD)
        assert pilot.text("#problem") == ""
        await pilot.press("enter")
        await pilot.see(Text if several else ExportResult)

    assert (tmp_path / "exports" / "www.example.com.key").exists()


async def test_an_export_that_cannot_work_asks_for_no_password(
    app: CsrTui, made: Callable[..., Record], tmp_path: Path
) -> None:
    made(TYPED, PROMPT)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("e")
        screen = await pilot.see(ExportScreen)
        for folder, target, reason in (
            (tmp_path, "java", "no certificate yet"),
            (tmp_path / "none" / "such", "pem", "does not exist"),
            (Path("~nobody-at-all/x"), "pem", "does not exist"),
        ):
            screen.folder.input.value = str(folder)
            await pilot.choose("#target", target)
            await pilot.press("ctrl+s")
            await pilot.until(lambda reason=reason: reason in pilot.text("#problem"))  # type: ignore[misc]
            assert pilot.on(ExportScreen).replace.display is False


# Changing


STATES = [(RANDOM, KEYRING), (TYPED, KEYRING), (TYPED, PROMPT), (NONE, KEYRING), (NONE, UNPROTECTED)]
OFFERED = [
    (password, protection, option.value)
    for password, protection in STATES
    for option in changes(Record("0000000000", custody=Custody.of(password, protection)))
]


@pytest.mark.parametrize(("password", "protection", "way"), OFFERED)
async def test_every_way_that_is_offered_is_gone_in_one_step_and_the_key_stays(
    app: CsrTui,
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    made: Callable[..., Record],
    password: PasswordChoice,
    protection: Protection,
    way: CustodyChange,
) -> None:
    record = made(password, protection)
    proof = way is CustodyChange.HOLD and password != NONE
    old = passwords.show(store, vault, record).reveal() if (password, protection) == (RANDOM, KEYRING) else OLD

    async with drive(app) as pilot:
        await open_page(pilot, record)
        await pilot.press("k")
        await pilot.see(ProtectScreen)
        await pilot.choose("#way", way)
        await pilot.press("enter")
        if protection == PROMPT or proof:
            await pilot.type_current("not the password")
            await pilot.until(lambda: "does not decrypt the key" in pilot.text("#problem"))
            await pilot.type_current(old)
        if way is CustodyChange.OWN or (way is CustodyChange.HOLD and not proof):
            await pilot.type_new(NEW)
        await pilot.until(lambda: store.get(record.id).revision > record.revision)
        await pilot.see(RecordScreen)

    done = store.get(record.id)
    held = {
        CustodyChange.RANDOM: KEYRING,
        CustodyChange.OWN: PROMPT if protection == PROMPT else KEYRING,
        CustodyChange.HOLD: PROMPT,
        CustodyChange.KEYRING: KEYRING,
        CustodyChange.UNPROTECTED: UNPROTECTED,
    }[way]
    mine = Secret(NEW if way is CustodyChange.OWN or (way is CustodyChange.HOLD and not proof) else old)
    assert done.custody.protection == held
    assert identity.fingerprint(passwords.open_key(store, vault, done, mine)) == record.key_fingerprint
    assert len(keyring.kept) == (held == KEYRING)
    assert (store.orphaned_secrets(), store.unfinished()) == ((), ())


async def test_a_change_that_the_keyring_fails_is_tried_again_with_what_was_typed(
    app: CsrTui, store: RecordStore, vault: Vault, keyring: MemoryKeyring, made: Callable[..., Record]
) -> None:
    record = made(RANDOM, KEYRING)

    async with drive(app) as pilot:
        await open_page(pilot, record)
        await pilot.press("k")
        await pilot.see(ProtectScreen)
        keyring.broken = True
        await pilot.choose("#way", CustodyChange.OWN)
        await pilot.press("enter")
        await pilot.type_new(NEW)
        await pilot.see(KeyringFailure)
        assert store.get(record.id) == record
        keyring.broken = False
        await pilot.click("#again")
        await pilot.until(lambda: store.get(record.id) != record)

    assert passwords.show(store, vault, store.get(record.id)) == Secret(NEW)


@pytest.fixture
def gate(keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is shut, the keyring does not take anything."""
    import threading

    gate = threading.Event()
    keep = keyring.set_password

    def waiting(service: str, username: str, password: str) -> None:
        gate.wait(30)
        keep(service, username, password)

    monkeypatch.setattr(keyring, "set_password", waiting)
    return gate


async def test_a_change_that_waits_for_the_keyring_is_left_and_taken_back(
    app: CsrTui, store: RecordStore, keyring: MemoryKeyring, made: Callable[..., Record], gate: threading.Event
) -> None:
    gate.set()
    record = made(RANDOM, KEYRING)
    gate.clear()
    before = dict(keyring.kept)

    async with drive(app) as pilot:
        await open_page(pilot, record)
        await pilot.press("k")
        await pilot.see(ProtectScreen)
        await pilot.choose("#way", CustodyChange.RANDOM)
        await pilot.press("enter")
        await pilot.see(WaitDialog)
        await pilot.until(lambda: store.unfinished() != ())
        await pilot.press("escape")
        await pilot.see(RecordScreen)
        gate.set()
        await pilot.until(lambda: store.unfinished() == () and store.orphaned_secrets() == ())

    assert store.get(record.id) == record
    assert keyring.kept == before


async def test_quitting_does_not_wait_for_a_keyring_that_does_not_answer(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], gate: threading.Event
) -> None:
    from time import monotonic

    record = draft(key=ECC)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(GenerationProgress)
        started = monotonic()
        await pilot.press("ctrl+q")
    took = monotonic() - started
    gate.set()

    assert took < 2
    assert store.get(record.id) == record
