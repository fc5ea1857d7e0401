"""The vault: which keyrings it trusts, that it reads back, and that it never waits for ever."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support import MemoryKeyring

from csr_tui import timeouts
from csr_tui.core.secret import Secret
from csr_tui.errors import Hint, VaultError
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = Secret("correct horse battery staple")


class Backend(MemoryKeyring):
    """With faults on demand; the real keyring is in tests/system."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: BaseException | None = None
        self.forgets = False
        self.gate = opened()
        self.calls = 0

    def _may_fail(self) -> None:
        self.calls += 1
        self.gate.wait(20)
        if self.fault is not None:
            raise self.fault

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        if self.forgets:
            del self.kept[username]


def opened() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


def test_what_is_put_is_got_and_deleted() -> None:
    backend = Backend()
    vault = Vault(backend=backend)

    vault.put("ref", SECRET)

    assert vault.get("ref") == SECRET
    vault.delete("ref")
    vault.delete("ref")
    assert backend.kept == {}
    with pytest.raises(VaultError, match="has no password named ref"):
        vault.get("ref")


def test_a_keyring_that_takes_everything_and_keeps_nothing_is_found_out() -> None:
    backend = Backend()
    backend.forgets = True

    with pytest.raises(VaultError, match="did not store"):
        Vault(backend=backend).put("ref", SECRET)


@pytest.mark.parametrize("fault", [RuntimeError("correct horse battery staple"), OSError("bus"), SystemExit(1)])
def test_every_failure_is_one_clear_sentence_without_the_secret(fault: BaseException) -> None:
    backend = Backend()
    backend.fault = fault

    with pytest.raises(VaultError) as caught:
        Vault(backend=backend).put("ref", SECRET)

    assert caught.value.hint is Hint.KEYRING
    assert "horse" not in str(caught.value)


@pytest.fixture
def frozen() -> Iterator[Backend]:
    """A keyring that answers nothing until its gate is opened."""
    backend = Backend()
    backend.gate = gate = threading.Event()
    yield backend
    gate.set()


def test_a_keyring_that_never_answers_is_left_behind_and_costs_its_limit_once(frozen: Backend) -> None:
    vault = Vault(backend=frozen, probe_limit=0.05, limit=0.05)

    with pytest.raises(VaultError, match="did not respond within"):
        vault.get("ref")
    with pytest.raises(VaultError, match="still does not"):
        vault.delete("ref")

    assert frozen.calls == 1
    assert not vault.status().usable


def test_a_keyring_that_comes_back_to_life_is_used_again(frozen: Backend) -> None:
    vault = Vault(backend=frozen, probe_limit=0.05, limit=0.05)
    with pytest.raises(VaultError):
        vault.get("ref")
    frozen.gate.set()

    vault.put("ref", SECRET)

    assert vault.get("ref") == SECRET


def test_a_keyring_that_was_stuck_is_asked_all_the_same_when_a_person_looks_again(frozen: Backend) -> None:
    vault = Vault(backend=frozen, probe_limit=0.05, limit=0.05)
    with pytest.raises(VaultError):
        vault.get("ref")
    frozen.gate = opened()

    assert vault.status().usable
    vault.put("ref", SECRET)


def test_what_is_kept_after_nobody_waited_any_more_is_deleted_again(frozen: Backend) -> None:
    vault = Vault(backend=frozen, limit=0.05)
    with pytest.raises(VaultError):
        vault.put("ref", SECRET)

    frozen.gate.set()
    vault.delete("other")

    assert frozen.kept == {}
    assert frozen.calls > 3, "it was kept, and deleted"


def test_a_person_is_told_what_is_waited_for(frozen: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "NOTICE", 0.05)
    told: list[bool] = []

    def waiting() -> None:
        told.append(True)
        frozen.gate.set()

    Vault(backend=frozen, waiting=waiting).put("ref", SECRET)

    assert told == [True]
    assert frozen.kept == {"ref": SECRET.reveal()}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("keyring.backends.fail.Keyring", "No OS keyring is reachable"),
        ("keyring.backends.null.Keyring", "switched off"),
        ("keyrings.alt.file.PlaintextKeyring", "cannot be loaded"),
        ("tests_no_such.Keyring", "cannot be loaded"),
        ("nonsense", "cannot be loaded"),
        ("keyring.backends.SecretService.Keyring", "No OS keyring is reachable"),
    ],
)
def test_a_backend_that_keeps_nothing_or_keeps_it_in_clear_is_refused(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring.core

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)

    status = Vault().status()

    assert not status.usable
    assert says in status.sentence
    with pytest.raises(VaultError):
        Vault().put("ref", SECRET)


def test_a_plaintext_backend_is_refused_even_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.core

    plain = type("PlaintextKeyring", (Backend,), {"__module__": "keyrings.alt.file"})()
    monkeypatch.setattr(keyring.core, "_keyring_backend", plain)

    with pytest.raises(VaultError, match="not known to encrypt secrets"):
        Vault().put("ref", SECRET)
    assert plain.kept == {}


def test_of_a_chain_the_first_trusted_backend_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.core
    from keyring.backends.chainer import ChainerBackend

    plain = type("PlaintextKeyring", (Backend,), {"__module__": "keyrings.alt.file"})()
    good = type("Keyring", (Backend,), {"__module__": "keyring.backends.SecretService"})()
    chain = type("Chain", (ChainerBackend,), {"backends": [plain, good]})()
    monkeypatch.setattr(keyring.core, "_keyring_backend", chain)

    Vault().put("ref", SECRET)

    assert plain.kept == {}
    assert good.kept == {"ref": SECRET.reveal()}


def test_time_in_which_the_program_was_stopped_costs_a_call_one_step_of_its_limit() -> None:
    asked: list[float] = []

    class Stopped(threading.Event):
        """Each wait ends without an answer, as it does after Ctrl+Z and fg, however long that took."""

        def wait(self, timeout: float | None = None) -> bool:
            asked.append(timeout or 0)
            return len(asked) == 4

    assert timeouts._waited(Stopped(), 60)
    assert asked == [timeouts.STEP] * 4
    asked.clear()
    assert not timeouts._waited(Stopped(), 1.2)
    assert asked == pytest.approx([timeouts.STEP, timeouts.STEP, 0.2])
