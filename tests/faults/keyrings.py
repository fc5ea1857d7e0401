"""The keyrings that a killed process leaves behind: the real Secret Service, and a folder that stands in for it."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import secretstorage
from faults.scenarios import KeyringFailed
from jeepney import DBusErrorResponse
from keyring.backend import KeyringBackend
from keyring.backends import SecretService
from secret_service import running
from secretstorage.exceptions import SecretStorageException

from csr_tui.errors import VaultError
from csr_tui.vault import SERVICE, Vault

if TYPE_CHECKING:
    from collections.abc import Iterator


class FolderKeyring(KeyringBackend):
    """A file for each password: quick, and it outlives whoever wrote it."""

    priority = 1

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        path = self._folder / username
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        (self._folder / username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        (self._folder / username).unlink()


@dataclass(frozen=True, slots=True)
class Folder:
    """Stands in for the OS keyring."""

    path: Path

    def __str__(self) -> str:
        return f"folder:{self.path}"

    def vault(self) -> Vault:
        self.path.mkdir(exist_ok=True)
        return Vault(backend=FolderKeyring(self.path))

    def names(self) -> set[str]:
        return {path.name for path in self.path.iterdir()} if self.path.exists() else set()


@dataclass(frozen=True, slots=True)
class Service:
    """The Secret Service on the session bus of the environment, of which worlds with other names see nothing."""

    name: str = SERVICE

    def __str__(self) -> str:
        return f"service:{self.name}"

    def vault(self) -> Vault:
        keyring = SecretService.Keyring()  # type: ignore[no-untyped-call]  # keyring has no types there
        return Vault(service=self.name, backend=keyring)

    def names(self) -> set[str]:
        with closing(secretstorage.dbus_init()) as bus:
            found = secretstorage.search_items(bus, {"service": self.name})
            return {item.get_attributes()["username"] for item in found}


Keyring = Folder | Service


def keyring_of(text: str) -> Keyring:
    """The keyring that a process is told of in an argument."""
    kind, _, rest = text.partition(":")
    return Service(rest) if kind == "service" else Folder(Path(rest))


@contextmanager
def service() -> Iterator[Service]:
    """A Secret Service of one's own; KeyringFailed where it does not start or ends by itself, whatever came of that."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        try:
            started = stack.enter_context(running(Path(folder)))
        except Exception as error:  # its libraries have no common error
            raise KeyringFailed(f"gnome-keyring-daemon did not start: {error!r}") from error
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = started.environment["DBUS_SESSION_BUS_ADDRESS"]
        try:
            yield Service()
        except (VaultError, SecretStorageException, DBusErrorResponse, ConnectionError) as error:
            raise KeyringFailed(repr(error)) from error
        finally:
            for name, status in (("gnome-keyring", started.daemon.poll()), ("the bus", started.bus.poll())):
                if status is not None:
                    raise KeyringFailed(f"{name} ended by itself, with {status}")
