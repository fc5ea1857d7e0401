"""What a key is: its kind, and the fingerprint that names it."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core.record import KeySpec

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_CURVE_NAMES = {"secp256r1": "prime256v1"}


def fingerprint(key: PrivateKey | PublicKey) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo, in lower-case hex: what key, CSR and certificate have in common."""
    public = key if isinstance(key, PublicKey) else key.public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return fingerprint_of(spki)


def fingerprint_of(spki: bytes) -> str:
    """The same, of a SubjectPublicKeyInfo as it stands."""
    return hashlib.sha256(spki).hexdigest()


def spec_of(key: PublicKey) -> KeySpec:
    """Algorithm and parameter, spelled as a record spells them."""
    if isinstance(key, rsa.RSAPublicKey):
        return KeySpec("RSA", str(key.key_size))
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeySpec("ECC", _CURVE_NAMES.get(key.curve.name, key.curve.name))
    return KeySpec("ED25519", "ed25519")


def modulus(key: PublicKey) -> int | None:
    """The modulus of an RSA key; None for any other kind."""
    return key.public_numbers().n if isinstance(key, rsa.RSAPublicKey) else None


def label(public: PublicKey) -> str:
    """The key's kind as people say it, such as `RSA 2048`."""
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA {public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"ECC {spec_of(public).parameter}"
    return "Ed25519"
