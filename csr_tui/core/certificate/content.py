"""The contents of one certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from csr_tui.core import csr, der, dn, extensions, names
from csr_tui.core.csr import Part
from csr_tui.core.extensions import Extensions
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import identity, signature
from csr_tui.core.keys.kinds import PublicKey


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
    extensions: Extensions

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each extension and name that is not as it should be."""
        return (*self.extensions.problems, *filter(None, map(names.mistake, self.sans)))


def read(certificate: x509.Certificate) -> Certificate:
    """The contents of a certificate from any source; InvalidError where its key cannot be used here."""
    public = identity.used(public_key(certificate), dn.fields(certificate)[5].parts[0], "The key of this certificate")
    subject, found = dn.subject(certificate), extensions.read(certificate)
    return Certificate(
        subject=dn.text(subject),
        parts=csr.subject_parts(subject),
        issuer=dn.text(dn.issuer(certificate)),
        sans=found.sans,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key_label=identity.label(public),
        public_key=public,
        fingerprint=identity.fingerprint(public),
        signature_hash=signature.made_with(certificate),
        extensions=found,
    )


def public_key(certificate: x509.Certificate) -> object:
    """The key of a certificate; None for one that cannot be read."""
    try:
        return certificate.public_key()
    except Exception:  # noqa: BLE001  # pyca's errors are no closed set: InternalError of OpenSSL is among them
        return None


def algorithms(certificate: x509.Certificate) -> tuple[str, str]:
    """The algorithms of its key and of its signature, by their object identifiers."""
    key = dn.fields(certificate)[5].parts[0].parts[0]
    return der.dotted(key.content), certificate.signature_algorithm_oid.dotted_string


def serial(certificate: x509.Certificate) -> int:
    """The serial number; pyca warns on standard error where it is not positive."""
    return int.from_bytes(dn.fields(certificate)[0].content, "big", signed=True)


def spki(certificate: x509.Certificate) -> bytes:
    """The SubjectPublicKeyInfo, as it stands."""
    return dn.fields(certificate)[5].raw


def fingerprint_of(certificate: x509.Certificate) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo in lower-case hex, of whatever kind the key is."""
    key = dn.fields(certificate)[5]
    try:
        return identity.fingerprint(identity.used(public_key(certificate), key.parts[0], "It"))
    except InvalidError:
        return identity.fingerprint_of(key.raw)


def signed_with(certificate: x509.Certificate, key: object) -> bool:
    """Whether the signature is of this key; names are not looked at."""
    return signature.verifies(certificate, certificate.tbs_certificate_bytes, key)


def dump(certificates: Iterable[x509.Certificate]) -> str:
    """PEM, one block after the other, each with a newline at its end."""
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in certificates)
