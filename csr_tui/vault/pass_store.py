"""`pass`, the password store of a team: quiet calls, and how many GnuPG keys can decrypt what it stores."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csr_tui.core.text import counted

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

MODULE = "keyring_pass"

MISSING = "pass is set as the keyring here, but it is not installed."
FAILED = "pass reported an error. Check that its store is initialised, and that GnuPG can decrypt its passwords."


def silence() -> None:
    """Have the backend call `pass` without the terminal, where it would write over a screen."""
    import keyring_pass

    def quietly(words: list[str], *, input: str | None = None) -> str:  # noqa: A002  # as the backend calls it
        """What `pass` prints; CalledProcessError, without the text, where it fails."""
        source: dict[str, Any] = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
        printed: str = subprocess.check_output(words, encoding="utf-8", stderr=subprocess.DEVNULL, **source)
        return printed

    keyring_pass.command = quietly


def is_pass(backend: KeyringBackend) -> bool:
    """Whether this is its backend."""
    return type(backend).__module__ == MODULE


def name_of(backend: KeyringBackend, service: str) -> str:
    """What people call it: pass, with how many can read there."""
    return f"pass, for {counted(recipients(backend, service), 'recipient')}"


def recipients(backend: Any, service: str) -> int:
    """How many GnuPG keys a password of this service is encrypted for, as the nearest .gpg-id lists them."""
    if keys := os.environ.get("PASSWORD_STORE_KEY", "").split():
        return len(keys)
    root = Path(os.environ.get("PASSWORD_STORE_DIR") or Path.home() / ".password-store")
    folder = root / str(backend.pass_key_prefix) / service
    nearest = next((one for place in (folder, *folder.parents) if (one := place / ".gpg-id").is_file()), None)
    if nearest is None:
        return 0
    return sum(bool(line.partition("#")[0].strip()) for line in nearest.read_text("utf-8").splitlines())
