"""Which keyring there is: the trusted one of those that are installed, whether it is locked, what its errors mean."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from csr_tui.errors import VaultError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

TRUSTED = {
    "keyring.backends.SecretService": "Secret Service (GNOME Keyring, KeePassXC or KWallet)",
    "keyring.backends.libsecret": "Secret Service (libsecret)",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
"""Module of a backend that keeps secrets encrypted -> what people call it."""

NONE = "There is no OS keyring here that can be reached (no Secret Service on this D-Bus session)."


def find(*, anew: bool) -> KeyringBackend:
    """The backend that `keyring` chooses here; of a chain of them, the first that can be trusted.

    `keyring` remembers what it found once; `anew` has it look again, for one that has appeared since.
    Raises VaultError where it is not to be trusted, and whatever the libraries do.
    """
    import keyring
    from keyring import backend, core
    from keyring.backends.chainer import ChainerBackend

    try:
        if anew:
            with suppress(KeyError):
                backend.get_all_keyring.reset()
            core.init_backend()
        chosen = keyring.get_keyring()
    except (ImportError, AttributeError, ValueError) as error:
        raise VaultError(
            "The keyring that PYTHON_KEYRING_BACKEND or keyringrc.cfg names here cannot be loaded."
        ) from error
    except RuntimeError as error:  # a backend that is named there and not viable here
        raise VaultError(NONE) from error
    if isinstance(chosen, ChainerBackend):
        chosen = next((one for one in chosen.backends if _trusted(one)), chosen)
    if not _trusted(chosen):
        raise VaultError(_refusal(chosen))
    return chosen


def name_of(backend: KeyringBackend) -> str:
    """What people call it."""
    module = type(backend).__module__
    return next((name for prefix, name in TRUSTED.items() if module.startswith(prefix)), "the keyring")


def is_locked(backend: KeyringBackend, service: str) -> bool:
    """Whether it would have to ask somebody before it answers; found out without making it ask.

    KWallet is taken for open: there is no way to look at it that does not open it.
    """
    module = type(backend).__module__
    if module.startswith("keyring.backends.kwallet"):
        return False
    if not module.startswith("keyring.backends.SecretService"):
        backend.get_password(service, "probe")
        return False

    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            return bool(secretstorage.get_collection_by_alias(bus, "default").is_locked())
        except secretstorage.ItemNotFoundException:
            return True  # none was made yet: its first use asks for a password for it


def sentence(error: BaseException) -> str:
    """What a backend's own error means; its text is left out, for it may quote what it was given."""
    match type(error).__name__:
        case "NoKeyringError" | "ModuleNotFoundError" | "ImportError":
            return NONE
        case "KeyringLocked" | "InitError" | "LockedException":
            return "The keyring is locked, and nobody unlocked it."
        case "SecretServiceNotAvailableException" | "DBusErrorResponse" | "ConnectionResetError" | "BrokenPipeError":
            return "The keyring went away in the middle of the call."
        case "PasswordSetError" | "PasswordDeleteError":
            return "The keyring refused the change."
        case name:
            return f"The keyring failed ({name})."


def _trusted(backend: KeyringBackend) -> bool:
    return any(type(backend).__module__.startswith(module) for module in TRUSTED)


def _refusal(backend: KeyringBackend) -> str:
    module = type(backend).__module__
    if module.startswith("keyring.backends.fail"):
        return NONE
    if module.startswith("keyring.backends.null"):
        return "The keyring is switched off here (the null backend keeps nothing)."
    return (
        f"The keyring here ({module}.{type(backend).__name__}) is not one that is known to keep secrets encrypted, so "
        "nothing is given to it."
    )
