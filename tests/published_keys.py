"""A list of published keys as badkeys has it, and a weak key of Debian for it.

The real list has 60 MB and cannot be downloaded where these tests run: this one has its documented format
(docs/BLOCKLISTFORMAT.md of badkeys), and badkeys itself reads it beside the program.
"""

from __future__ import annotations

import json
import random
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.core.keys.kinds import PrivateKey, PublicKey

_P = (
    "d1b0175e16353858c3249d5cb5777969eb2653f10afe6b8800f16d7130b39035f3b3d9772dda2e5b615c4aa0064d2cb1"
    "0b995ba10034ce0e547c9cb449efbdad6d15303f590e29073230637be82247f0688849fd2b56deb34d4cca95bf56e40d"
    "275bf284baf110c0a7f9c12cbf39dbe02b3d3d8ba0b4524c0a1a742404326b6b"
)
_Q = (
    "c62fc32ca76699955acd03e2c047636ee4dade59f4b07da82e69649798e51916aaab46f1024cbe228f7ccbc3f8187031"
    "d1d804b93f28cabd7247e9fe2991383e41af6fcc25d5f5944473a2c09c0495ffde5fe221186d63658eeeae9f2dda823b"
    "cebc2ba597e0c106a09d6afcb8269c8e55db8d05e94daee9dd91959cb2bd3149"
)
"""The primes of Debian's OpenSSL 0.9.8g-8 in process 1 (CVE-2008-0166), as HARICA computed and published them."""


def debian_key() -> rsa.RSAPrivateKey:
    """RSA 2048 as `openssl genrsa` made it there."""
    p, q = int(_P, 16), int(_Q, 16)
    d = pow(65537, -1, (p - 1) * (q - 1))
    parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *parts, rsa.RSAPublicNumbers(65537, p * q)).private_key()


def write_list(cache: Path, *keys: PrivateKey, name: str = "debianssl") -> Path:
    """A list with these keys among a thousand others, in the folder of badkeys below `cache`; gives that folder."""
    chance = random.Random(2008)
    blocks = [hashed(key.public_key()) + b"\x07" for key in keys]
    blocks += [chance.randbytes(15) + bytes([chance.randrange(3)]) for _ in range(1000)]
    folder = cache / "badkeys"
    folder.mkdir(parents=True)
    (folder / "blocklist.dat").write_bytes(b"".join(sorted(blocks)))
    source = {"id": 7, "name": name, "type": "github", "repo": "an/example", "path": "main"}
    (folder / "badkeysdata.json").write_text(json.dumps({"bkformat": 0, "blocklists": [source]}))
    return folder


def hashed(key: PublicKey) -> bytes:
    """What the list has of a key, by its document: of RSA the modulus, of ECDSA x, of Ed25519 a number of its bytes."""
    number: int | bytes
    if isinstance(key, rsa.RSAPublicKey):
        number = key.public_numbers().n
    elif isinstance(key, ec.EllipticCurvePublicKey):
        number = key.public_numbers().x
    else:
        raw = key.public_bytes_raw()
        number = int.from_bytes(raw) if isinstance(key, ed25519.Ed25519PublicKey) else raw
    text = number if isinstance(number, bytes) else number.to_bytes((number.bit_length() + 7) // 8)
    return sha256(text).digest()[:15]
