"""The extensions of a certificate or request, each read by itself: one that is malformed does not hide the others."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509

from csr_tui.core import der, dn
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.names import tagged

Kind = TypeVar("Kind", bound=x509.ExtensionType)

MOST = 200
"""Extensions that are read of one certificate; no CA writes so many."""

EXTENSION_REQUEST = "1.2.840.113549.1.9.14"

_POISON = x509.PrecertPoison.oid.dotted_string

ALTERNATIVE_NAMES = x509.SubjectAlternativeName.oid.dotted_string

_NAMES = {
    "2.5.29.9": "subjectDirectoryAttributes",
    "2.5.29.14": "subjectKeyIdentifier",
    "2.5.29.15": "keyUsage",
    ALTERNATIVE_NAMES: "subjectAltName",
    "2.5.29.18": "issuerAltName",
    "2.5.29.19": "basicConstraints",
    "2.5.29.30": "nameConstraints",
    "2.5.29.31": "cRLDistributionPoints",
    "2.5.29.32": "certificatePolicies",
    "2.5.29.33": "policyMappings",
    "2.5.29.35": "authorityKeyIdentifier",
    "2.5.29.36": "policyConstraints",
    "2.5.29.37": "extKeyUsage",
    "2.5.29.46": "freshestCRL",
    "2.5.29.54": "inhibitAnyPolicy",
    "1.3.6.1.5.5.7.1.1": "authorityInfoAccess",
    "1.3.6.1.5.5.7.1.11": "subjectInfoAccess",
    "1.3.6.1.5.5.7.1.24": "tlsFeature",
    "1.3.6.1.4.1.11129.2.4.2": "signedCertificateTimestampList",
    "2.16.840.1.113730.1.1": "netscapeCertType",
}
"""As RFC 5280 and openssl call them."""

_TEXTS = {0x81: NameKind.EMAIL, 0x82: NameKind.DNS, 0x86: NameKind.URI}
_OTHERS = {0xA0: "other", 0xA3: "x400", 0xA4: "directory", 0xA5: "edi", 0x88: "oid"}
"""The kinds of GeneralName by their tags (RFC 5280, 4.2.1.6)."""

_TEXT_NAMES = {"1.3.6.1.4.1.311.20.2.3": "UPN", "1.3.6.1.5.5.7.8.7": "SRV"}
"""The otherNames that hold a text: the user of an Active Directory, and a service (RFC 4985)."""

_UNREAD_NAMES = frozenset({"x400:", "edi:"})
"""What pyca refuses, with all names beside it, though it is allowed."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """Those that could be read, the alternative names, and what is wrong with the rest.

    `sans` are the texts of the names (`names.tagged`). `malformed`, `repeated` and `unknown` (critical ones that
    nobody here knows) are names of extensions. `oids` has every extension once, `critical` those of them that are.
    """

    values: tuple[x509.ExtensionType, ...]
    sans: tuple[str, ...]
    ca: bool
    path_length: int | None
    oids: tuple[str, ...]
    critical: tuple[str, ...]
    malformed: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def get(self, kind: type[Kind]) -> Kind | None:
        """The first of this kind; None where there is none, or where it cannot be read."""
        return _first(self.values, kind)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each that is not as it should be."""
        odd = [one.rstrip(":") for one in self.sans if one in _UNREAD_NAMES]
        return (
            *(f"Its subjectAltName contains a name of an unsupported type: {one}." for one in odd),
            *(f"Its extension {one} is malformed (RFC 5280): some clients may reject it." for one in self.malformed),
            *(f"It has the extension {one} more than once: some clients reject it." for one in self.repeated),
            *(
                f"Its extension {one} is critical: clients that do not know it reject the certificate."
                for one in self.unknown
            ),
            *("It is a precertificate, made for logs: every client rejects it." for one in self.oids if one == _POISON),
        )


@dataclass(frozen=True, slots=True)
class _Raw:
    oid: str
    oid_der: bytes
    critical: bool
    strict: bool
    value: bytes


def read(source: x509.Certificate | x509.CertificateSigningRequest) -> Extensions:
    """Every extension, whatever the others are like; none where there are none."""
    return _whole(source) or _one_by_one(source)


