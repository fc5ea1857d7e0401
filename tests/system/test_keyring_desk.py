"""The desk in every situation of the keyring: a real terminal, a real Secret Service, real failures."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import secret_service as service
from situations import SAYS, SILENT, SITUATIONS, patience
from terminal import PATIENCE, Terminal

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from secret_service import SecretService

pytestmark = pytest.mark.system

BRIEF = """
import os, sys
from pathlib import Path
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault
home = Path(os.environ["CSR_TUI_HOME"])
with RecordStore(home / "data" / "records.db") as store:
    probe, limit = map(float, sys.argv[1:])
    CsrTui(store, Vault(probe_limit=probe, limit=limit), exports=home / "exports").run()
"""
"""The desk, but that it waits seconds for the keyring, where it waits a minute for the person in front of it."""


@pytest.fixture
def desk(
    tmp_path: Path, secret_service: SecretService, require: Callable[..., None]
) -> Iterator[Callable[..., Terminal]]:
    """Opens it on one draft that can be generated, in the environment as it is then."""
    require("tmux", "ps")

    def start(*program: str) -> Terminal:
        variables = {name: value for name, value in secret_service.environment.items() if name in VARIABLES}
        return opened.enter_context(Terminal(tmp_path, program=program, variables=variables))

    record = Record("0000000001", subject=Subject(domain="www.example.com"), key=KeySpec("ECC", "prime256v1"))
    with RecordStore(tmp_path / "home-of-terminal" / "data" / "records.db") as store:
        store.add(record)
    with ExitStack() as opened:
        yield start


VARIABLES = (
    "HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "PYTHON_KEYRING_BACKEND",
    "PYTHONPATH",
)


def stored(terminal: Terminal) -> Record:
    with RecordStore(terminal.home / "data" / "records.db") as store:
        return store.get("0000000001")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_person_whose_keyring_fails_is_led_to_what_needs_none(
    secret_service: SecretService, desk: Callable[..., Terminal], situation: str
) -> None:
    with SITUATIONS[situation](secret_service):
        terminal = desk("-c", BRIEF, *map(str, patience(situation)))
        terminal.see("www.example.com", "draft", ": V")
        terminal.press("g")
        asked = terminal.see("Choose how to continue.", "No encryption at all")
        before = stored(terminal)
        terminal.press("Down", "Down")
        terminal.see("(•) No encryption at all")
        terminal.press("Enter", "Enter")
        terminal.see("generated, verified and saved")
        terminal.press("C-q")
        terminal.see("STATUS 0")

    assert SAYS[situation] in " ".join(asked.replace("│", " ").split())
    assert before.state is State.DRAFT
    assert stored(terminal).custody is Custody.NONE_UNPROTECTED


@pytest.mark.parametrize("situation", SILENT)
def test_the_desk_is_left_within_two_seconds_while_the_keyring_is_stuck(
    secret_service: SecretService, desk: Callable[..., Terminal], situation: str
) -> None:
    with SITUATIONS[situation](secret_service):
        terminal = desk("-m", "csr_tui")
        terminal.see("www.example.com", "draft")
        pid = terminal.pid()
        terminal.press("g")
        terminal.see("Storing the password in the keyring")
        terminal.press("C-q")
        pressed = time.monotonic()
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < pressed + PATIENCE:  # noqa: PTH110  # a process
            time.sleep(0.02)
        took = time.monotonic() - pressed
        terminal.see("STATUS 0")

    assert took < 2
    assert stored(terminal).state is State.DRAFT


def test_a_locked_keyring_is_unlocked_from_the_desk_and_holds_the_next_key(
    secret_service: SecretService, desk: Callable[..., Terminal]
) -> None:
    secret_service.lock()
    terminal = desk("-m", "csr_tui")
    terminal.see("keyring locked: V")
    terminal.press("v")
    terminal.see("The keyring is locked")

    with secret_service.prompter("answer"):
        terminal.press("r")
        terminal.see("✓ Key passwords are stored in GNOME Keyring")
    terminal.press("Escape")
    terminal.see("✓ GNOME Keyring")
    terminal.press("g")
    terminal.see("generated, verified and saved", "random, in")

    assert stored(terminal).custody.in_keyring


def test_a_bus_that_dies_under_the_open_desk_loses_nothing(
    secret_service: SecretService, desk: Callable[..., Terminal]
) -> None:
    terminal = desk("-m", "csr_tui")
    terminal.see("✓ GNOME Keyring", "www.example.com")
    secret_service.bus.kill()
    secret_service.bus.wait()
    terminal.press("g")
    asked = terminal.see("Choose how to continue.")
    terminal.press("Escape")
    terminal.see("no keyring: V")

    assert "The keyring" in asked
    assert stored(terminal).state is State.DRAFT


def test_a_keyring_that_is_started_later_is_found_by_looking_again(
    secret_service: SecretService, desk: Callable[..., Terminal], tmp_path: Path
) -> None:
    address = f"unix:path={tmp_path}/later"
    secret_service.environment["DBUS_SESSION_BUS_ADDRESS"] = address
    terminal = desk("-m", "csr_tui")
    terminal.see("no keyring: V", "www.example.com")

    with service.running(tmp_path / "later-home", address=address):
        terminal.press("v")
        terminal.see("Key passwords are stored in")
        terminal.press("Escape")
        terminal.see("✓ GNOME Keyring")
        terminal.press("g")
        terminal.see("generated, verified and saved")

    assert stored(terminal).custody.in_keyring
