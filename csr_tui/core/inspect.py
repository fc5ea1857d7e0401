"""What a file holds: requests, keys and certificates, in PEM or DER, and what is bad about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core import certificate, csr, keys
from csr_tui.core.rules import imported
from csr_tui.errors import InvalidError, PasswordError

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.core.keys import PublicKey
    from csr_tui.core.secret import Secret

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.*?-----END \1-----", re.DOTALL)
MOST_BLOCKS = 100
WEAK_HASHES = frozenset({"MD5", "SHA-1"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a file: its kind, the fingerprint of its public key, what it says, and what is bad about it."""

    kind: str
    fingerprint: str | None
    lines: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()


def read(data: bytes, password: Secret | None = None) -> tuple[Item, ...]:
    """Everything in a file, in its order; InvalidError where there is nothing that is known."""
    if b"-----BEGIN " in data:
        blocks = list(_BLOCK.finditer(data))[:MOST_BLOCKS]
        if not blocks:
            raise InvalidError("This file has a BEGIN line without its END line: it was cut off. Copy it whole.")
        return tuple(_block(match.group(1).decode("ascii"), match.group(0), password) for match in blocks)
    readers: tuple[Callable[[bytes, Secret | None], Item], ...] = (_request, _certificate, _private_key, _public_key)
    for reader in readers:
        try:
            return (reader(data, password),)
        except InvalidError:
            continue
    raise InvalidError("This file holds no request, no key and no certificate, in PEM or in DER.")


def belong_together(one: tuple[Item, ...], other: tuple[Item, ...]) -> bool:
    """Whether the first things with a key in two files have the same public key."""
    first = next((item.fingerprint for item in one if item.fingerprint), None)
    second = next((item.fingerprint for item in other if item.fingerprint), None)
    return first is not None and first == second


def _block(label: str, pem: bytes, password: Secret | None) -> Item:
    try:
        if label in {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}:
            return _request(pem.replace(b"NEW CERTIFICATE REQUEST", b"CERTIFICATE REQUEST"), password)
        if label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}:
            return _certificate(pem, password)
        if label.endswith("PRIVATE KEY"):
            return _private_key(pem, password)
        if label == "PUBLIC KEY":
            return _public_key(pem, password)
    except InvalidError as error:
        return Item(label.lower(), None, (), (str(error),))
    return Item(label.lower(), None, (("note", "not looked at"),))


def _request(data: bytes, password: Secret | None) -> Item:
    del password
    request = csr.read(data)
    problems = []
    if not request.signature_valid:
        problems.append("The signature is not valid: the request was changed after it was signed, or cut.")
    if request.signature_hash in WEAK_HASHES:
        problems.append(f"It is signed with {request.signature_hash}; use SHA-256 or better.")
    return Item(
        "request",
        request.fingerprint,
        (
            *((short, value) for short, _, value in request.subject),
            *(("name", name) for name in request.sans),
            ("key", request.key_label),
            ("signed with", request.signature_hash),
            *(("usage", usage) for usage in (*request.key_usage, *request.extended_key_usage)),
            *(("extension", oid) for oid in request.other_extensions),
        ),
        (*problems, *_weak(request.public_key)),
    )


def _certificate(data: bytes, password: Secret | None) -> Item:
    del password
    try:
        loaded = x509.load_pem_x509_certificate(data) if b"-----BEGIN" in data else x509.load_der_x509_certificate(data)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise InvalidError("This is not a certificate.") from error
    read_ = certificate.read(loaded)
    problems = [f"It is signed with {read_.signature_hash}."] if read_.signature_hash in WEAK_HASHES else []
    return Item(
        "certificate",
        read_.fingerprint,
        (
            ("subject", read_.subject),
            ("issuer", read_.issuer),
            *(("name", name) for name in read_.sans),
            ("from", f"{read_.not_before:%Y-%m-%d %H:%M} UTC"),
            ("until", f"{read_.not_after:%Y-%m-%d %H:%M} UTC"),
            ("key", read_.key_label),
            ("signed with", read_.signature_hash),
        ),
        (*problems, *_weak(read_.public_key)),
    )


def _private_key(data: bytes, password: Secret | None) -> Item:
    text = password.reveal().encode() if password is not None else None
    try:
        key = _load_key(data, text)
    except TypeError as error:
        if "not encrypted" in str(error):
            key = _load_key(data, None)
        else:
            return Item("private key", None, (("encrypted", "yes; --password-stdin opens it"),))
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise InvalidError("This private key is of a kind that is not used here: only RSA, EC and Ed25519 are.")
    label = csr.key_label(key.public_key())
    encrypted = "yes" if password is not None and b"ENCRYPTED" in data else "no"
    return Item(
        "private key", keys.fingerprint(key), (("key", label), ("encrypted", encrypted)), _weak(key.public_key())
    )


def _load_key(data: bytes, password: bytes | None) -> object:
    try:
        if b"-----BEGIN" in data:
            return serialization.load_pem_private_key(data, password)
        return serialization.load_der_private_key(data, password)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None and "ncorrect password" in str(error):
            raise PasswordError("That password does not open the key.") from error
        raise InvalidError("This is not a private key that can be read.") from error


def _public_key(data: bytes, password: Secret | None) -> Item:
    del password
    try:
        pem = b"-----BEGIN" in data
        key = serialization.load_pem_public_key(data) if pem else serialization.load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidError("This is not a public key.") from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise InvalidError("This public key is of a kind that is not used here: only RSA, EC and Ed25519 are.")
    public: PublicKey = key
    return Item("public key", keys.fingerprint(public), (("key", csr.key_label(public)),), _weak(public))


def _weak(key: PublicKey) -> tuple[str, ...]:
    """What is bad about a key that was made elsewhere."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        finding = imported.rsa_key(numbers.n, numbers.e)
        return (finding.message,) if finding is not None else ()
    return ()
