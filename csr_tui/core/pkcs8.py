"""Encrypted PKCS#8 with as many rounds as a typed password needs (RFC 8018 PBES2, RFC 5958)."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

if TYPE_CHECKING:
    from csr_tui.core.secret import Secret

ROUNDS = 600_000
"""OWASP's figure for PBKDF2-HMAC-SHA256; about 0.13 s."""

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d02090500")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def encrypt(der: bytes, password: Secret) -> str:
    """PEM of an EncryptedPrivateKeyInfo around the PKCS#8 `der`: PBKDF2-HMAC-SHA256, AES-256-CBC."""
    salt, iv = os.urandom(16), os.urandom(16)
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(password.reveal().encode())
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    text = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()

    rounds = ROUNDS.to_bytes(3, "big")
    derivation = _der(
        _SEQUENCE, _PBKDF2, _der(_SEQUENCE, _der(_OCTETS, salt), _der(_INTEGER, rounds), _der(_SEQUENCE, _HMAC_SHA256))
    )
    cipher = _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, iv))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    return _pem(_der(_SEQUENCE, scheme, _der(_OCTETS, text)))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode("ascii")
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    return "\n".join(("-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", ""))
