"""Making the key and the CSR of a sandbox record: faithfully, or as the vendor's documented sample has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from csr_tui.core import countries, csr
from csr_tui.core.der import encoded
from csr_tui.core.fields import CITY, COUNTRY, DOMAIN, ORGANIZATION, PROVINCE, Subject
from csr_tui.core.keys import encryption, kinds
from csr_tui.core.keys.kinds import PrivateKey
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.tencent import api
from csr_tui.tencent.sandbox import replies

_SHA1_WITH_RSA = bytes.fromhex("300d06092a864886f70d0101050500")
_SHA1_WITH_ECDSA = bytes.fromhex("300906072a8648ce3d0401")
"""AlgorithmIdentifiers in DER, of RFC 3279."""


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """What generating leaves: the CSR, and the private key or None where it is not given out."""

    csr: str
    private_key: str | None


def faithful(request: Mapping[str, str], password: str | None) -> SandboxResult:
    """The requested CSR and its key, which is encrypted if there is a password."""
    record = _record(request)
    key = kinds.generate(record.key)
    try:
        pem = csr.build(record, key).pem
        locked = (
            encryption.to_plain_pem(key) if password is None else encryption.encrypt(key, Secret(password), typed=False)
        )
    except (ValueError, CsrTuiError) as error:
        raise replies.invalid(str(error)) from error
    return SandboxResult(pem, locked)


def as_documented(request: Mapping[str, str], password: str | None) -> SandboxResult:
    """As the sample in the API's documentation: no OU, email and SAN, SHA-1, CRLF, and the key is kept there."""
    del password
    record = _record(request)
    given = (DOMAIN, ORGANIZATION, CITY, PROVINCE, COUNTRY)
    parts = [(x509.ObjectIdentifier(field.oid), getattr(record.subject, field.name)) for field in given]
    key = kinds.generate(record.key)
    try:
        name = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])
        built = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    except ValueError as error:
        raise replies.invalid(str(error)) from error
    pem = x509.load_der_x509_csr(_signed_with_sha1(built.tbs_certrequest_bytes, key))
    return SandboxResult(pem.public_bytes(serialization.Encoding.PEM).decode("ascii").replace("\n", "\r\n"), None)


def _record(request: Mapping[str, str]) -> Record:
    """The samples send "China" where the text wants "CN": both are taken."""
    subject = {field: request[name] for name, field in api.SUBJECT.items()}
    subject["country"] = countries.code_for_name(subject["country"]) or subject["country"]
    return Record("sandbox", subject=Subject(**subject), key=KeySpec(request["EncryptAlgo"], request["KeyParameter"]))


def _signed_with_sha1(body: bytes, key: PrivateKey) -> bytes:
    """pyca makes no such request any more, so its three parts are put together here (RFC 2986, 4.2)."""
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm, made = _SHA1_WITH_RSA, key.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm, made = _SHA1_WITH_ECDSA, key.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303
    else:
        raise replies.invalid("the kind of key.")
    return encoded(0x30, body + algorithm + encoded(0x03, b"\0" + made))
