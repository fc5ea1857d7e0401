"""The OS keyring: only backends that really keep secrets, each write read back, each call with a time limit."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from csr_tui.core.secret import Secret
from csr_tui.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend

Result = TypeVar("Result")

SERVICE = "csr-tui"

TRUSTED = {
    "keyring.backends.SecretService": "Secret Service (GNOME Keyring, KeePassXC or KWallet)",
    "keyring.backends.libsecret": "Secret Service (libsecret)",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
"""Module of a backend that keeps secrets encrypted -> what people call it."""

WAY_OUT = (
    "Unlock or start the keyring; or hold the password yourself (--protect prompt); "
    "or, if you accept that, keep the key in clear (--no-password --protect unprotected)."
)


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """Whether there is a keyring to rely on, its name, and one sentence about it."""

    usable: bool
    name: str
    sentence: str


class Vault:
    """Passwords by reference. Every method may block up to its limit, and raises VaultError with a clear sentence.

    `backend` replaces the search for one; it is trusted, so a test can bring its own.
    """

    def __init__(
        self,
        *,
        service: str = SERVICE,
        backend: KeyringBackend | None = None,
        probe_limit: float = 5.0,
        limit: float = 60.0,
    ) -> None:
        self._service = service
        self._backend = backend
        self._given = backend is not None
        self._probe_limit = probe_limit
        self._limit = limit

    def status(self) -> VaultStatus:
        """Look for the keyring, and ask it for something that is not there; never raises."""
        try:
            backend = self._find()
            self._within(self._probe_limit, lambda: backend.get_password(self._service, "probe"))
        except VaultError as error:
            return VaultStatus(False, "", error.reason)
        name = self._name(backend)
        return VaultStatus(True, name, f"Key passwords are kept in {name}.")

    def require(self) -> None:
        """Look for the keyring, without asking it for anything; VaultError where there is none to rely on."""
        self._find()

    def put(self, ref: str, secret: Secret) -> None:
        """Keep a secret, and read it back: some backends take everything and keep nothing."""
        backend = self._find()

        def keep() -> bool:
            backend.set_password(self._service, ref, secret.reveal())
            kept = backend.get_password(self._service, ref)
            return kept is not None and Secret(kept) == secret

        if not self._within(self._limit, keep):
            raise VaultError(f"{self._name(backend)} did not keep the password it was given.", WAY_OUT)

    def find(self, ref: str) -> Secret | None:
        """The secret under this reference, or None where the keyring has none."""
        backend = self._find()
        kept = self._within(self._limit, lambda: backend.get_password(self._service, ref))
        return None if kept is None else Secret(kept)

    def get(self, ref: str) -> Secret:
        """The secret under this reference; VaultError where the keyring has none."""
        kept = self.find(ref)
        if kept is None:
            raise VaultError(
                f"{self._name(self._find())} holds no password called {ref}. Was it deleted there, or is this another "
                "account or another computer than the one that made the key?"
            )
        return kept

    def delete(self, ref: str) -> None:
        """Remove a secret; one that is not there is as good as removed."""
        backend = self._find()

        def remove() -> None:
            if backend.get_password(self._service, ref) is not None:
                backend.delete_password(self._service, ref)

        self._within(self._limit, remove)

    def _find(self) -> KeyringBackend:
        """The backend, looked for once; only what keeps secrets encrypted is taken."""
        if self._backend is None:
            found = self._within(self._probe_limit, _preferred)
            if not any(type(found).__module__.startswith(module) for module in TRUSTED):
                raise VaultError(_refusal(found), WAY_OUT)
            self._backend = found
        return self._backend

    def _within(self, limit: float, call: Callable[[], Result]) -> Result:
        """What a call returns, made in a daemon thread that is left behind after `limit` seconds."""
        result: list[Result] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                result.append(call())
            except BaseException as error:  # noqa: BLE001  # backends raise whatever their libraries do
                failure.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(limit)
        if thread.is_alive():
            raise VaultError(
                f"The keyring did not answer within {limit:.0f} seconds. Is a window waiting for you to unlock it?",
                WAY_OUT,
            )
        if failure:
            if not self._given:
                self._backend = None
            if isinstance(failure[0], VaultError):
                raise failure[0]
            raise VaultError(_sentence(failure[0]), WAY_OUT) from failure[0]
        return result[0]

    def _name(self, backend: KeyringBackend) -> str:
        module = type(backend).__module__
        return next((name for prefix, name in TRUSTED.items() if module.startswith(prefix)), "the keyring")


def _preferred() -> KeyringBackend:
    """The backend that `keyring` chooses here; of a chain of them, the first that can be trusted."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    if not isinstance(chosen, ChainerBackend):
        return chosen
    trusted = (
        backend for backend in chosen.backends if any(type(backend).__module__.startswith(module) for module in TRUSTED)
    )
    return next(trusted, chosen)


def _refusal(backend: KeyringBackend) -> str:
    module = type(backend).__module__
    if module.startswith("keyring.backends.fail"):
        return "There is no OS keyring here that can be reached (no Secret Service on this D-Bus session)."
    if module.startswith("keyring.backends.null"):
        return "The keyring is switched off here (the null backend keeps nothing)."
    return (
        f"The keyring here ({module}.{type(backend).__name__}) is not one that is known to keep secrets encrypted, so "
        f"nothing is given to it."
    )


def _sentence(error: BaseException) -> str:
    """What a backend's own error means; its text is left out, for it may quote what it was given."""
    match type(error).__name__:
        case "NoKeyringError" | "ModuleNotFoundError" | "ImportError":
            return "There is no OS keyring here that can be reached."
        case "KeyringLocked" | "InitError" | "LockedException":
            return "The keyring is locked, and nobody answered its prompt."
        case "SecretServiceNotAvailableException" | "DBusErrorResponse" | "ConnectionResetError" | "BrokenPipeError":
            return "The keyring went away in the middle of the call."
        case "PasswordSetError" | "PasswordDeleteError":
            return "The keyring refused the change."
        case name:
            return f"The keyring failed ({name})."
