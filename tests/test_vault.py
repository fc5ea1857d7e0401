"""The vault: which keyrings it trusts, that it reads back, and that it never waits for ever."""

from __future__ import annotations

import threading

import pytest
from keyring.backend import KeyringBackend

from csr_tui.core.secret import Secret
from csr_tui.errors import VaultError
from csr_tui.vault import Vault

SECRET = Secret("correct horse battery staple")


class Backend(KeyringBackend):
    """A keyring in memory, with faults on demand; the real one is in tests/system."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self.fault: BaseException | None = None
        self.forgets = False
        self.gate: threading.Event | None = None

    def _pass(self) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.fault is not None:
            raise self.fault

    def get_password(self, service: str, username: str) -> str | None:
        self._pass()
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._pass()
        if not self.forgets:
            self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._pass()
        del self.kept[username]


def test_what_is_put_is_got_and_deleted() -> None:
    backend = Backend()
    vault = Vault(backend=backend)

    vault.put("ref", SECRET)

    assert vault.get("ref") == SECRET
    vault.delete("ref")
    vault.delete("ref")
    assert backend.kept == {}
    with pytest.raises(VaultError, match="holds no password called ref"):
        vault.get("ref")


def test_a_keyring_that_takes_everything_and_keeps_nothing_is_found_out() -> None:
    backend = Backend()
    backend.forgets = True

    with pytest.raises(VaultError, match="did not keep"):
        Vault(backend=backend).put("ref", SECRET)


@pytest.mark.parametrize("fault", [RuntimeError("correct horse battery staple"), OSError("bus"), SystemExit(1)])
def test_every_failure_is_one_clear_sentence_without_the_secret(fault: BaseException) -> None:
    backend = Backend()
    backend.fault = fault

    with pytest.raises(VaultError) as caught:
        Vault(backend=backend).put("ref", SECRET)

    assert "--protect prompt" in str(caught.value)
    assert "horse" not in str(caught.value)


def test_a_keyring_that_never_answers_is_left_behind() -> None:
    backend = Backend()
    backend.gate = threading.Event()
    vault = Vault(backend=backend, probe_limit=0.05, limit=0.05)

    with pytest.raises(VaultError, match="did not answer within"):
        vault.get("ref")
    assert not vault.status().usable
    backend.gate.set()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("keyring.backends.fail.Keyring", "no OS keyring here"),
        ("keyring.backends.null.Keyring", "switched off"),
        ("keyrings.alt.file.PlaintextKeyring", "no OS keyring here"),
        ("tests_no_such.Keyring", "no OS keyring here"),
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

    with pytest.raises(VaultError, match="not one that is known to keep secrets encrypted"):
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
