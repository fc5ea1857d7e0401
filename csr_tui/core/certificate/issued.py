"""What a CA made of a request: asked and issued, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import csr
from csr_tui.core.certificate.content import Certificate, read
from csr_tui.core.certificate.files import certificates_in
from csr_tui.core.csr import Difference

if TYPE_CHECKING:
    from csr_tui.core.record import Record


def compared(record: Record, issued: Certificate) -> tuple[Difference, ...]:
    """Each part of the subject, and each name, that was asked for or is there: the same or not.

    That they differ is information and no error: public CAs drop what they do not check, and some add a name.
    """
    got = {name.casefold(): name for name in issued.sans}
    asked = {name.casefold(): name for name in record.sans}
    rows = [Difference("sans", name, got.pop(key, "")) for key, name in asked.items()]
    rows += [Difference("sans", "", name) for name in got.values()]
    return (*csr.compare_subject(record, issued.parts), *rows)


def differences(record: Record, issued: Certificate) -> tuple[Difference, ...]:
    """Where the certificate says something else than was asked for; the names, where they differ, in one."""
    found = tuple(one for one in csr.compare_subject(record, issued.parts) if one.asked != one.got)
    if {name.casefold() for name in record.sans} == {name.casefold() for name in issued.sans}:
        return found
    return (*found, Difference("sans", ", ".join(record.sans), ", ".join(issued.sans)))


def differences_of(record: Record) -> tuple[Difference, ...]:
    """Where the CSR of a record, and its certificate once it has one, say something else than was asked for."""
    if record.csr is None:
        return ()
    requested = csr.differences(record, csr.read(record.csr))
    if record.certificate is None:
        return requested
    issued = read(certificates_in(record.certificate.encode())[0])
    return tuple(dict.fromkeys((*requested, *differences(record, issued))))
