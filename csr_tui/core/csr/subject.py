"""The subject of a request: its parts, in the order they are encoded in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csr_tui.core import dn
    from csr_tui.core.record import Record

Part = tuple[str, str, str]
"""Short name, long name and value of one part of a subject."""

LONGEST_CN = 64
"""RFC 5280's upper bound of a commonName; a longer domain is in the names alone."""

PARTS = (
    (NameOID.COUNTRY_NAME, "C", "country", "countryName"),
    (NameOID.STATE_OR_PROVINCE_NAME, "ST", "province", "stateOrProvinceName"),
    (NameOID.LOCALITY_NAME, "L", "city", "localityName"),
    (NameOID.ORGANIZATION_NAME, "O", "organization", "organizationName"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "OU", "department", "organizationalUnitName"),
    (NameOID.COMMON_NAME, "CN", "domain", "commonName"),
    (NameOID.EMAIL_ADDRESS, "email", "email", "emailAddress"),
)
"""OID, short name, the record's field, X.520 name: in the order of BR 7.1.4.1."""

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


def subject(record: Record) -> tuple[Part, ...]:
    """The subject exactly as it will be encoded: in BR order, one value each, without what is empty."""
    return tuple((short, long, value) for (_, short, _, long), value in with_values(record) if value)


def x509_name(record: Record) -> x509.Name:
    """The same, as the library takes it."""
    return x509.Name([x509.NameAttribute(oid, value) for (oid, _, _, _), value in with_values(record) if value])


def with_values(record: Record) -> Iterator[tuple[tuple[x509.ObjectIdentifier, str, str, str], str]]:
    """Each of `PARTS`, and the value that is asked for there; it may be empty."""
    for part in PARTS:
        value: str = getattr(record.subject, part[2])
        yield part, "" if part[2] == "domain" and len(value) > LONGEST_CN else value


def subject_parts(name: dn.Name) -> tuple[Part, ...]:
    """The parts of a subject, in their order."""
    return tuple(_part(attribute) for relative in name for attribute in relative)


def _part(attribute: dn.Attribute) -> Part:
    for oid, short, _, long in PARTS:
        if oid.dotted_string == attribute.oid:
            return (short, long, attribute.text)
    other = next((text for oid, text in _OTHER_PARTS.items() if oid.dotted_string == attribute.oid), "")
    return (other, other, attribute.text) if other else (attribute.short, attribute.oid, attribute.text)
