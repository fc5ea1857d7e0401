"""What one certificate says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core import csr, keys
from csr_tui.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from csr_tui.core.csr import Part
    from csr_tui.core.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Certificate:
    """The parts of a certificate that a person compares."""

    subject: str
    parts: tuple[Part, ...]
    issuer: str
    sans: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key_label: str
    public_key: PublicKey
    fingerprint: str
    signature_hash: str


def read(certificate: x509.Certificate) -> Certificate:
    """What a certificate says, whoever made it; InvalidError where it cannot be read."""
    try:
        public = certificate.public_key()
        if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise InvalidError("This certificate's kind of key is not used here: only RSA, EC and Ed25519 are.")
        found = [one.value for one in certificate.extensions if isinstance(one.value, x509.SubjectAlternativeName)]
        digest = certificate.signature_hash_algorithm
        return Certificate(
            subject=certificate.subject.rfc4514_string(),
            parts=csr.subject_parts(certificate.subject),
            issuer=certificate.issuer.rfc4514_string(),
            sans=tuple(csr.name_text(name) for name in found[0]) if found else (),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key_label=csr.key_label(public),
            public_key=public,
            fingerprint=keys.fingerprint(public),
            signature_hash=csr.hash_name(digest) if digest else "Ed25519",
        )
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise InvalidError(f"This certificate cannot be read: {error}.") from error


def dump(certificates: Iterable[x509.Certificate]) -> str:
    """PEM, one block after the other, each with a newline at its end."""
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in certificates)
