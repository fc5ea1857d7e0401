"""Keys that other programs made, out of DER: bounded before anything is worked out with them."""

from __future__ import annotations

import re
from contextlib import suppress

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from csr_tui.core import der, formats, pem
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import identity
from csr_tui.core.keys.kinds import PrivateKey, PublicKey
from csr_tui.core.keys.strength import LARGEST
from csr_tui.core.parsing import parsing, refused_key
from csr_tui.errors import PasswordError

_PKCS8 = [der.INTEGER, der.SEQUENCE, der.OCTETS]
_CURVE = 0xA0
_EC = bytes.fromhex("06072a8648ce3d0201")

MOST_ROUNDS = 20_000_000
"""Of stretching a password: ten seconds, and far more than any program writes."""

_UNKNOWN_CIPHER = re.compile("unknown cipher|Unknown key encryption|Proc-Type PEM header")
"""The library's errors for a cipher that it lacks, whatever the password."""

CIPHER = (
    "Its encryption is outdated or not supported. Encrypt it with AES: openssl pkcs8 -topk8 -provider legacy "
    "-provider default -in FILE -out NEW.key."
)

LARGEST_CHECKED = 8_192
"""Bits of an RSA key whose primes are tested, which takes seconds for these; no request here has a larger one."""


def private_key(block: pem.Block, password: bytes | None) -> PrivateKey | None:
    """The private key in a block; None where it is encrypted and there is no password.

    PasswordError where the password does not open it, InvalidError where it is no key that can be read and used here.
    """
    legacy = any("ENCRYPTED" in header for header in block.headers)
    if wrong := block.wrong or formats.foreign_key(block) or ("" if legacy else pem.damage(block.der)):
        raise InvalidError(wrong)
    encrypted = legacy or _is_encrypted(block.der)
    if encrypted and password is None:
        return None
    if encrypted and not legacy:
        bounded(block.der)
    elif (identifier := _algorithm(block.der)) is not None:
        identity.check_algorithm(identifier, "This private key")
    if not encrypted:
        _check_primes(block.der)
    try:
        with parsing("This private key"):
            data = pem.armoured(block) if legacy else _of_version_1(block.der)
            load = serialization.load_pem_private_key if legacy else serialization.load_der_private_key
            # The check of an RSA key takes minutes where its numbers are huge, so their size is looked at first.
            loaded = load(data, password if encrypted else None, unsafe_skip_rsa_key_validation=True)
            key = identity.used_private(loaded)
            if isinstance(key, rsa.RSAPrivateKey):
                checked_size(key.public_key())
                if key.key_size > LARGEST_CHECKED:
                    return key
                plain = serialization.NoEncryption()
                data = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
                return identity.used_private(serialization.load_der_private_key(data, None))
            return key
    except InvalidError as error:
        if encrypted and _UNKNOWN_CIPHER.search(str(error.__cause__)):
            raise InvalidError(CIPHER) from error
        if encrypted and isinstance(error.__cause__, ValueError) and not refused_key(error.__cause__):
            raise PasswordError("The password does not decrypt the key.") from error
        raise


def public_key(data: bytes) -> PublicKey:
    """The public key in DER; InvalidError where it is of a kind or a size that is not used here."""
    first = der.element(data).parts[0]
    if first.tag == der.SEQUENCE:  # else it is in the older form, which RSA keys alone have
        identity.check_algorithm(first, "This public key")
    loaded = serialization.load_der_public_key(data)
    key = identity.used(loaded, der.element(identity.spki_of(loaded)).parts[0], "This public key")
    checked_size(key)
    return key


def checked_size(key: PublicKey) -> None:
    """InvalidError for an RSA key that is larger than any that is used."""
    if (modulus := identity.modulus(key)) is not None and (bits := modulus.bit_length()) > LARGEST:
        raise InvalidError(f"Its RSA key has {bits:,} bits. csr-tui accepts {LARGEST:,} at most.")


def bounded(data: bytes) -> None:
    """InvalidError where an algorithm in this DER asks for so many rounds that it would take minutes."""
    try:
        numbers = _numbers(der.element(data).parts[0], 0)
    except der.BrokenError:
        return
    if max(numbers, default=0) > MOST_ROUNDS:
        raise InvalidError("Its password derivation has so many iterations that decrypting it would take minutes.")


def _numbers(element: der.Element, depth: int) -> list[int]:
    if element.tag == der.INTEGER:
        return [int.from_bytes(element.content[:16], "big")]
    if element.tag != der.SEQUENCE or depth > 6:
        return []
    return [number for part in element.parts for number in _numbers(part, depth + 1)]


def _algorithm(data: bytes) -> der.Element | None:
    """The AlgorithmIdentifier of an unencrypted PKCS#8 or of the older form of EC keys; None where this is neither."""
    try:
        match der.element(data).parts:
            case [version, identifier, *_] if (version.tag, identifier.tag) == (der.INTEGER, der.SEQUENCE):
                return identifier
            case [_, _, curve, *_] if curve.tag == _CURVE:
                return der.element(der.encoded(der.SEQUENCE, _EC, curve.content))
    except der.BrokenError:
        pass
    return None


def _of_version_1(data: bytes) -> bytes:
    """A key in PKCS#8 of version 2 (RFC 5958) without its public key, which the library does not take."""
    with suppress(der.BrokenError):
        match der.element(data).parts:
            case [version, identifier, key, *_] if version.content == b"\x01" and key.tag == der.OCTETS:
                return der.encoded(der.SEQUENCE, b"\x02\x01\0", identifier.raw, key.raw)
    return data


def _check_primes(data: bytes) -> None:
    """InvalidError for an RSA key of RFC 8017's version 1, which the library calls invalid."""
    with suppress(der.BrokenError):
        parts = der.element(data).parts
        if [part.tag for part in parts[:3]] == _PKCS8:
            parts = der.element(parts[2].octets).parts
        if [part.tag for part in parts] == [*[der.INTEGER] * 9, der.SEQUENCE]:
            primes = 2 + len(parts[-1].parts)
            raise InvalidError(f"This private key is RSA with {primes} primes: csr-tui supports RSA with two.")


def _is_encrypted(data: bytes) -> bool:
    """Whether this is the EncryptedPrivateKeyInfo of PKCS#8."""
    try:
        return [part.tag for part in der.element(data).parts] == [der.SEQUENCE, der.OCTETS]
    except der.BrokenError:
        return False