def _whole(source: x509.Certificate | x509.CertificateSigningRequest) -> Extensions | None:
    """All at once, which takes a fifth of the time (a batch reads thousands); None where pyca refuses any of them."""
    try:
        found = tuple(source.extensions)
        values = tuple(one.value for one in found)
        sans = tuple(name_text(name) for name in _first(values, x509.SubjectAlternativeName) or ())
    except Exception:  # noqa: BLE001  # as in _parsed
        return None
    oids = [one.oid.dotted_string for one in found]
    basic = _first(values, x509.BasicConstraints)
    critical = [(one.value, oid) for one, oid in zip(found, oids, strict=True) if one.critical]
    return Extensions(
        values,
        sans,
        basic is not None and basic.ca,
        None if basic is None else basic.path_length,
        tuple(oids),
        tuple(oid for _, oid in critical),
        unknown=tuple(
            oid for value, oid in critical if type(value) is x509.UnrecognizedExtension and oid not in _NAMES
        ),
    )


def _first(values: tuple[x509.ExtensionType, ...], kind: type[Kind]) -> Kind | None:
    """By the type itself: pyca has no subclasses of these, and asks an abstract class through Python code."""
    for one in values:
        if type(one) is kind:
            return one
    return None


def _one_by_one(source: x509.Certificate | x509.CertificateSigningRequest) -> Extensions:
    """Each alone, so that one that is malformed does not hide the others."""
    values: dict[str, x509.ExtensionType] = {}
    sans: tuple[str, ...] = ()
    constraints: tuple[bool, int | None] = (False, None)
    malformed, repeated, unknown = [], [], []
    seen: dict[str, bool] = {}
    for raw in _raw(source):
        if raw.oid in seen:
            repeated.append(raw.oid)
            continue
        seen[raw.oid] = raw.critical
        value = _parsed(raw)
        if value is not None:
            values[raw.oid] = value
        if raw.critical and isinstance(value, x509.UnrecognizedExtension) and raw.oid not in _NAMES:
            unknown.append(raw.oid)
        if raw.oid == ALTERNATIVE_NAMES:
            sans = tuple(map(name_text, value)) if isinstance(value, x509.SubjectAlternativeName) else _sans(raw.value)
        elif raw.oid == x509.BasicConstraints.oid.dotted_string:
            constraints = _constraints(raw.value)
        if (value is None or not raw.strict) and not _UNREAD_NAMES.intersection(
            sans if raw.oid == ALTERNATIVE_NAMES else ()
        ):
            malformed.append(raw.oid)
    return Extensions(
        tuple(values.values()),
        sans,
        *constraints,
        oids=tuple(seen),
        critical=tuple(oid for oid, critical in seen.items() if critical),
        malformed=tuple(map(_name, malformed)),
        repeated=tuple(map(_name, dict.fromkeys(repeated))),
        unknown=tuple(map(_name, unknown)),
    )


def name_text(name: x509.GeneralName) -> str:
    """An alternative name as text that says its kind by its form, or else in front of it (`names.tagged`)."""
    match name:
        case x509.DNSName():
            return tagged(NameKind.DNS, name.value)
        case x509.RFC822Name():
            return tagged(NameKind.EMAIL, name.value)
        case x509.UniformResourceIdentifier():
            return tagged(NameKind.URI, name.value)
        case x509.IPAddress():
            return tagged(NameKind.IP, str(name.value))
        case x509.DirectoryName():
            return f"directory:{name.value.rfc4514_string()}"
        case x509.RegisteredID():
            return f"oid:{name.value.dotted_string}"
        case x509.OtherName():
            oid = name.type_id.dotted_string
            text = der.string(name.value) if oid in _TEXT_NAMES else ""
            return f"{_TEXT_NAMES[oid]} {text}" if text else f"other:{oid}"
        case _:
            return "unknown:"


