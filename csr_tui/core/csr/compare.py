"""What was asked for, beside what a request or a certificate has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from csr_tui.core import names
from csr_tui.core.csr.subject import PARTS, subject, with_values
from csr_tui.core.text import differences as unlike
from csr_tui.core.text import plain, visible

if TYPE_CHECKING:
    from csr_tui.core.csr.read import Request
    from csr_tui.core.csr.subject import Part
    from csr_tui.core.record import KeySpec, Record

GOOD_HASHES = frozenset({"SHA-256", "SHA-384", "SHA-512", "Ed25519"})
"""What a CSR may be signed with; CAs refuse the older ones."""


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
    fields = {short: field for _, short, field, _ in PARTS}
    values: dict[str, list[str]] = {field: [] for field in fields.values()}
    strange = []
    for short, long, value in got:
        if short in fields:
            values[fields[short]].append(value)
        else:
            strange.append(Difference("subject", "", f"{long}={value}"))
    known = [Difference(part[2], asked, " + ".join(values[part[2]])) for part, asked in with_values(record)]
    return tuple(one for one in (*strange, *known) if one.asked or one.got)


def _spec_text(spec: KeySpec) -> str:
    return f"{spec.algorithm} {spec.parameter}"
