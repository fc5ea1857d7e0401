"""Encrypted PKCS#8 with as many rounds as a password needs (RFC 8018 PBES2, RFC 5958), for one key or for thousands."""

from __future__ import annotations

import base64
import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

if TYPE_CHECKING:
    from csr_tui.core.secret import Secret

ROUNDS = 600_000
"""OWASP's figure for PBKDF2-HMAC-SHA256, for what a person typed; about 0.13 s."""

FEW_ROUNDS = 2_048
"""What pyca and OpenSSL use: enough for a random password, which nobody guesses."""

_BEGIN, _END = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "-----END ENCRYPTED PRIVATE KEY-----\n"

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d02090500")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30

_PARTS = re.compile(
    re.escape(_PBKDF2)
    + rb"\x30.\x04\x10(?P<salt>.{16})\x02[\x02\x03](?P<rounds>.{2,3})\x30."
    + re.escape(_HMAC_SHA256)
    + rb"\x30."
    + re.escape(_AES256_CBC)
    + rb"\x04\x10(?P<iv>.{16})\x04(?:[^\x80-\xff]|\x81.|\x82..)(?P<text>.+)",
    re.DOTALL,
)
"""Where the parts of an EncryptedPrivateKeyInfo stand that was written here."""


class Stretched:
    """A password, and the keys that PBKDF2 makes of it: each is made once, however much is locked or opened with it.

    All that one of these locks has one salt, and an initialization vector of its own each. What a person `typed` gets
    `ROUNDS`, a random password `FEW_ROUNDS`; how many to open with is said in what is opened.
    """

    def __init__(self, password: Secret, *, typed: bool = False) -> None:
        self.password = password
        self._rounds = ROUNDS if typed else FEW_ROUNDS
        self._salt = os.urandom(16)
        self._keys: dict[tuple[bytes, int], bytes] = {}

    def encrypt(self, der: bytes) -> str:
        """PEM of an EncryptedPrivateKeyInfo around the PKCS#8 `der`: PBKDF2-HMAC-SHA256, AES-256-CBC."""
        iv = os.urandom(16)
        padder = padding.PKCS7(128).padder()
        encryptor = self._cipher(self._salt, self._rounds, iv).encryptor()
        text = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
        return _pem(_info(self._salt, self._rounds, iv, text))

    def decrypt(self, pem: str) -> bytes | None:
        """The `der` in a PEM that `encrypt` wrote; None for any other. ValueError where the password is another one."""
        try:
            info = base64.b64decode(pem.removeprefix(_BEGIN).removesuffix(_END), validate=False)
        except ValueError:
            return None
        found = _PARTS.search(info)
        if found is None:
            return None
        salt, rounds, iv, text = found["salt"], int.from_bytes(found["rounds"], "big"), found["iv"], found["text"]
        if _pem(_info(salt, rounds, iv, text)) != pem:
            return None
        decryptor = self._cipher(salt, rounds, iv).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        return unpadder.update(decryptor.update(text) + decryptor.finalize()) + unpadder.finalize()

    def _cipher(self, salt: bytes, rounds: int, iv: bytes) -> Cipher[modes.CBC]:
        if (salt, rounds) not in self._keys:
            derivation = PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds)
            self._keys[salt, rounds] = derivation.derive(self.password.reveal().encode())
        return Cipher(algorithms.AES256(self._keys[salt, rounds]), modes.CBC(iv))


def _info(salt: bytes, rounds: int, iv: bytes, text: bytes) -> bytes:
    cipher = _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, iv))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, _derivation(salt, rounds), cipher))
    return _der(_SEQUENCE, scheme, _der(_OCTETS, text))


@lru_cache(maxsize=16)
def _derivation(salt: bytes, rounds: int) -> bytes:
    count = rounds.to_bytes(rounds.bit_length() // 8 + 1, "big")  # signed, so that a first bit of 1 needs a byte more
    parameters = _der(_SEQUENCE, _der(_OCTETS, salt), _der(_INTEGER, count), _der(_SEQUENCE, _HMAC_SHA256))
    return _der(_SEQUENCE, _PBKDF2, parameters)


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode("ascii")
    return "".join((_BEGIN, *(f"{text[at : at + 64]}\n" for at in range(0, len(text), 64)), _END))
