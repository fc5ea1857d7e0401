"""What a CA made of a request: asked and issued, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from csr_tui.core import csr, extension_text, extra, names
from csr_tui.core.certificate.content import Certificate, read, serial
from csr_tui.core.certificate.files import certificates_in, stored_leaf
from csr_tui.core.csr import Difference
from csr_tui.core.csr.usage import BASIC_CONSTRAINTS, CONSTRAINTS
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.keys.kinds import kind_of, missing
from csr_tui.core.name_kinds import KINDS, WRITTEN
from csr_tui.core.record import Record

_DAMAGED = "damaged data"


@dataclass(frozen=True, slots=True)
class EarlierCertificate:
    """A certificate that a newer one for the same key took the place of; its serial number in lower-case hex."""

    serial: str
    not_before: datetime
    not_after: datetime


def compared(record: Record, issued: Certificate) -> tuple[Difference, ...]:
    """Each part of the subject, and each name, that was asked for or is there: the same or not.

    That they differ is information and no error: public CAs drop what they do not check, and some add a name.
    """
    got = {names.comparable(name): name for name in issued.sans}
    asked = {names.comparable(name): name for name in extra.alternative_names(record)}
    rows = [Difference("sans", name, got.pop(key, "")) for key, name in asked.items()]
    rows += [Difference("sans", "", name) for name in got.values()]
    return (*csr.compare_subject(record, issued.parts), *rows, *_extensions(record, issued))


def differences(record: Record, issued: Certificate) -> tuple[Difference, ...]:
    """Where the certificate says something else than was asked for; the names, where they differ, in one."""
    found = [one for one in csr.compare_subject(record, issued.parts) if one.differs]
    asked = extra.alternative_names(record)
    if {names.comparable(name) for name in asked} != {names.comparable(name) for name in issued.sans}:
        found.append(Difference("sans", ", ".join(asked), ", ".join(issued.sans)))
    return (*found, *(one for one in _extensions(record, issued) if one.differs))


def _extensions(record: Record, issued: Certificate) -> Iterator[Difference]:
    """The basic constraints of a CA, each extra line that asks for an extension, and what the certificate has of it."""
    texts = dict(extension_text.described(issued.extensions))
    uses = issued.extensions.get(x509.ExtendedKeyUsage) or ()
    got = {f"eku={oid.dotted_string}" for oid in uses}
    got |= set(extra.of_constraints(*(texts.get(oid, "") for oid in CONSTRAINTS)))
    if (asked := extra.basic_constraints(record)) and not extra.values(record, extra.Place.PATH_LENGTH):
        yield Difference(CONSTRAINTS[BASIC_CONSTRAINTS], asked, texts.get(BASIC_CONSTRAINTS, ""))
    for line in record.extra:
        row, _ = extra.parse(line)
        if row is not None and row.place not in (extra.Place.SUBJECT, extra.Place.ALTERNATIVE_NAMES):
            yield Difference("extra", line, line if line in got else "")


def mistaken(record: Record, issued: Certificate) -> tuple[Finding, ...]:
    """Names that no client matches, those that were asked for as another kind among them."""
    asked = {names.comparable(name) for name in record.sans}
    found = []
    for name in issued.sans:
        kind, bare = names.stated(name)
        if name != bare and names.comparable(bare) in asked:
            wanted = KINDS[names.parse(bare).kind]
            sentence = f"{bare} was requested as {wanted}, but issued as {WRITTEN[kind]}: clients do not match it."
            found.append(Finding.warning("name-kind", "sans", sentence, source="RFC 5280 4.2.1.6"))
        elif mistake := names.mistake(name):
            found.append(Finding.warning("name-unmatched", "sans", mistake, source="RFC 5280 4.2.1.6"))
    return tuple(found)


def earlier(record: Record) -> tuple[EarlierCertificate, ...]:
    """Those that the certificate of a record took the place of, the last first, as far as they can be read."""
    found = []
    for text in record.earlier:
        with suppress(InvalidError):
            one = certificates_in(text.encode())[0]
            found.append(EarlierCertificate(f"{serial(one):x}", one.not_valid_before_utc, one.not_valid_after_utc))
    return tuple(found)


def differences_of(record: Record) -> tuple[Difference, ...]:
    """Where the CSR of a record, and its certificate once it has one, say something else than was asked for.

    Nothing of a key that cannot be read on this machine, which the rule of its kind reports. A text that the disk
    damaged is one difference, so that it hides no other record of a list.
    """
    kind = kind_of(record.key)
    if record.csr is None or (kind is not None and missing(kind.algorithm)):
        return ()
    try:
        requested = csr.differences(record, csr.read(record.csr))
    except InvalidError:
        requested = (Difference("request", "a CSR", _DAMAGED),)
    if record.certificate is None:
        return requested
    try:
        issued = differences(record, read(stored_leaf(record.certificate)))
    except InvalidError:
        issued = (Difference("certificate", "a certificate", _DAMAGED),)
    return tuple(dict.fromkeys((*requested, *issued)))
