"""Which PKCS #11 modules this machine has: those of p11-kit, or those that the person has set."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from csr_tui.core import toml
from csr_tui.core.text import escaped
from csr_tui.errors import Hint, TokenError

PATIENCE = 10.0
"""Seconds for p11-kit, which loads each module to name it."""

_TRUST = "p11-kit-trust"
"""The certificates that the system trusts; it has no keys."""

_FOLDERS = ("/usr/lib/*/pkcs11", "/usr/lib64/pkcs11", "/usr/lib/pkcs11", "/usr/local/lib/pkcs11")
"""Where p11-kit finds a module that its configuration names without a folder."""


@dataclass(frozen=True, slots=True)
class Module:
    """A library that speaks PKCS #11, and what to call it."""

    name: str
    path: Path


def chosen(text: str) -> tuple[Module, ...]:
    """Those that `token.module` names in the text of the settings; ValueError, with the reason, where it is none."""
    settings = toml.read(text)
    table = settings.get("token", {})
    if odd := [*(settings.keys() - {"token"}), *(table.keys() - {"module"} if isinstance(table, dict) else ())]:
        raise ValueError(f"{escaped(min(odd)[:40])} is not a setting; module in the table token is the only one")
    value = table.get("module", []) if isinstance(table, dict) else None
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        raise ValueError("module in the table token is not a path or a list of paths")
    return tuple(Module(Path(path).name, Path(path)) for path in paths)


def of_p11_kit() -> tuple[Module, ...]:
    """Those that this machine has registered; TokenError where nobody knows."""
    try:
        run = subprocess.run(
            ["p11-kit", "list-modules"], capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise TokenError(
            "p11-kit is not installed, so the PKCS #11 modules of this machine are not known. Install it, or name a "
            "module in the settings.",
            hint=Hint.TOKEN_MODULE,
        ) from None
    except subprocess.TimeoutExpired:
        raise TokenError(f"p11-kit did not list its modules within {PATIENCE:.0f} seconds.") from None
    found = []
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        name, colon, path = line.partition(": ")
        if colon and not line[:1].isspace() and not name.startswith(_TRUST):
            found.append(Module(escaped(name), _whole(path.strip())))
    return tuple(found)


def _whole(path: str) -> Path:
    if "/" not in path:
        for folder in _FOLDERS:
            for whole in sorted(Path("/").glob(f"{folder[1:]}/{path}")):
                return whole
    return Path(path)
