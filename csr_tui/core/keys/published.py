"""Keys whose private half anyone can have: Debian's weak keys of 2008, and keys of documents, firmware and test suites.

The project badkeys collects them in a list of 60 MB, which `badkeys --update-bl` downloads. csr-tui only reads it;
without it, every key counts as unpublished. docs/BLOCKLISTFORMAT.md of badkeys describes the format: sorted blocks of
16 bytes, 15 of them the start of a SHA-256, the last the number of a collection that badkeysdata.json names.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui import access
from csr_tui.core.keys.kinds import PublicKey

BLOCK = 16
"""Bytes of a block of the list."""

HASH = 15
"""Bytes of SHA-256 in it."""

LARGEST = 1 << 20
"""Bytes that are read of badkeysdata.json; it has a few thousand."""


def collection(key: PublicKey) -> str | None:
    """The collection that has this key, such as `debianssl`; None where the list has it not, or cannot be read."""
    wanted = sha256(_number(key)).digest()[:HASH]
    with suppress(OSError), _file("blocklist.dat") as file:
        descriptor = file.fileno()
        blocks = range(os.fstat(descriptor).st_size // BLOCK)
        place = bisect_left(blocks, wanted, key=lambda block: os.pread(descriptor, HASH, block * BLOCK))
        found = os.pread(descriptor, BLOCK, place * BLOCK)
        if found[:HASH] == wanted:
            return _name(found[-1])
    return None


def size() -> int | None:
    """How many keys the list has; None where it cannot be read."""
    with suppress(OSError), _file("blocklist.dat") as file:
        return os.fstat(file.fileno()).st_size // BLOCK
    return None


def _number(key: PublicKey) -> bytes:
    """What of a key is hashed: the number that stands for it, without leading zeros, or its raw bytes."""
    if isinstance(key, rsa.RSAPublicKey):
        return _bytes(key.public_numbers().n)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _bytes(key.public_numbers().x)
    raw = key.public_bytes_raw()
    return raw.lstrip(b"\0") if isinstance(key, ed25519.Ed25519PublicKey) else raw


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _name(identifier: int) -> str:
    """What badkeys calls a collection; its number where that cannot be read."""
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError), _file("badkeysdata.json") as file:
        for entry in json.loads(file.read(LARGEST))["blocklists"]:
            if entry["id"] == identifier:
                return str(entry["name"])
    return f"collection {identifier}"


def _file(name: str) -> BinaryIO:
    """Open a file in the cache folder of badkeys; OSError where it cannot be read."""
    cache = os.environ.get("XDG_CACHE_HOME")
    folder = Path(cache) if cache else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111  # never raises
    return open(folder / "badkeys" / name, "rb", buffering=0, opener=access.plain_only)
