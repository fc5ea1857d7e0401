"""What was asked for, beside what a request or a certificate has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csr_tui.core import extra, names
from csr_tui.core.csr import usage
from csr_tui.core.csr.read import Request
from csr_tui.core.csr.subject import Part, subject
from csr_tui.core.fields import ENCODED
from csr_tui.core.keys.kinds import KINDS, kind_of
from csr_tui.core.record import KeySpec, Origin, Record
from csr_tui.core.text import escaped, hidden_differences, plain
from csr_tui.core.usages import USAGES, MainName

GOOD_SIGNATURES = frozenset({"SHA-256", "SHA-384", "SHA-512", *(kind.signature for kind in KINDS)})
"""What a CSR may be signed with; CAs refuse the older ones."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a record, and what the CSR has there instead; `main` is the kind of the record's main name."""

    field: str
    asked: str
    got: str
    main: MainName = MainName.HOST

    @property
    def differs(self) -> bool:
        """Whether clients distinguish the two: hosts, and the domains of mailboxes, are the same in any case."""
        if self.field in {"sans", "email"} or (self.field == "domain" and self.main is MainName.MAILBOX):
            return names.comparable(self.asked) != names.comparable(self.got)
        if self.field == "domain" and self.main is MainName.HOST:
            return names.ascii_domain(self.asked) != names.ascii_domain(self.got)
        return self.asked != self.got

    @property
    def shown(self) -> tuple[str, str]:
        """Both for people; how the two differ is added where that cannot be seen."""
        alike = self.differs and plain(self.asked) == plain(self.got)
        asked, got = (
            " with ".join(filter(None, (escaped(text), ", ".join(hidden_differences(text)) if alike else "")))
            for text in (self.asked, self.got)
        )
        return asked or "nothing", got or "nothing"


def differences(record: Record, request: Request) -> tuple[Difference, ...]:
    """Where a CSR differs from its record's request; an empty tuple where nothing does."""
    kind = kind_of(record.key)
    wanted = subject(record)
    found = (
        [] if request.subject == wanted else [one for one in compare_subject(record, request.subject) if one.differs]
    )
    asked = extra.alternative_names(record)
    if asked != request.sans and sorted(map(names.comparable, asked)) != sorted(map(names.comparable, request.sans)):
        found.append(Difference("sans", ", ".join(asked), ", ".join(request.sans)))
    if record.origin is not Origin.TENCENT and kind is not None:  # Tencent Cloud cannot be asked for a usage
        found += _usages(record, request, nameless=bool(asked) and not wanted)
    if record.key != request.key:
        found.append(Difference("key_parameter", _spec_text(record.key), _spec_text(request.key)))
    if request.signature_hash not in GOOD_SIGNATURES:
        found.append(Difference("signature", kind.signature if kind else "", request.signature_hash))
    if not request.signature_valid:
        found.append(Difference("signature", "valid", "not valid"))
    return tuple(found)


def _usages(record: Record, request: Request, *, nameless: bool) -> Iterator[Difference]:
    """Where the extensions are not those that are asked for with such a usage and key; `nameless` without a subject."""
    row, texts = USAGES[record.usage], dict(request.extension_texts)
    constraints = {
        usage.BASIC_CONSTRAINTS: extra.basic_constraints(record),
        usage.NAME_CONSTRAINTS: extra.name_constraints(record),
    }
    others = [oid for oid in request.other_extensions if not constraints.get(oid)]
    uses = (*row.extended_key_usage, *map(usage.extended_name, extra.values(record, extra.Place.EXTENDED_KEY_USAGE)))
    names_critical, key_critical, extended_critical = (oid in request.critical for oid in usage.ASKED_EXTENSIONS)
    for field, asked, got in (
        ("sans", _flag(nameless), _flag(names_critical)),
        ("key_usage", _joined(row.key_usage_of(record.key.algorithm), True), _joined(request.key_usage, key_critical)),
        ("extended_key_usage", _joined(uses, False), _joined(request.extended_key_usage, extended_critical)),
        *(
            (usage.CONSTRAINTS[oid], _joined((asked,), True), _joined((texts.get(oid, ""),), oid in request.critical))
            for oid, asked in constraints.items()
            if asked
        ),
        ("extensions", "", ", ".join(others)),
    ):
        if asked != got:
            yield Difference(field, asked, got)


def compare_subject(record: Record, got: tuple[Part, ...]) -> tuple[Difference, ...]:
    """Each part that is asked for or there, the same or not; parts that no record has come first."""
    fields = {field.short: field.name for field in ENCODED}
    asked, present = _values(subject(record)), _values(got)
    strange = [
        Difference("subject", "", f"{long}={value}")
        for short, long, value in got
        if short not in fields and short not in asked
    ]
    lines = [
        Difference(
            "extra",
            " + ".join(f"{short}={value}" for value in asked.get(short, ())),
            " + ".join(f"{short}={value}" for value in present.get(short, ())),
        )
        for short in asked
        if short not in fields
    ]
    known = [
        Difference(
            name, " + ".join(asked.get(short, ())), " + ".join(present.get(short, ())), USAGES[record.usage].main
        )
        for short, name in fields.items()
    ]
    return tuple(one for one in (*strange, *lines, *known) if one.asked or one.got)


def _values(parts: tuple[Part, ...]) -> dict[str, list[str]]:
    """Short name -> its values."""
    found: dict[str, list[str]] = {}
    for short, _, value in parts:
        found.setdefault(short, []).append(value)
    return found


def _spec_text(spec: KeySpec) -> str:
    return f"{spec.algorithm} {spec.parameter}"


def _joined(words: tuple[str, ...], critical: bool) -> str:
    return ", ".join(("critical", *words) if critical else words)


def _flag(critical: bool) -> str:
    return "critical" if critical else "not critical"
