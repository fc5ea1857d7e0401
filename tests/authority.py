"""A CA for tests: a root, an intermediate, and what they issue, good or bad in one respect."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey, PublicKey

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def name(common: str, organization: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Dates(TypedDict, total=False):
    """When a certificate begins, in days from now, and how many days it lasts."""

    start: float
    days: int


@dataclass
class Authority:
    """One CA; a root where it has no `above`."""

    common: str
    above: Authority | None = None
    now: datetime = NOW
    start: int = -400
    days: int = 3650
    ca: bool = True
    path_length: int | None = None
    may_sign: bool = True
    permitted: str = ""
    key: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        signer = self.above or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(self.common))
            .issuer_name(name(signer.common))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + timedelta(days=self.start))
            .not_valid_after(self.now + timedelta(days=self.start + self.days))
            .add_extension(
                x509.BasicConstraints(ca=self.ca, path_length=self.path_length if self.ca else None), critical=True
            )
            .add_extension(_usage(sign=self.may_sign), critical=True)
        )
        if self.permitted:
            constraints = x509.NameConstraints([x509.DNSName(self.permitted)], None)
            builder = builder.add_extension(constraints, critical=True)
        self.certificate = builder.sign(signer.key, _digest(signer.key))

    def issue(
        self,
        public: PublicKey,
        *names: str,
        start: float = -1,
        days: int = 90,
        organization: str = "",
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        chain_at: str = "",
    ) -> x509.Certificate:
        """A certificate for these DNS names, the first of which is its common name."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(names[0] if names else "nameless", organization))
            .issuer_name(name(self.common))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + timedelta(days=start))
            .not_valid_after(self.now + timedelta(days=start + days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if names:
            alternative = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
            builder = builder.add_extension(alternative, critical=False)
        if chain_at:
            place = x509.UniformResourceIdentifier(chain_at)
            access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        return builder.sign(self.key, _digest(self.key))


def _digest(key: PrivateKey) -> hashes.SHA256 | None:
    return hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=sign,
        encipher_only=False,
        decipher_only=False,
    )
