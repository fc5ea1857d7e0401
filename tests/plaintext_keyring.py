"""A stand-in for keyrings.alt.file: as eager (priority 0.5), and as careless (base64 in a file)."""

import base64
import json
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from keyring.util import platform_


class PlaintextKeyring(KeyringBackend):
    priority = 0.5

    @property
    def _path(self) -> Path:
        return Path(platform_.data_root()) / "keyring_pass.cfg"

    def _kept(self) -> dict[str, str]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _keep(self, kept: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(kept))

    def get_password(self, service: str, username: str) -> str | None:
        hidden = self._kept().get(f"{service} {username}")
        return None if hidden is None else base64.b64decode(hidden).decode()

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep({**self._kept(), f"{service} {username}": base64.b64encode(password.encode()).decode()})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("Password not found")
        self._keep(kept)
