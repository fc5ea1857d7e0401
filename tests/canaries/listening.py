"""Secrets that can be recognised anywhere, and where to listen for them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPED = "canary typed Xq7 marsh-warbler"
OTHER = "canary other Zk3 reed-bunting"
CLOUD = "CanaryCloudKey4Vw9GoldenOriole55"
SENT = "canary sent Jp8 wood-lark"
CHALLENGE = "canary challenge Ws5 bluethroat"


def spellings(secret: bytes) -> tuple[bytes, ...]:
    """The bytes themselves, and what they are within base64, wherever in it they begin."""
    encoded = []
    for before in range(3):
        whole = b64encode(b"\0" * before + secret)
        first, last = (0, 2, 3)[before], (len(secret) + before) * 8 // 6
        encoded.append(whole[first:last])
    return secret, *encoded


def heard(secrets: Mapping[str, str | bytes], places: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Which secret is to be found in which place."""
    return {
        (name, place)
        for name, secret in secrets.items()
        for spelling in spellings(secret.encode() if isinstance(secret, str) else secret)
        for place, found in places.items()
        if spelling in found
    }


def files(*folders: Path) -> dict[str, bytes]:
    """Every file below some folders, and its name, which is a place too."""
    found: dict[str, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):
                found[str(path)] = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
    return found


def processes(root: int) -> dict[str, bytes]:
    """What everybody can see of a process and of those that it started: arguments and environment."""
    found: dict[str, bytes] = {}
    for pid in (root, *_children(root)):
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                found[f"/proc/{pid}/{name}"] = Path(f"/proc/{pid}/{name}").read_bytes()
    return found


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _children(int(child))


def of_key(pem: str) -> bytes:
    """Some of the bytes of a clear key in PEM; whoever holds a line of it holds most of the key."""
    lines = [line for line in pem.splitlines() if line and not line.startswith(("-", "#"))]
    return b64decode(lines[len(lines) // 2])
