"""What a key is: its kind, and the fingerprint that names it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeGuard, cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from csr_tui.core import der
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import kinds
from csr_tui.core.keys.kinds import either
from csr_tui.core.record import KeySpec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

    from csr_tui.core.keys.kinds import Algorithm, PrivateKey, PublicKey

NAMES = {
    "1.2.840.113549.1.1.7": "RSA-OAEP",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10046.2.1": "DH",
    "1.2.643.7.1.1.1.1": "GOST 2012",
    "1.2.643.7.1.1.1.2": "GOST 2012",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    **{f"2.16.840.1.101.3.4.3.{17 + at}": f"ML-DSA-{size}" for at, size in enumerate((44, 65, 87))},
    **{f"2.16.840.1.101.3.4.4.{1 + at}": f"ML-KEM-{size}" for at, size in enumerate((512, 768, 1024))},
    **{f"2.16.840.1.101.3.4.3.{number}": "SLH-DSA" for number in range(20, 32)},
}
"""Algorithms of keys, and of signatures that name no hash, by their object identifiers."""


def fingerprint(key: PrivateKey | PublicKey) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo, in lower-case hex: what key, CSR and certificate have in common."""
    return fingerprint_of(spki_of(key.public_key() if hasattr(key, "public_key") else key))


def fingerprint_of(spki: bytes) -> str:
    """The same, of a SubjectPublicKeyInfo as it stands."""
    return hashlib.sha256(spki).hexdigest()


def used(public: object, spki: bytes, what: str) -> PublicKey:
    """The key that was read from a SubjectPublicKeyInfo; InvalidError, with its name, for a kind not used here."""
    if is_used(public, spki):
        return public
    raise not_used(what, der.element(spki).parts[0])


def used_private(key: PrivateKeyTypes) -> PrivateKey:
    """The same, of the private half that the library read."""
    used(key.public_key(), spki_of(key.public_key()), "This private key")
    return cast("PrivateKey", key)


def is_used(public: object, spki: bytes) -> TypeGuard[PublicKey]:
    """Whether a key is of an algorithm that is used here. To the library, a key for RSA-PSS alone is any RSA key."""
    algorithm = kinds.algorithm_of(public)
    return algorithm is not None and _oid(der.element(spki).parts[0]) in algorithm.oids


def not_used(what: str, identifier: der.Element) -> InvalidError:
    """The error for a key with this AlgorithmIdentifier."""
    known = either([algorithm.label for algorithm in kinds.ALGORITHMS], "and")
    return InvalidError(f"{what} has an unsupported algorithm ({_name(identifier)}): csr-tui supports {known}.")


def check_algorithm(what: str, identifier: der.Element) -> None:
    """The error, raised, where that is the identifier of none that is used here."""
    if _algorithm(identifier) is None:
        raise not_used(what, identifier)


def spec_of(key: PublicKey) -> KeySpec:
    """Algorithm and parameter, spelled as a record spells them."""
    for algorithm in kinds.ALGORITHMS:
        if (parameter := algorithm.parameter_of(key)) is not None:
            return KeySpec(algorithm.name, parameter)
    raise not_used("This key", der.element(spki_of(key)).parts[0])


def modulus(key: PublicKey) -> int | None:
    """The modulus of an RSA key; None for any other kind."""
    return key.public_numbers().n if isinstance(key, rsa.RSAPublicKey) else None


def label(key: PublicKey) -> str:
    """The key's kind as people say it, such as `RSA 2048`."""
    return kinds.label_of(spec_of(key))


def spki_of(public: PublicKeyTypes) -> bytes:
    """The SubjectPublicKeyInfo, as the library writes it."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _oid(identifier: der.Element) -> str:
    return der.dotted(identifier.parts[0].content)


def _algorithm(identifier: der.Element) -> Algorithm | None:
    return next((one for one in kinds.ALGORITHMS if _oid(identifier) in one.oids), None)


def _name(identifier: der.Element) -> str:
    """What people call the algorithm; with its curve, where that is what is not known here."""
    known = _algorithm(identifier)
    if known is None:
        return NAMES.get(_oid(identifier), _oid(identifier))
    curves = [der.dotted(part.content) for part in identifier.parts[1:] if part.tag == der.OID]
    return f"{known.label} {curves[0]}" if curves else f"{known.label} in a form of its own"
