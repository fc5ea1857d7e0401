"""Signatures of certificates and requests: what they are made with, and whether a key made them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

from csr_tui.core.keys.identity import NAMES
from csr_tui.core.keys.strength import LARGEST

MOST_EXPONENT_BITS = 64
"""What OpenSSL takes of an RSA key; a larger exponent makes each check a hundred times as slow."""


@runtime_checkable
class _Verifier(Protocol):
    """A key of a kind that names its own hash, such as Ed25519."""

    def verify(self, signature: bytes, data: bytes, /) -> None: ...


def made_with(signed: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """The hash as people write it, such as `SHA-256`; the algorithm, such as `Ed25519`, where that has its own."""
    try:
        digest = signed.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return "unknown"
    if digest is None:
        return NAMES.get(signed.signature_algorithm_oid.dotted_string, "unknown")
    return digest.name.upper() if digest.name.startswith("sha3") else digest.name.upper().replace("SHA", "SHA-", 1)


def verifies(signed: x509.Certificate | x509.CertificateSigningRequest, data: bytes, key: object) -> bool:
    """Whether the signature over `data` is of this key; weak hashes, which pyca calls invalid, are taken."""
    signature = signed.signature
    try:
        match key:
            case rsa.RSAPublicKey():
                scheme, digest = signed.signature_algorithm_parameters, signed.signature_hash_algorithm
                large = key.key_size > LARGEST or key.public_numbers().e.bit_length() > MOST_EXPONENT_BITS
                if large or digest is None or not isinstance(scheme, padding.PKCS1v15 | padding.PSS):
                    return False
                key.verify(signature, data, scheme, digest)
            case ec.EllipticCurvePublicKey():
                digest = signed.signature_hash_algorithm
                if digest is None:
                    return False
                key.verify(signature, data, ec.ECDSA(digest))
            case dsa.DSAPublicKey():
                digest = signed.signature_hash_algorithm
                if digest is None:
                    return False
                key.verify(signature, data, digest)
            case _Verifier():
                key.verify(signature, data)
            case _:
                return False
    except Exception:  # noqa: BLE001  # pyca's errors are no closed set; whatever it cannot verify is not signed
        return False
    return True
