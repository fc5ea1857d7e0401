"""The subject of a request: its parts, in the order they are encoded in."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter

from cryptography import x509

from csr_tui.core import dn, extra
from csr_tui.core.fields import DOMAIN, ENCODED, Subject
from csr_tui.core.record import Record

Part = tuple[str, str, str]
"""Short name, long name and value of one part of a subject."""

_BY_OID = {field.oid: field for field in ENCODED}


def subject(record: Record) -> tuple[Part, ...]:
    """The subject exactly as it will be encoded: in BR order, without what is empty."""
    return tuple(part for _, part in _attributes(record.subject, record.extra))


def x509_name(record: Record) -> x509.Name:
    """The same, as the library takes it, which would count the bytes of a CN instead of its characters (X.520)."""
    return x509.Name([_name_attribute(oid, part[2]) for oid, part in _attributes(record.subject, record.extra)])


@lru_cache(maxsize=256)  # as in `dn`
def _name_attribute(oid: str, value: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(x509.ObjectIdentifier(oid), value, _validate=False)


@lru_cache(maxsize=4)  # a request asks for that of one record again and again
def _attributes(fields: Subject, lines: tuple[str, ...]) -> tuple[tuple[str, Part], ...]:
    """OID and `Part` of each part: the fields, and the extra lines behind those of their rank.

    A domain that no CN can hold is in the names alone.
    """
    values = [(field, getattr(fields, field.name)) for field in ENCODED]
    found = [
        (field.rank, field.oid, (field.short, field.x520, value))
        for field, value in values
        if value and not (field is DOMAIN and len(value) > field.longest)
    ]
    found += [(row.rank, row.oid, (_short(row), row.x520, value)) for row, value in extra.in_subject(lines)]
    return tuple(part[1:] for part in sorted(found, key=itemgetter(0)))


def _short(row: extra.ExtraLine) -> str:
    return _BY_OID[row.oid].short if row.oid in _BY_OID else row.x520


def subject_parts(name: dn.Name) -> tuple[Part, ...]:
    """The parts of a subject, in their order."""
    return tuple(_part(attribute) for relative in name for attribute in relative)


def _part(attribute: dn.Attribute) -> Part:
    if (field := _BY_OID.get(attribute.oid)) is not None:
        return (field.short, field.x520, attribute.text)
    other = dn.X520.get(attribute.oid, "")
    return (other, other, attribute.text) if other else (attribute.short, attribute.oid, attribute.text)
