"""What a key is: its kind, and the fingerprint that names it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import lru_cache
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from csr_tui.core import der
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import kinds
from csr_tui.core.keys.kinds import PrivateKey, PublicKey, either
from csr_tui.core.record import KeySpec

NAMES = {
    "1.2.840.113549.1.1.7": "RSA-OAEP",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10046.2.1": "DH",
    "1.2.643.7.1.1.1.1": "GOST 2012",
    "1.2.643.7.1.1.1.2": "GOST 2012",
    "1.2.156.10197.1.301": "SM2",
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


@lru_cache(maxsize=64)  # there are few, of which each request of a table asks
def check_algorithm(identifier: der.Element, what: str) -> None:
    """InvalidError, which names the algorithm, for one that is not used here; before the library looks at the key."""
    oid, *parameters = _oids(identifier)
    algorithm = kinds.algorithm_with(oid)
    if algorithm is None or kinds.missing(algorithm) or (algorithm is kinds.ECC and _is_unknown_curve(parameters)):
        raise _unsupported(identifier, what)


def used(public: object, identifier: der.Element, what: str) -> PublicKey:
    """A key of an algorithm that is used here; InvalidError, as above, for any other.

    The AlgorithmIdentifier counts, too: to the library, a key for RSA-PSS alone is any RSA key.
    """
    algorithm = kinds.algorithm_of(public)
    if algorithm is None or _oids(identifier)[0] not in algorithm.oids:
        raise _unsupported(identifier, what)
    return cast("PublicKey", public)


def used_private(key: PrivateKeyTypes) -> PrivateKey:
    """The same, of the private half that the library read."""
    public = key.public_key()
    used(public, der.element(spki_of(public)).parts[0], "This private key")
    return cast("PrivateKey", key)


def spec_of(key: PublicKey) -> KeySpec:
    """Algorithm and parameter, spelled as a record spells them."""
    algorithm = kinds.algorithm_of(key)
    parameter = None if algorithm is None else algorithm.parameter_of(key)
    if algorithm is None or parameter is None:
        raise InvalidError("This key has an unsupported algorithm.")
    return KeySpec(algorithm.name, parameter)


def modulus(key: PublicKey) -> int | None:
    """The modulus of an RSA key; None for any other kind."""
    return key.public_numbers().n if isinstance(key, rsa.RSAPublicKey) else None


def label(key: PublicKey) -> str:
    """The key's kind for people, such as `RSA 2048`."""
    return kinds.label_of(spec_of(key))


def spki_of(public: PublicKeyTypes) -> bytes:
    """The SubjectPublicKeyInfo, as the library writes it."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=64)  # there are few
def _oids(identifier: der.Element) -> tuple[str, ...]:
    """The object identifiers of the algorithm, and of a curve; "?" where there is none that can be read."""
    with suppress(der.BrokenError):
        return tuple(der.dotted(part.content) for part in identifier.parts if part.tag == der.OID) or ("?",)
    return ("?",)


def _is_unknown_curve(parameters: list[str]) -> bool:
    """Whether a curve is named here that the library does not have."""
    try:
        return bool(parameters) and not ec.get_curve_for_oid(x509.ObjectIdentifier(parameters[0]))
    except (LookupError, ValueError):
        return True


def _unsupported(identifier: der.Element, what: str) -> InvalidError:
    """With its curve, where that is what is not known here."""
    oid, *parameters = _oids(identifier)
    known = kinds.algorithm_with(oid)
    if known is not None and (why := kinds.missing(known)):
        return InvalidError(why)
    name = " ".join((known.label, *(NAMES.get(one, one) for one in parameters))) if known else NAMES.get(oid, oid)
    labels = either([algorithm.label for algorithm in kinds.ALGORITHMS], "and")
    return InvalidError(f"{what} has an unsupported algorithm ({name}): csr-tui supports {labels}.")
