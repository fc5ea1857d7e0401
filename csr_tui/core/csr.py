"""Certificate signing requests: building one from a record, reading one, and comparing the two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from csr_tui.core import dn, extensions, formats, keys, names, pem
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.parsing import parsing
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.rules.imported import LARGEST as LARGEST_RSA
from csr_tui.core.text import differences as unlike
from csr_tui.core.text import plain, tidy, visible
from csr_tui.errors import CsrTuiError

if TYPE_CHECKING:
    from csr_tui.core.keys import PrivateKey, PublicKey

LONGEST_CN = 64
"""RFC 5280's upper bound of a commonName; a longer domain is in the names alone."""

LARGEST = 1 << 20
"""Bytes; no request is larger, and nothing larger is parsed."""

GOOD_HASHES = frozenset({"SHA-256", "SHA-384", "SHA-512", "Ed25519"})
"""What a CSR may be signed with; CAs refuse the older ones."""

Part = tuple[str, str, str]
"""Short name, long name and value of one part of a subject."""

_PARTS = (
    (NameOID.COUNTRY_NAME, "C", "country", "countryName"),
    (NameOID.STATE_OR_PROVINCE_NAME, "ST", "province", "stateOrProvinceName"),
    (NameOID.LOCALITY_NAME, "L", "city", "localityName"),
    (NameOID.ORGANIZATION_NAME, "O", "organization", "organizationName"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "OU", "department", "organizationalUnitName"),
    (NameOID.COMMON_NAME, "CN", "domain", "commonName"),
    (NameOID.EMAIL_ADDRESS, "email", "email", "emailAddress"),
)
"""OID, short name, the record's field, X.520 name: in the order of BR 7.1.4.1."""

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)

_CAMEL = {use: "".join(word.capitalize() if at else word for at, word in enumerate(use.split("_"))) for use in _USAGES}

_OTHER_PARTS = {
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.STREET_ADDRESS: "street",
    NameOID.POSTAL_CODE: "postalCode",
    NameOID.TITLE: "title",
    NameOID.GIVEN_NAME: "givenName",
    NameOID.SURNAME: "surname",
    NameOID.BUSINESS_CATEGORY: "businessCategory",
    NameOID.JURISDICTION_COUNTRY_NAME: "jurisdictionCountry",
    NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME: "jurisdictionStateOrProvince",
    NameOID.JURISDICTION_LOCALITY_NAME: "jurisdictionLocality",
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
    NameOID.DOMAIN_COMPONENT: "domainComponent",
    NameOID.USER_ID: "userId",
}
"""X.520 names of parts that no record has."""

_EKUS = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
}


_SHOWN_EXTENSIONS = frozenset(
    kind.oid.dotted_string for kind in (x509.SubjectAlternativeName, x509.KeyUsage, x509.ExtendedKeyUsage)
)


