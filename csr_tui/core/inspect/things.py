"""What one request, certificate or key in DER says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core import certificate, csr, keys
from csr_tui.core.inspect.item import CERTIFICATE, PRIVATE_KEY, PUBLIC_KEY, REQUEST, Item
from csr_tui.errors import InvalidError, PasswordError

if TYPE_CHECKING:
    from datetime import datetime

    from csr_tui.core.keys import PublicKey
    from csr_tui.core.secret import Secret

WEAK_HASHES = frozenset({"MD5", "SHA-1"})


def request(der: bytes) -> Item:
    """A certificate signing request; InvalidError where this is none."""
    read = csr.read(der)
    problems = []
    if not read.signature_valid:
        problems.append("The signature is not valid: the request was changed after it was signed, or cut.")
    if read.signature_hash in WEAK_HASHES:
        problems.append(f"It is signed with {read.signature_hash}; use SHA-256 or better.")
    problems += read.problems
    return Item(
        REQUEST,
        read.fingerprint,
        (
            *((short, value) for short, _, value in read.subject),
            *(("name", name) for name in read.sans),
            ("key", read.key_label),
            ("signed with", read.signature_hash),
            *(("usage", usage) for usage in (*read.key_usage, *read.extended_key_usage)),
            *(("extension", oid) for oid in read.other_extensions),
        ),
        (*problems, *_weak(read.public_key)),
    )


def certificate_in(der: bytes, now: datetime | None) -> Item:
    """A certificate; its dates are judged where the time is given. InvalidError where this is none."""
    try:
        return of_certificate(x509.load_der_x509_certificate(der), now)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise InvalidError("This is not a certificate.") from error


def of_certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    """What a certificate says, and what is bad about it alone; InvalidError where it cannot be read."""
    read = certificate.read(loaded)
    problems = []
    if now is not None and now > read.not_after:
        problems.append(f"It ended on {read.not_after:%Y-%m-%d}: no client takes it any more. Renew it.")
    if now is not None and now < read.not_before:
        problems.append(f"It begins on {read.not_before:%Y-%m-%d %H:%M} UTC: no client takes it before that.")
    # A root is trusted by being there, whatever its own signature is made with.
    if read.signature_hash in WEAK_HASHES and loaded.issuer != loaded.subject:
        problems.append(f"It is signed with {read.signature_hash}, which no client trusts any more.")
    if certificate.serial(loaded) <= 0:
        problems.append("Its serial number is not positive: some clients refuse it.")
    problems += read.problems
    return Item(
        CERTIFICATE,
        read.fingerprint,
        (
            ("subject", read.subject),
            ("issuer", read.issuer),
            ("serial", f"{certificate.serial(loaded):x}"),
            *(("name", name) for name in read.sans),
            ("from", f"{read.not_before:%Y-%m-%d %H:%M} UTC"),
            ("until", f"{read.not_after:%Y-%m-%d %H:%M} UTC"),
            ("CA", "yes" if read.extensions.ca else "no"),
            ("key", read.key_label),
            ("signed with", read.signature_hash),
        ),
        (*problems, *_weak(read.public_key)),
        certificate=loaded,
    )


def private_key(data: bytes, password: Secret | None) -> Item:
    """A private key in DER, or in the PEM that OpenSSL encrypted in its own old way.

    InvalidError where this is none, PasswordError where it is encrypted under another password.
    """
    text = password.reveal().encode() if password is not None and password.reveal() else None
    encrypted = "no"
    try:
        key = _load(data, None)
    except TypeError:
        if text is None:
            return Item(PRIVATE_KEY, lines=(("encrypted", "yes"),), locked=True)
        encrypted = "yes, and this password opens it"
        key = _load(data, text)
    return of_key(key, encrypted)


def of_key(key: object, encrypted: str) -> Item:
    """What a private key says; InvalidError where it is of a kind that is not used here."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise InvalidError("This private key is of a kind that is not used here: only RSA, EC and Ed25519 are.")
    public = key.public_key()
    lines = (("key", csr.key_label(public)), ("encrypted", encrypted))
    return Item(PRIVATE_KEY, keys.fingerprint(key), lines, _weak(public))


def _load(data: bytes, password: bytes | None) -> object:
    try:
        if b"-----BEGIN" in data:
            return serialization.load_pem_private_key(data, password)
        return serialization.load_der_private_key(data, password)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None:
            raise PasswordError("That password does not open the key.") from error
        raise InvalidError("This is not a private key that can be read.") from error


def public_key(der: bytes) -> Item:
    """A public key; InvalidError where this is none."""
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidError("This is not a public key.") from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise InvalidError("This public key is of a kind that is not used here: only RSA, EC and Ed25519 are.")
    return Item(PUBLIC_KEY, keys.fingerprint(key), (("key", csr.key_label(key)),), _weak(key))


def _weak(key: PublicKey) -> tuple[str, ...]:
    finding = keys.weakness(key)
    return () if finding is None else (finding.message,)
