"""Distinguished names as they stand in certificates and requests, whatever their strings hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from csr_tui.core import der
from csr_tui.core.text import escaped

if TYPE_CHECKING:
    from cryptography import x509

Name = tuple[tuple["Attribute", ...], ...]
"""The relative distinguished names, in the order of the encoding."""

Key = tuple[frozenset[tuple[str, str | bytes]], ...]

COMMON_NAME = "2.5.4.3"
LONGEST_LABEL = 64

_BYTES = frozenset({0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A})
"""UTF8String, NumericString, PrintableString, T61String, IA5String, VisibleString: often not what they say."""

_WIDE = {0x1C: "utf-32-be", 0x1E: "utf-16-be"}

_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
}
"""RFC 4514, 3."""

X520 = {
    "2.5.4.4": "surname",
    "2.5.4.5": "serialNumber",
    "2.5.4.9": "street",
    "2.5.4.12": "title",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.42": "givenName",
    "2.5.4.97": "organizationIdentifier",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionLocality",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionStateOrProvince",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionCountry",
    "0.9.2342.19200300.100.1.1": "userId",
    "0.9.2342.19200300.100.1.25": "domainComponent",
    "1.2.840.113549.1.9.1": "emailAddress",
}
"""X.520 names of parts that RFC 4514 has no short one for, and of those that no record has."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One part of a name; bytes where it is no text."""

    oid: str
    value: str | bytes

    @property
    def short(self) -> str:
        """`CN`, or the X.520 name where RFC 4514 has no short one; the object identifier where there is neither."""
        return _SHORT.get(self.oid) or X520.get(self.oid, self.oid)

    @property
    def text(self) -> str:
        """The value, in hex where it is no text."""
        return self.value if isinstance(self.value, str) else self.value.hex()


def read(data: bytes) -> Name:
    """Every part of a name; what is no name has none."""
    try:
        (sequence,) = der.elements(data)
        return tuple(map(_relative, der.inside(sequence, der.SEQUENCE)))
    except ValueError:
        return ()


def fields(certificate: x509.Certificate) -> tuple[der.Element, ...]:
    """The parts of a certificate behind its version: serial, signature, issuer, validity, subject, key, and more."""
    parts = der.element(certificate.tbs_certificate_bytes).parts
    return parts[1:] if parts[0].tag == 0xA0 else parts


def subject(certificate: x509.Certificate) -> Name:
    """Whom it is for."""
    return read(fields(certificate)[4].raw)


def issuer(certificate: x509.Certificate) -> Name:
    """Who signed it, as it says."""
    return read(fields(certificate)[2].raw)


def key(name: Name) -> Key:
    """Equal for names that RFC 5280 7.1 calls the same: letter case, blanks and the kind of string do not matter."""
    return tuple(frozenset((one.oid, _prepared(one.value)) for one in relative) for relative in name)


def text(name: Name) -> str:
    """As RFC 4514 writes it, the last part first."""
    return ",".join("+".join(f"{one.short}={_escaped(one)}" for one in relative) for relative in reversed(name))


def common_name(name: Name) -> str:
    """The first common name; an empty text where there is none."""
    return next((one.text for relative in name for one in relative if one.oid == COMMON_NAME), "")


def label(name: Name) -> str:
    """What a person calls the holder of a name: its common name, or else the whole."""
    return escaped((common_name(name) or text(name))[:LONGEST_LABEL]) or "(without a name)"


@lru_cache(maxsize=256)  # the requests of a table differ in their common names alone
def _relative(one: der.Element) -> tuple[Attribute, ...]:
    return tuple(map(_attribute, der.inside(one, der.SET)))


def _attribute(pair: der.Element) -> Attribute:
    oid, value = der.inside(pair, der.SEQUENCE)
    return Attribute(der.dotted(oid.content), _text(value))


def _text(value: der.Element) -> str | bytes:
    if value.tag in _WIDE:
        return value.content.decode(_WIDE[value.tag], "replace")
    if value.tag not in _BYTES:
        return value.content
    try:
        return value.content.decode("utf-8")
    except UnicodeDecodeError:
        return value.content.decode("latin-1")


def _prepared(value: str | bytes) -> str | bytes:
    """RFC 4518: compatible forms, case and runs of blanks are one."""
    if isinstance(value, bytes):
        return value
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold()).split())


def _escaped(attribute: Attribute) -> str:
    if isinstance(attribute.value, bytes):
        return f"#{attribute.value.hex()}"
    value = re.sub(r'([\\",+;<>])|\A[ #]| \Z', lambda match: f"\\{match.group(0)}", attribute.value)
    return value.replace("\0", "\\00")
