"""What several tests need: a keyring that answers at once.

The real Secret Service is judged in tests/system; elsewhere the keyring is not what is tested.
"""

from __future__ import annotations

from keyring.backend import KeyringBackend


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given for as long as the test runs, until it is told to fail."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self.kept: dict[str, str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        self._may_fail()
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may_fail()
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._may_fail()
        del self.kept[username]

    def _may_fail(self) -> None:
        if self.broken:
            raise RuntimeError
