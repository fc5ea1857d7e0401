"""Which keyring there is: the trusted one of those that are installed, whether it is locked, what its errors mean."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csr_tui.core.text import escaped
from csr_tui.errors import VaultError
from csr_tui.vault import pass_store

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

TRUSTED = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
}
"""Module of a backend that keeps secrets encrypted -> what people call it."""

SERVICES = {
    "gnome-keyring-d": "GNOME Keyring",
    "kwalletd5": "KWallet",
    "kwalletd6": "KWallet",
    "ksecretd": "KWallet",
    "keepassxc": "KeePassXC",
}
"""Process that owns the Secret Service's name on the bus, in the 15 letters Linux keeps -> what people call it."""

UNIX = ("keyring.backends.SecretService", "keyring.backends.libsecret", "keyring.backends.kwallet")
MACOS = ("keyring.backends.macOS",)

ALIASES = "/org/freedesktop/secrets/aliases/"
SESSION = (
    "The keyring here uses its session collection, which is emptied at logout, so csr-tui stores nothing in it. Set a "
    "permanent collection as its default, and unset KEYRING_PROPERTY_* variables that name another."
)
NONE = "No OS keyring is reachable here (no Secret Service on this D-Bus session)."


def find(*, anew: bool) -> KeyringBackend:
    """The backend that is named in the environment or in keyringrc.cfg, else the best of this system's own.

    `keyring` remembers what it was given; `anew` has it look again, for one that has appeared since. It is not left to
    `keyring` to look: it would load the backends of other systems too, and its macOS one calls compilers anywhere.
    Raises VaultError where it is not to be trusted, and whatever the libraries do. `pass` is taken where it is named
    alone: a team may read there.
    """
    from keyring import core
    from keyring.backends.chainer import ChainerBackend

    try:
        if anew or core._keyring_backend is None:  # noqa: SLF001  # get_keyring would look for one by itself
            if find_spec(pass_store.MODULE) is not None:
                pass_store.silence()  # before it is loaded by its name, which calls it
            core.set_keyring(core.load_env() or core.load_config() or _best())
        chosen = core.get_keyring()
    except (ImportError, AttributeError, ValueError) as error:
        raise VaultError(
            "The keyring that PYTHON_KEYRING_BACKEND or keyringrc.cfg names here cannot be loaded."
        ) from error
    except RuntimeError as error:  # a backend that is named there and not viable here
        raise VaultError(pass_store.MISSING if "executable is missing" in str(error) else NONE) from error
    if isinstance(chosen, ChainerBackend):
        chosen = next((one for one in chosen.backends if _trusted(one)), chosen)
    if not (_trusted(chosen) or pass_store.is_pass(chosen)):
        raise VaultError(_refusal(chosen))
    return chosen


def _best() -> KeyringBackend:
    """Of the trusted backends of this system that work here, the one that `keyring` ranks first."""
    from importlib import import_module

    from keyring.backend import KeyringBackend
    from keyring.backends.fail import Keyring as Nothing

    working: list[type[KeyringBackend]] = []
    for name in MACOS if sys.platform == "darwin" else UNIX:
        with suppress(ImportError, AttributeError):  # where a library is missing, or another version than is known
            kinds = vars(import_module(name)).values()
            working += [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, KeyringBackend)]
    working = [kind for kind in working if kind.__module__ in TRUSTED and kind.viable]
    best = max(working, key=lambda kind: kind.priority, default=Nothing)
    return best()


def name_of(backend: KeyringBackend, service: str) -> str:
    """What people call it: the program behind a Secret Service, where this system knows that."""
    if pass_store.is_pass(backend):
        return pass_store.name_of(backend, service)
    module = type(backend).__module__
    name = next((name for prefix, name in TRUSTED.items() if module.startswith(prefix)), "the keyring")
    return _service() or name if name == "Secret Service" else name


def _service() -> str | None:
    try:
        import secretstorage
        from jeepney import DBusAddress, new_method_call

        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        owner = new_method_call(bus, "GetConnectionUnixProcessID", "s", ("org.freedesktop.secrets",))
        with closing(secretstorage.dbus_init()) as connection:
            pid = int(connection.send_and_get_reply(owner, timeout=1).body[0])
        return SERVICES.get(Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip())
    except Exception:  # noqa: BLE001  # of two libraries and a bus; a name is not worth a failure
        return None


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


def is_shared(backend: KeyringBackend, service: str) -> bool:
    """Whether others than the person can read what it stores."""
    return pass_store.is_pass(backend) and pass_store.recipients(backend, service) > 1


def refuse_session(backend: KeyringBackend) -> None:
    """VaultError where a Secret Service would put passwords into its session collection, by choice or by default."""
    module = type(backend).__module__
    if not module.startswith(("keyring.backends.SecretService", "keyring.backends.libsecret")):
        return
    import secretstorage

    chosen = str(getattr(backend, "preferred_collection", None) or getattr(backend, "collection", None) or "default")
    alias = chosen.removeprefix(ALIASES)
    try:
        bus = secretstorage.dbus_init()
    except secretstorage.SecretServiceNotAvailableException:
        return  # a service that cannot be reached keeps nothing
    with closing(bus):
        session, used = (_path(bus, name) for name in ("session", alias))
    if used in {session, "/org/freedesktop/secrets/collection/session"}:
        raise VaultError(SESSION)


def sentence(error: BaseException) -> str:
    """What a backend's own error means; its text is left out, for it may quote what it was given."""
    match type(error).__name__:
        case "NoKeyringError" | "ModuleNotFoundError" | "ImportError":
            return NONE
        case "KeyringLocked" | "InitError" | "LockedException":
            return "The keyring is locked and was not unlocked."
        case "SecretServiceNotAvailableException" | "DBusErrorResponse" | "ConnectionResetError" | "BrokenPipeError":
            return "The keyring stopped during the call."
        case "PasswordSetError" | "PasswordDeleteError":
            return "The keyring rejected the change."
        case "CalledProcessError":
            return pass_store.FAILED
        case name:
            return f"The keyring failed ({name})."


def _path(bus: Any, alias: str) -> str:
    """The collection behind an alias; a path is one already."""
    import secretstorage

    if alias.startswith("/"):
        return alias
    try:
        return secretstorage.get_collection_by_alias(bus, alias).collection_path
    except secretstorage.ItemNotFoundException:
        return f"no collection is called {alias}"


def _trusted(backend: KeyringBackend) -> bool:
    return any(type(backend).__module__.startswith(module) for module in TRUSTED)


def _refusal(backend: KeyringBackend) -> str:
    """Why a backend is not trusted. Where there is none, another that is installed is named, and not loaded."""
    from importlib.metadata import entry_points

    module = type(backend).__module__
    if module.startswith("keyring.backends.fail"):
        others = (entry.value for entry in entry_points(group="keyring.backends"))
        known = ("keyring.backends.", pass_store.MODULE)
        other = next((name for name in others if not name.startswith(known)), None)
        return NONE if other is None else _unknown(other)
    if module.startswith("keyring.backends.null"):
        return "The keyring is switched off here (the null backend stores nothing)."
    return _unknown(f"{module}.{type(backend).__name__}")


def _unknown(name: str) -> str:
    return f"The keyring here ({escaped(name)}) is not known to encrypt secrets, so csr-tui stores nothing in it."
