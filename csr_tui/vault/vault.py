"""Vault: passwords by reference, and how it stands with the keyring that keeps them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from csr_tui.core.secret import Secret
from csr_tui.errors import Hint, VaultError
from csr_tui.timeouts import TimedOutError, Timeouts
from csr_tui.vault import backends

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Result = TypeVar("Result")

SERVICE = "csr-tui"

SHARED = "Each recipient can decrypt the keys whose passwords it stores."


class VaultState(Enum):
    """Whether the keyring answers at once, has to be unlocked first, or cannot be relied upon."""

    OPEN = "open"
    LOCKED = "locked"
    MISSING = "missing"


class VaultStatus(NamedTuple):
    """How it stands with the keyring, its name ("" where there is none), and one sentence about it.

    `shared` is another, where others can read what it stores.
    """

    state: VaultState
    name: str
    sentence: str
    shared: str = ""

    @property
    def usable(self) -> bool:
        """Whether it answers without anybody being asked."""
        return self.state is VaultState.OPEN


class Vault:
    """Passwords by reference. Every method may block up to its limit, and raises VaultError with a clear sentence.

    While a call that overstayed its limit is still out, the next ones are refused within a second: a frozen keyring
    costs its limit once, and an interrupted program does not wait for it again. `waiting` is called, in the caller's
    thread, when an answer takes longer than two seconds. `backend` replaces the search for one; it is trusted, so a
    test can bring its own.
    """

    def __init__(
        self,
        *,
        service: str = SERVICE,
        backend: KeyringBackend | None = None,
        probe_limit: float = 5.0,
        limit: float = 60.0,
        waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._backend = backend
        self._given = backend is not None
        self._name = "" if backend is None else backends.name_of(backend, service)
        self._looked = False
        self._probe_limit = probe_limit
        self._limit = limit
        self._timeouts = Timeouts("The keyring", waiting)

    def status(self, *, insist: bool = True) -> VaultStatus:
        """How it stands with the keyring now, found out without anybody being asked to unlock it; never raises.

        Without `insist` it is not asked again while an earlier call is stuck.
        """
        try:
            backend = self._find(insist=insist)

            def look() -> bool:
                backends.refuse_session(backend)
                return backends.is_locked(backend, self._service)

            locked = self._call(look, limit=self._probe_limit, insist=insist)
        except VaultError as error:
            return VaultStatus(VaultState.MISSING, "", str(error))
        name = self._name
        if locked:
            return VaultStatus(VaultState.LOCKED, name, f"The keyring is locked: {name}.")
        shared = SHARED if backends.is_shared(backend, self._service) else ""
        return VaultStatus(VaultState.OPEN, name, f"Key passwords are stored in {name}. {shared}".rstrip(), shared)

    def unlock(self) -> VaultStatus:
        """Have the keyring ask its person, and wait for that; never raises."""
        try:
            backend = self._find(insist=True)
            self._call(lambda: backend.get_password(self._service, "probe"), insist=True)
        except VaultError as error:
            there = self.status()
            return there if there.usable else VaultStatus(there.state, there.name, str(error))
        return self.status()

    def require(self) -> None:
        """Look for the keyring, without asking it for anything; VaultError where there is none to rely on."""
        self._find()

    def put(self, ref: str, secret: Secret) -> None:
        """Keep a secret, and read it back: some backends take everything and keep nothing.

        What a keyring keeps after all, when nobody waits for it any more, it is told to delete.
        """
        backend = self._find()

        def keep() -> bool:
            backends.refuse_session(backend)
            backend.set_password(self._service, ref, secret.reveal())
            kept = backend.get_password(self._service, ref)
            return kept is not None and Secret(kept) == secret

        if not self._call(keep, on_late=lambda: backend.delete_password(self._service, ref)):
            raise VaultError(f"{self._name} did not store the password.", hint=Hint.KEYRING)

    def find(self, ref: str) -> Secret | None:
        """The secret under this reference, or None where the keyring has none."""
        backend = self._find()
        kept = self._call(lambda: backend.get_password(self._service, ref))
        return None if kept is None else Secret(kept)

    def get(self, ref: str) -> Secret:
        """The secret under this reference; VaultError where the keyring has none."""
        kept = self.find(ref)
        if kept is None:
            raise VaultError(
                f"{self._name} has no password named {ref}. It was deleted there, or the "
                "key was generated in another account or on another computer."
            )
        return kept

    def delete(self, ref: str) -> None:
        """Remove a secret; one that is not there is as good as removed."""
        backend = self._find()

        def remove() -> None:
            if backend.get_password(self._service, ref) is not None:
                backend.delete_password(self._service, ref)

        self._call(remove)

    def _find(self, *, insist: bool = False) -> KeyringBackend:
        """The backend; only what keeps secrets encrypted is taken. Looked for again after a failure."""
        if self._backend is None:
            anew, self._looked = self._looked, True

            def look() -> tuple[KeyringBackend, str]:
                found = backends.find(anew=anew)
                return found, backends.name_of(found, self._service)

            self._backend, self._name = self._call(look, limit=self._probe_limit, insist=insist)
        return self._backend

    def _call(
        self,
        function: Callable[[], Result],
        *,
        limit: float | None = None,
        on_late: Callable[[], object] = lambda: None,
        insist: bool = False,
    ) -> Result:
        """What a call returns; whatever goes wrong is a VaultError."""
        try:
            return self._timeouts.run(limit or self._limit, function, on_late=on_late, insist=insist)
        except TimedOutError as error:
            raise VaultError(f"{error} Check for a window that asks you to unlock it.", hint=Hint.KEYRING) from error
        except VaultError as error:
            error.hint = Hint.KEYRING
            raise
        except Exception as error:  # backends raise whatever their libraries do
            if not self._given:
                self._backend = None
            raise VaultError(backends.sentence(error), hint=Hint.KEYRING) from error