class MismatchError(CsrTuiError):
    """What was built is not what was asked for; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a CSR says. `sans` are the texts of names, their kind in front where their form does not say it.

    `attributes` are object identifiers, and `odd` has a sentence on each thing that is not as the standards ask.
    """

    subject: tuple[Part, ...]
    sans: tuple[str, ...]
    key: KeySpec
    key_label: str
    public_key: PublicKey
    fingerprint: str
    signature_hash: str
    signature_valid: bool
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...]
    other_extensions: tuple[str, ...]
    pem: str
    attributes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a record, and what the CSR has there instead."""

    field: str
    asked: str
    got: str

    @property
    def differs(self) -> bool:
        """Whether clients tell the two apart: host names are the same in any case."""
        if self.field in {"sans", "email"}:
            return names.comparable(self.asked) != names.comparable(self.got)
        if self.field == "domain":
            return names.ascii_domain(self.asked) != names.ascii_domain(self.got)
        return self.asked != self.got

    @property
    def shown(self) -> tuple[str, str]:
        """Both for people; how the two differ is added where that cannot be seen."""
        alike = self.differs and plain(self.asked) == plain(self.got)
        asked, got = (
            " with ".join(filter(None, (visible(text), ", ".join(unlike(text)) if alike else "")))
            for text in (self.asked, self.got)
        )
        return asked or "nothing", got or "nothing"


def subject(record: Record) -> tuple[Part, ...]:
    """The subject exactly as it will be encoded: in BR order, one value each, without what is empty."""
    return tuple((short, long, value) for _, short, long, value in _subject(record))


def build(record: Record, key: PrivateKey) -> Request:
    """The CSR of a record, signed, read back from its PEM and compared; the record has passed its rules.

    SAN, KeyUsage and EKU are requested as BR 7.1.2.7.10 has them. MismatchError where the result differs.
    """
    parts = _subject(record)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, _, _, value in parts]))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in record.sans]), critical=not parts)
        .add_extension(_key_usage(rsa_key=isinstance(key, rsa.RSAPrivateKey)), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, digest)
    )
    text = request.public_bytes(serialization.Encoding.PEM).decode("ascii")
    got = read(text)
    if not got.signature_valid or got.fingerprint != keys.fingerprint(key) or differences(record, got):
        raise MismatchError("The request that was made is not the one that was asked for. Nothing was kept.")
    return got


def read(data: bytes | str) -> Request:
    """What a CSR in PEM or DER says, whoever made it; InvalidError, with the reason, for everything that is none."""
    der, more = _found(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    odd: tuple[str, ...] = ()
    try:
        loaded = _load(der)
    except InvalidError as error:
        from csr_tui.core import odd_request

        mended, odd = odd_request.readable(der)
        try:
            loaded = _load(mended, signed=odd_request.signed(der))
        except InvalidError:
            raise error from None
    if more:
        odd = (*odd, f"The file holds {more} more {'request' if more == 1 else 'requests'}: only the first was read.")
    return replace(loaded, odd=(*odd, *loaded.odd), pem=_pem(der))


def _load(der: bytes, signed: bytes | None = None) -> Request:
    """What a CSR in DER says; `signed` are the bytes under its signature, where they are others than those in it."""
    with parsing("This certificate request"):
        request = x509.load_der_x509_csr(der)
        return _said(request, signed if signed is not None else request.tbs_certrequest_bytes)


def _found(data: bytes) -> tuple[bytes, int]:
    """The first request in a file, in DER, and how many more there are."""
    if len(data) > LARGEST:
        raise InvalidError("This is not a certificate request: it is larger than any request is (1 MiB).")
    blocks = [(block, block.kind or formats.kind_of(block.der)) for block in pem.blocks(data)]
    found = [block for block, kind in blocks if kind == "CERTIFICATE REQUEST"]
    if not found:
        other = next((kind for _, kind in blocks if kind), "")
        instead = formats.named(data) or (f"It holds {formats.spoken(other)}." if other else "")
        expected = "This is not a certificate request: expected PEM (BEGIN CERTIFICATE REQUEST) or DER."
        raise InvalidError(f"{expected} {instead}".rstrip())
    if wrong := found[0].wrong or pem.damage(found[0].der):
        raise InvalidError(f"This is not a certificate request that can be read. {wrong}")
    return found[0].der, len(found) - 1


def _pem(der: bytes) -> str:
    return pem.armoured(pem.Block("CERTIFICATE REQUEST", der)).decode("ascii")


def _said(request: x509.CertificateSigningRequest, signed: bytes) -> Request:
    public = request.public_key()
    if not isinstance(public, keys.PublicKey):
        raise InvalidError(
            "This certificate request has a kind of key that is not used here: only RSA, EC and Ed25519 are."
        )
    if isinstance(public, rsa.RSAPublicKey) and public.key_size > LARGEST_RSA:
        raise InvalidError(f"The RSA key of this certificate request has {public.key_size:,} bits: too many by far.")
    _ = request.subject  # parsed when it is asked for; what pyca refuses is put right before it is read
    found = extensions.read(request)
    usage = found.get(x509.KeyUsage)
    return Request(
        subject=subject_parts(dn.requested(request)),
        sans=found.sans,
        key=keys.spec_of(public),
        key_label=key_label(public),
        public_key=public,
        fingerprint=keys.fingerprint(public),
        signature_hash=_hash(request, public),
        signature_valid=_verified(request, public, signed),
        key_usage=() if usage is None else tuple(_CAMEL[use] for use in _USAGES if getattr(usage, use)),
        extended_key_usage=tuple(_EKUS.get(oid, oid.dotted_string) for oid in found.get(x509.ExtendedKeyUsage) or ()),
        other_extensions=tuple(oid for oid in found.oids if oid not in _SHOWN_EXTENSIONS),
        pem="",
        attributes=tuple(one.oid.dotted_string for one in request.attributes),
        odd=(*found.problems, *filter(None, map(names.mistake, found.sans))),
    )


def fingerprint(pem: str) -> str:
    """The fingerprint of the public key in a CSR; InvalidError where there is none."""
    return read(pem).fingerprint


def differences(record: Record, request: Request) -> tuple[Difference, ...]:
    """Where a CSR says something else than its record asks for; an empty tuple where nothing does."""
    same = request.subject == subject(record)
    found = [] if same else [one for one in compare_subject(record, request.subject) if one.differs]
    if sorted(map(names.comparable, record.sans)) != sorted(map(names.comparable, request.sans)):
        found.append(Difference("sans", ", ".join(record.sans), ", ".join(request.sans)))
    if record.key != request.key:
        found.append(Difference("key_parameter", _spec_text(record.key), _spec_text(request.key)))
    if request.signature_hash not in GOOD_HASHES:
        found.append(Difference("signature", "SHA-256", request.signature_hash))
    if not request.signature_valid:
        found.append(Difference("signature", "valid", "not valid"))
    return tuple(found)


def compare_subject(record: Record, got: tuple[Part, ...]) -> tuple[Difference, ...]:
    """Each part that is asked for or there, the same or not; parts that no record has come first."""
    fields = {short: field for _, short, field, _ in _PARTS}
    values: dict[str, list[str]] = {field: [] for field in fields.values()}
    strange = []
    for short, long, value in got:
        if short in fields:
            values[fields[short]].append(value)
        else:
            strange.append(Difference("subject", "", f"{long}={value}"))
    pairs = zip(_PARTS, _values(record), strict=True)
    known = [Difference(field, asked, " + ".join(values[field])) for (_, _, field, _), asked in pairs]
    return tuple(one for one in (*strange, *known) if one.asked or one.got)


def as_record(request: Request, record_id: str) -> Record:
    """A draft that asks for what a CSR asks for: the first value of each part, every name, its kind of key."""
    first: dict[str, str] = {}
    for short, _, value in request.subject:
        first.setdefault(short, tidy(value))
    subject = Subject(**{field: first.get(short, "") for _, short, field, _ in _PARTS})
    sans = tuple(dict.fromkeys(names.kept(meant(name)) for name in request.sans))
    domain = names.ascii_domain(subject.domain) or next((name for name in sans if _is_dns(name)), "")
    return Record(
        id=record_id,
        subject=replace(subject, domain=domain),
        names=tuple(name for name in sans if name != domain),
        key=request.key,
    )


def meant(name: str) -> str:
    """An address that stands as a DNS name, which no client matches, as the address."""
    bare = name.removeprefix("DNS:")
    return bare if names.is_address(bare) else name


def _values(record: Record) -> tuple[str, ...]:
    values = tuple(getattr(record.subject, field) for _, _, field, _ in _PARTS)
    return tuple(
        "" if field == "domain" and len(value) > LONGEST_CN else value
        for (_, _, field, _), value in zip(_PARTS, values, strict=True)
    )


def _subject(record: Record) -> tuple[tuple[x509.ObjectIdentifier, str, str, str], ...]:
    return tuple(
        (oid, short, long, value) for (oid, short, _, long), value in zip(_PARTS, _values(record), strict=True) if value
    )


def _general_name(name: str) -> x509.GeneralName:
    import ipaddress

    known = names.of(name)
    match known.kind:
        case names.NameKind.DNS:
            return x509.DNSName(known.value)
        case names.NameKind.IP:
            return x509.IPAddress(ipaddress.ip_address(known.value))
        case names.NameKind.EMAIL:
            return x509.RFC822Name(known.value)
        case names.NameKind.URI:
            return x509.UniformResourceIdentifier(known.value)


@cache
def _key_usage(*, rsa_key: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=rsa_key,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def subject_parts(name: dn.Name) -> tuple[Part, ...]:
    """The parts of a subject, in their order."""
    return tuple(_part(attribute) for relative in name for attribute in relative)


def _part(attribute: dn.Attribute) -> Part:
    for oid, short, _, long in _PARTS:
        if oid.dotted_string == attribute.oid:
            return (short, long, attribute.text)
    other = next((text for oid, text in _OTHER_PARTS.items() if oid.dotted_string == attribute.oid), "")
    return (other, other, attribute.text) if other else (attribute.short, attribute.oid, attribute.text)


def _hash(request: x509.CertificateSigningRequest, public: PublicKey) -> str:
    if isinstance(public, ed25519.Ed25519PublicKey):
        return "Ed25519"
    try:
        algorithm = request.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "unknown"
    return hash_name(algorithm) if algorithm else "unknown"


def hash_name(algorithm: hashes.HashAlgorithm) -> str:
    """As people write it: `SHA-256`."""
    return algorithm.name.upper().replace("SHA", "SHA-", 1)


def _verified(request: x509.CertificateSigningRequest, public: PublicKey, signed: bytes) -> bool:
    """pyca calls every SHA-1 signature invalid; the raw parts tell whether it really is."""
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(request.signature, signed)
            return True
        digest = request.signature_hash_algorithm
        if digest is None:
            return False
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(request.signature, signed, ec.ECDSA(digest))
        else:
            scheme = request.signature_algorithm_parameters
            if not isinstance(scheme, padding.PKCS1v15 | padding.PSS):
                return False
            public.verify(request.signature, signed, scheme, digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def key_label(public: PublicKey) -> str:
    """The key's kind as people say it, such as `RSA 2048`."""
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA {public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"ECC {keys.spec_of(public).parameter}"
    return "Ed25519"


def _is_dns(name: str) -> bool:
    try:
        return names.of(name).kind is names.NameKind.DNS
    except names.BadName:
        return False


def _spec_text(spec: KeySpec) -> str:
    return f"{spec.algorithm} {spec.parameter}"