def _raw(source: x509.Certificate | x509.CertificateSigningRequest) -> Iterator[_Raw]:
    """Each extension as it stands; what follows one that is no DER at all cannot be found."""
    try:
        if isinstance(source, x509.Certificate):
            lists = [one.parts[0] for one in dn.fields(source) if one.tag == 0xA3]
        else:
            lists = list(_requested(source))
        for extension in [one for found in lists for one in der.inside(found, der.SEQUENCE)][:MOST]:
            oid, *flag, value = der.inside(extension, der.SEQUENCE)
            yield _Raw(
                der.dotted(oid.content),
                oid.raw,
                critical=any(any(one.content) for one in flag),
                strict=all(one.content == b"\xff" for one in flag),
                value=value.content,
            )
    except (ValueError, IndexError):
        return


def _requested(source: x509.CertificateSigningRequest) -> Iterator[der.Element]:
    for part in der.element(source.tbs_certrequest_bytes).parts:
        if part.tag == 0xA0:
            for attribute in part.parts:
                oid, values = der.inside(attribute, der.SEQUENCE)
                if der.dotted(oid.content) == EXTENSION_REQUEST:
                    yield from der.inside(values, der.SET)


def _parsed(raw: _Raw) -> x509.ExtensionType | None:
    """What pyca reads of one extension, alone in a certificate; None where it cannot."""
    critical = der.encoded(der.BOOLEAN, b"\xff") if raw.critical else b""
    one = der.encoded(der.SEQUENCE, raw.oid_der, critical, der.encoded(der.OCTETS, raw.value))
    parts = der.encoded(der.SEQUENCE, _STUB, der.encoded(0xA3, der.encoded(der.SEQUENCE, one)))
    try:
        loaded = x509.load_der_x509_certificate(der.encoded(der.SEQUENCE, parts, _ALGORITHM, _NO_BITS))
        (extension,) = loaded.extensions
    except Exception:  # noqa: BLE001  # pyca's errors are no closed set: KeyError, TypeError and its own are among them
        return None
    value: x509.ExtensionType = extension.value
    return value


def _sans(value: bytes) -> tuple[str, ...]:
    """Name by name, where pyca refuses them together."""
    try:
        (sequence,) = der.elements(value)
        return tuple(_san(one) for one in der.inside(sequence, der.SEQUENCE))
    except ValueError:
        return ()


def _san(element: der.Element) -> str:
    if element.tag in _TEXTS:
        return tagged(_TEXTS[element.tag], element.content.decode("utf-8", "replace"))
    if element.tag == 0x87:
        known = len(element.content) in {4, 16}
        return tagged(
            NameKind.IP, str(ipaddress.ip_address(element.content)) if known else f"0x{element.content.hex()}"
        )
    if element.tag == 0xA4:
        return f"directory:{dn.text(dn.read(element.content))}"
    return f"{_OTHERS.get(element.tag, 'unknown')}:"


def _constraints(value: bytes) -> tuple[bool, int | None]:
    """Whether it says that it is a CA, and how many may stand below it: as OpenSSL reads it, DER or not."""
    try:
        (sequence,) = der.elements(value)
        parts = {one.tag: one.content for one in der.inside(sequence, der.SEQUENCE)}
    except ValueError:
        return False, None
    length = parts.get(der.INTEGER)
    return any(parts.get(der.BOOLEAN, b"")), None if length is None else int.from_bytes(length[:8], "big", signed=True)


def _name(oid: str) -> str:
    return _NAMES.get(oid, oid)


_ALGORITHM = der.encoded(der.SEQUENCE, der.encoded(der.OID, bytes.fromhex("2b6570")))
_NO_BITS = der.encoded(0x03, b"\0")
_NO_NAME = der.encoded(der.SEQUENCE)
_STUB = b"".join(
    (
        der.encoded(0xA0, der.encoded(der.INTEGER, b"\2")),
        der.encoded(der.INTEGER, b"\1"),
        _ALGORITHM,
        _NO_NAME,
        der.encoded(der.SEQUENCE, *(der.encoded(0x17, b"260101000000Z"),) * 2),
        _NO_NAME,
        der.encoded(der.SEQUENCE, _ALGORITHM, der.encoded(0x03, bytes(33))),
    )
)
"""A certificate up to its extensions, to put one into."""
