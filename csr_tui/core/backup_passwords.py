"""Key passwords under a passphrase, for a backup that leaves this machine.

The passphrase becomes a key by scrypt (RFC 7914); that key encrypts a JSON object, name in the keyring -> password,
with AES-256-GCM (NIST SP 800-38D). The costs of scrypt are authenticated along with it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

FORMAT = 1
COST, BLOCK, PARALLEL = 1 << 17, 8, 1
"""scrypt's N, r and p, as OWASP has them: 128 MiB and about half a second."""

MOST_MEMORY = 1 << 30
"""Bytes that are gone through; a file that asks for more than this is not of our making."""


@dataclass(frozen=True, slots=True)
class SealedPasswords:
    """What a backup holds of passwords: the costs of scrypt, its salt, the nonce, and the encrypted text."""

    format: int
    cost: int
    block: int
    parallel: int
    salt: bytes
    nonce: bytes
    text: bytes


def seal(passwords: Mapping[str, Secret], passphrase: Secret) -> SealedPasswords:
    text = json.dumps({name: password.reveal() for name, password in passwords.items()}).encode()
    empty = SealedPasswords(FORMAT, COST, BLOCK, PARALLEL, os.urandom(16), os.urandom(12), b"")
    sealed = AESGCM(_key(empty, passphrase)).encrypt(empty.nonce, text, _header(empty))
    return SealedPasswords(FORMAT, COST, BLOCK, PARALLEL, empty.salt, empty.nonce, sealed)


def unseal(sealed: SealedPasswords, passphrase: Secret) -> dict[str, Secret]:
    """The passwords; PasswordError where the passphrase is another one, InvalidError where they cannot be read."""
    if sealed.format != FORMAT:
        raise InvalidError("The passwords in this backup were written by a newer csr-tui. Update csr-tui.")
    costs = (sealed.cost, sealed.block, sealed.parallel)
    if min(costs) < 1 or not 1 < sealed.cost * sealed.block * sealed.parallel * 128 <= MOST_MEMORY:
        raise InvalidError("The passwords in this backup are damaged: their key derivation costs are invalid.")
    try:
        text = AESGCM(_key(sealed, passphrase)).decrypt(sealed.nonce, sealed.text, _header(sealed))
    except InvalidTag:
        raise PasswordError("The passphrase does not decrypt the passwords in this backup.") from None
    except (ValueError, MemoryError) as error:
        raise InvalidError("The passwords in this backup are damaged.") from error
    return {name: Secret(password) for name, password in _pairs(text)}


def _pairs(text: bytes) -> Iterator[tuple[str, str]]:
    """Names and passwords, each a text that can be encoded; InvalidError where JSON has anything else."""
    try:
        found = json.loads(text)
        for name, password in found.items():
            (name + password).encode()
            yield name, password
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidError(
            "The passwords in this backup are damaged: they are not a list of names and texts."
        ) from error


def _key(sealed: SealedPasswords, passphrase: Secret) -> bytes:
    kdf = Scrypt(salt=sealed.salt, length=32, n=sealed.cost, r=sealed.block, p=sealed.parallel)
    return kdf.derive(passphrase.reveal().encode())


def _header(sealed: SealedPasswords) -> bytes:
    return f"csr-tui passwords {sealed.format} {sealed.cost} {sealed.block} {sealed.parallel}".encode()
