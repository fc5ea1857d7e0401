"""A keyring in memory, for what is played through and not kept."""

from __future__ import annotations

from keyring.backend import KeyringBackend

from csr_tui.vault.vault import Vault


def in_memory() -> Vault:
    """A vault that nobody else sees, and that is gone with the last reference to it."""
    return Vault(backend=_Memory())


class _Memory(KeyringBackend):
    priority = -1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types here
        self._passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._passwords.pop((service, username), None)
