"""Whether a key signed a certificate."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

MOST_BITS = 16_384
MOST_EXPONENT_BITS = 64
"""What OpenSSL takes of an RSA key at most; a larger exponent makes each check a hundred times as slow."""


@runtime_checkable
class _Verifier(Protocol):
    """A key of a kind that names its own hash, such as Ed25519."""

    def verify(self, signature: bytes, data: bytes, /) -> None: ...


def signed_with(certificate: x509.Certificate, key: object) -> bool:
    """Whether the signature is of this key; names are not looked at, weak hashes are taken."""
    signature, data = certificate.signature, certificate.tbs_certificate_bytes
    try:
        match key:
            case rsa.RSAPublicKey():
                scheme, digest = certificate.signature_algorithm_parameters, certificate.signature_hash_algorithm
                large = key.key_size > MOST_BITS or key.public_numbers().e.bit_length() > MOST_EXPONENT_BITS
                if large or digest is None or not isinstance(scheme, padding.PKCS1v15 | padding.PSS):
                    return False
                key.verify(signature, data, scheme, digest)
            case ec.EllipticCurvePublicKey():
                scheme = certificate.signature_algorithm_parameters
                if not isinstance(scheme, ec.ECDSA):
                    return False
                key.verify(signature, data, scheme)
            case dsa.DSAPublicKey():
                digest = certificate.signature_hash_algorithm
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
