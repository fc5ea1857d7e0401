"""Encrypted PKCS#8 with as many rounds as a password needs (RFC 8018 PBES2, RFC 5958), for one key or for thousands."""

from __future__ import annotations

import base64
import os
import re
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from csr_tui.core.der import INTEGER, OCTETS, SEQUENCE, encoded
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys.identity import used_private
from csr_tui.core.keys.kinds import PrivateKey
from csr_tui.core.parsing import parsing
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

ITERATIONS_TYPED = 600_000
"""OWASP's figure for PBKDF2-HMAC-SHA256, for what a person typed; about 0.13 s."""

ITERATIONS_RANDOM = 2_048
"""What pyca and OpenSSL use: enough for a random password, which nobody guesses."""

DOES_NOT_OPEN = "The password does not decrypt the key."
_BEGIN, _END = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "-----END ENCRYPTED PRIVATE KEY-----\n"

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d02090500")
_AES256_CBC = bytes.fromhex("060960864801650304012a")

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


class DerivedKey:
    """A password, and the keys that PBKDF2 makes of it: each is made once, however much is locked or opened with it.

    All that one of these locks has one salt, and an initialization vector of its own each. What a person `typed` gets
    `ITERATIONS_TYPED`, a random password `ITERATIONS_RANDOM`; how many to open with is said in what is opened.
    """

    def __init__(self, password: Secret, *, typed: bool = False) -> None:
        self.password = password
        self._rounds = ITERATIONS_TYPED if typed else ITERATIONS_RANDOM
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


def to_plain_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def encrypt(key: PrivateKey, password: Secret, *, typed: bool) -> str:
    """The key as encrypted PKCS#8 PEM; a password that a person `typed` is stretched longer."""
    return encrypt_with(DerivedKey(password, typed=typed), key)


def encrypt_with(password: DerivedKey, key: PrivateKey) -> str:
    """The same with a password that is stretched already, as it locks one key of many."""
    return password.encrypt(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def decrypt(pem: str, password: Secret | None, *, trusted: bool = False) -> PrivateKey:
    """The key in a PEM; a password for a clear key is not looked at.

    `trusted` is for keys this program wrote: the slow check of RSA keys is left out.
    PasswordError where the password is wrong or missing, InvalidError where this is no key we know.
    """
    encrypted = "ENCRYPTED" in pem
    if encrypted and password is None:
        raise PasswordError("The key is encrypted: its password is required.")
    try:
        with parsing("This private key"):
            key = serialization.load_pem_private_key(
                pem.encode(),
                password.reveal().encode() if encrypted and password is not None else None,
                unsafe_skip_rsa_key_validation=trusted,
            )
    except InvalidError as error:
        if encrypted:
            raise PasswordError(DOES_NOT_OPEN) from error
        raise
    return used_private(key)


def reopen(pem: str, password: DerivedKey) -> PrivateKey:
    """The key in a PEM that this program wrote, as `decrypt` gives it: of many with one salt, all but one at once.

    PasswordError where the password is another one.
    """
    try:
        der = password.decrypt(pem)
        if der is not None:
            with parsing("This private key"):
                key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
            return used_private(key)
    except (InvalidError, ValueError) as error:
        raise PasswordError(DOES_NOT_OPEN) from error
    return decrypt(pem, password.password, trusted=True)


def _info(salt: bytes, rounds: int, iv: bytes, text: bytes) -> bytes:
    cipher = encoded(SEQUENCE, _AES256_CBC, encoded(OCTETS, iv))
    scheme = encoded(SEQUENCE, _PBES2, encoded(SEQUENCE, _derivation(salt, rounds), cipher))
    return encoded(SEQUENCE, scheme, encoded(OCTETS, text))


@lru_cache(maxsize=16)
def _derivation(salt: bytes, rounds: int) -> bytes:
    count = rounds.to_bytes(rounds.bit_length() // 8 + 1, "big")  # signed, so that a first bit of 1 needs a byte more
    parameters = encoded(SEQUENCE, encoded(OCTETS, salt), encoded(INTEGER, count), encoded(SEQUENCE, _HMAC_SHA256))
    return encoded(SEQUENCE, _PBKDF2, parameters)


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode("ascii")
    return "".join((_BEGIN, *(f"{text[at : at + 64]}\n" for at in range(0, len(text), 64)), _END))
