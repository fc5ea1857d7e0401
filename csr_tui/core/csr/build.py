"""Making the CSR of a record."""

from __future__ import annotations

import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from csr_tui.core import der, extra, names
from csr_tui.core.csr import usage
from csr_tui.core.csr.compare import differences
from csr_tui.core.csr.read import Request, read_whole
from csr_tui.core.csr.subject import x509_name
from csr_tui.core.keys import kinds
from csr_tui.core.keys.kinds import PrivateKey
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.usages import USAGES
from csr_tui.errors import CsrTuiError

HASHES = {"": None, "SHA-256": hashes.SHA256(), "SHA-384": hashes.SHA384(), "SHA-512": hashes.SHA512()}
"""Those that CAs take, by their names; an empty one where the key has its own."""

_CHALLENGE = x509.ObjectIdentifier(extra.CHALLENGE_OID)


class MismatchError(CsrTuiError):
    """What was built is not what was asked for; nothing of it is kept."""


def build(record: Record, key: PrivateKey, challenge: Secret | None = None) -> Request:
    """The CSR of a record, signed and proved; the record has passed its rules."""
    return prove(record, key, sign(record, key, challenge), challenge)


def sign(record: Record, key: PrivateKey, challenge: Secret | None = None) -> bytes:
    """The DER of the CSR of a record. MismatchError where the key is of another kind.

    The extensions are those of its usage, for servers as BR 7.1.2.7.10 has them, and of its extra lines. `challenge`
    becomes its challenge password, in clear.
    """
    subject = x509_name(record)
    kind = kinds.kind_of(record.key)
    if kind is None or not kind.owns(key.public_key()):
        raise MismatchError("The key is not of the requested type. Nothing was saved.")
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = _extended(record, builder, critical=not subject.rdns)
    if challenge is not None:
        builder = builder.add_attribute(_CHALLENGE, challenge.reveal().encode())
    return builder.sign(key, HASHES[kind.algorithm.digest]).public_bytes(serialization.Encoding.DER)


def prove(record: Record, key: PrivateKey, der: bytes, challenge: Secret | None = None) -> Request:
    """The CSR that `sign` made, read back. MismatchError where it is not exactly what is asked for."""
    got = read_whole(der)
    if got.challenge_length != (None if challenge is None else len(challenge.reveal())):
        raise MismatchError("The generated request lacks the challenge password. Nothing was saved.")
    if not got.signature_valid or got.public_key != key.public_key() or differences(record, got):
        raise MismatchError("The generated request differs from the requested one. Nothing was saved.")
    return got


def _extended(
    record: Record, builder: x509.CertificateSigningRequestBuilder, *, critical: bool
) -> x509.CertificateSigningRequestBuilder:
    """With the extensions that its usage and its extra lines ask for; `critical` is whether the names are."""
    row = USAGES[record.usage]
    if extra.alternative_names(record):
        others = map(_user, extra.values(record, extra.Place.ALTERNATIVE_NAMES))
        names_asked = x509.SubjectAlternativeName([*map(_general_name, record.sans), *others])
        builder = builder.add_extension(names_asked, critical=critical)
    if (length := extra.path_length(record)) is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
    if permitted := extra.values(record, extra.Place.NAME_CONSTRAINTS):
        builder = builder.add_extension(x509.NameConstraints([*map(_subtree, permitted)], None), critical=True)
    builder = builder.add_extension(usage.key_usage(row.key_usage_of(record.key.algorithm)), critical=True)
    if uses := (*row.extended_key_usage, *extra.values(record, extra.Place.EXTENDED_KEY_USAGE)):
        builder = builder.add_extension(usage.extended_key_usage(uses), critical=False)
    return builder


def _user(name: str) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(extra.UPN_OID), der.encoded(der.UTF8, name.encode()))


def _subtree(text: str) -> x509.GeneralName:
    if "/" in text:
        return x509.IPAddress(ipaddress.ip_network(text))
    if text.startswith(extra.EMAIL_TAG):
        return x509.RFC822Name(text.removeprefix(extra.EMAIL_TAG))
    return x509.DNSName(text)


def _general_name(name: str) -> x509.GeneralName:
    known = names.parse(name)
    match known.kind:
        case NameKind.DNS:
            return x509.DNSName(known.value)
        case NameKind.IP:
            return x509.IPAddress(ipaddress.ip_address(known.value))
        case NameKind.EMAIL:
            return x509.RFC822Name(known.value)
        case NameKind.URI:
            return x509.UniformResourceIdentifier(known.value)
