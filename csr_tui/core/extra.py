"""Extra lines of a request for private CAs: one row a name, which the request, its rules and its comparison follow."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from types import MappingProxyType

from csr_tui.core import host_names
from csr_tui.core.fields import DEPARTMENT, ORGANIZATION
from csr_tui.core.host_names import InvalidName
from csr_tui.core.record import Record
from csr_tui.core.text import is_invisible, trim
from csr_tui.core.usages import USAGES

MOST = 20
"""Lines of one request; name constraints of more are not shown whole."""

CHALLENGE = "challenge"
"""The one line that no record keeps: its value is asked for when the request is generated."""

CHALLENGE_OID = "1.2.840.113549.1.9.7"

UPN_OID = "1.3.6.1.4.1.311.20.2.3"
UPN_TAG = "UPN "
"""How a user principal name begins among the alternative names that are read."""

EMAIL_TAG = "email:"
_PERMITTED = "permitted "
_LENGTH = "CA:TRUE, path length "


class Place(Enum):
    """The part of a request that a line goes into."""

    SUBJECT = auto()
    EXTENDED_KEY_USAGE = auto()
    ALTERNATIVE_NAMES = auto()
    PATH_LENGTH = auto()
    NAME_CONSTRAINTS = auto()


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """One name of a line, and how its value is asked for.

    `about` describes the value in a few words, `example` is one. `oid`, `x520` and `rank` are those of a part of the
    subject, as in `SubjectField`; its value is of `longest` characters at most. `fault` is the error in a value, an
    empty text for a good one, and `canonical` the form that is kept. `usages` can have the line; where it is `once`, no
    more than one. `source` is where the rule of its value comes from, `dropped` why public CAs leave it out.
    """

    name: str
    about: str
    example: str
    place: Place
    oid: str = ""
    x520: str = ""
    rank: int = 0
    longest: int = 64
    fault: Callable[[str], str] = lambda _: ""
    canonical: Callable[[str], str] = str
    usages: frozenset[str] = frozenset(USAGES)
    once: bool = False
    source: str = ""
    dropped: str = "not part of a public TLS certificate (BR 7.1.2.7)"


def _printable(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9 '()+,./:=?-]*", text):
        return ""
    return "Use the letters A to Z, digits, spaces and '()+,-./:=? only."


def _label(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", text):
        return ""
    return "Use one DC= line for each label: DC=com, then DC=example for example.com."


def _object_identifier(text: str) -> str:
    arcs = [int(arc) for arc in text.split(".")] if re.fullmatch(r"[0-2](\.(0|[1-9][0-9]{0,38})){1,40}", text) else []
    size = sum(max(1, (arc.bit_length() + 6) // 7) for arc in arcs[1:])
    if arcs and (arcs[0] == 2 or arcs[1] < 40) and max(arcs) < 1 << 64 and size <= 60:
        return ""
    return "Use an object identifier, such as 1.3.6.1.4.1.311.20.2.2 for smart card logon."


def _user(text: str) -> str:
    user, at, domain = text.partition("@")
    if user and at and domain and "@" not in domain and not any(char == " " or is_invisible(char) for char in text):
        return ""
    return "Use a user and a domain with one @, such as jane@example.com."


def _number(text: str) -> str:
    return "" if re.fullmatch(r"0|[1-9][0-9]?", text) else "Use a whole number from 0 to 99."


def _subtree(text: str) -> str:
    try:
        _subtree_of(text)
    except ValueError as error:
        hint = f" {error}" if isinstance(error, InvalidName) else ""
        return f"Use a domain, a network such as 10.0.0.0/8, or email:example.com.{hint}"
    return ""


def _subtree_of(text: str) -> str:
    """A subtree in its canonical form; ValueError where it is none."""
    if "/" in text:
        return str(ipaddress.ip_network(text))
    tag = EMAIL_TAG if text.lower().startswith(EMAIL_TAG) else ""
    host = host_names.to_ascii(text[len(tag) :])
    if "*" in host or not re.search("[a-z]", host):
        raise ValueError(text)
    return f"{tag}{host}"


def _canonical_subtree(text: str) -> str:
    try:
        return _subtree_of(text)
    except ValueError:
        return text


_CA = frozenset(name for name, usage in USAGES.items() if usage.path_length is not None)
_PERSONS = frozenset({"client", "both", "email"})
_ONCE = "allowed once at most (BR 7.1.4.1)"
_S, _X = Place.SUBJECT, "X.520"

EXTRA_LINES: Mapping[str, ExtraLine] = MappingProxyType(
    {
        row.name: row
        for row in (
            ExtraLine(
                "OU", "a further department", "Ops", _S, DEPARTMENT.oid, DEPARTMENT.x520, 10, dropped=DEPARTMENT.dropped
            ),
            ExtraLine(
                "O",
                "a further organization",
                "system:masters",
                _S,
                ORGANIZATION.oid,
                ORGANIZATION.x520,
                7,
                dropped=_ONCE,
            ),
            ExtraLine(
                "DC",
                "a label of the directory's domain, the topmost first",
                "com",
                _S,
                "0.9.2342.19200300.100.1.25",
                "domainComponent",
                1,
                fault=_label,
                source="RFC 2247",
            ),
            ExtraLine("UID", "the user's id", "jane", _S, "0.9.2342.19200300.100.1.1", "userId", 15, longest=256),
            ExtraLine(
                "serialNumber",
                "a device's or an organization's number",
                "A-4711",
                _S,
                "2.5.4.5",
                "serialNumber",
                13,
                fault=_printable,
                source=_X,
            ),
            ExtraLine("T", "the title", "Dr.", _S, "2.5.4.12", "title", 14),
            ExtraLine("GN", "the given name", "Jane", _S, "2.5.4.42", "givenName", 9),
            ExtraLine("SN", "the surname", "Doe", _S, "2.5.4.4", "surname", 8),
            ExtraLine(
                "eku",
                "a further extended key usage, by its OID",
                "1.3.6.1.4.1.311.20.2.2",
                Place.EXTENDED_KEY_USAGE,
                longest=200,
                fault=_object_identifier,
                source="RFC 5280 4.2.1.12",
                dropped="no usage of a public TLS certificate (BR 7.1.2.7.10)",
            ),
            ExtraLine(
                "upn",
                "the user principal name of Active Directory",
                "jane@example.com",
                Place.ALTERNATIVE_NAMES,
                longest=255,
                fault=_user,
                usages=_PERSONS,
                source="MS-WCCE",
                dropped="no name of a public TLS certificate (BR 7.1.2.7.12)",
            ),
            ExtraLine(
                "pathlen",
                "how many CAs may follow below the requested one",
                "1",
                Place.PATH_LENGTH,
                fault=_number,
                usages=_CA,
                once=True,
                source="RFC 5280 4.2.1.9",
            ),
            ExtraLine(
                "permit",
                "the names that the CA may certify: a domain, a network or email:DOMAIN",
                "10.0.0.0/8",
                Place.NAME_CONSTRAINTS,
                longest=255,
                fault=_subtree,
                canonical=_canonical_subtree,
                usages=_CA,
                source="RFC 5280 4.2.1.10",
            ),
        )
    }
)
"""The names of lines, as people write them, in the order in which they are explained."""

_SPELLINGS = {
    **{row.x520.casefold(): row.name for row in EXTRA_LINES.values() if row.x520},
    **{name.casefold(): name for name in EXTRA_LINES},
    "challengepassword": CHALLENGE,
    CHALLENGE: CHALLENGE,
}


def parse(line: str) -> tuple[ExtraLine | None, str]:
    """The row of a stored line and its value; no row for a name that is none, or that no record keeps."""
    name, equals, value = line.partition("=")
    return (EXTRA_LINES.get(name) if equals else None), value


def canonical(typed: str) -> str:
    """A line as it is kept: its name as the table spells it, no spaces around; what is no line stays as typed.

    The value of a challenge password is removed here, however the name is spelled: nothing may store it.
    """
    line = trim(typed)
    name, equals, value = line.partition("=")
    row = EXTRA_LINES.get(_SPELLINGS.get(trim(name).casefold(), "")) if equals else None
    if row is not None:
        return f"{row.name}={row.canonical(trim(value))}"
    return f"{CHALLENGE}=" if _is_challenge(line) else line


def _is_challenge(line: str) -> bool:
    """Whether a line of no known name means a challenge password, such as openssl's `0.challengePassword`."""
    plain = unicodedata.normalize("NFKC", line).casefold()
    first = re.search("[a-z]+", plain)
    return CHALLENGE in plain or CHALLENGE_OID in plain or (first is not None and meant(first[0]) == CHALLENGE)


def read_all(typed: Iterable[str]) -> tuple[str, ...]:
    """Every line in these texts that is not empty, as it is kept."""
    return tuple(canonical(line) for text in typed for line in text.splitlines() if trim(line))


def meant(name: str) -> str:
    """The name of a line that a word most likely stands for; an empty text where none does."""
    word = name.casefold()
    near = [] if word in _SPELLINGS else get_close_matches(word[:40], _SPELLINGS, 1, 0.6)
    return _SPELLINGS.get(near[0] if near else word, "")


def values(record: Record, place: Place) -> tuple[str, ...]:
    """The values of a record's lines in one part of its request, in their order."""
    if not record.extra:  # as nearly all records, of which a batch asks ten times each
        return ()
    return tuple(value for row, value in map(parse, record.extra) if row is not None and row.place is place)


def in_subject(lines: tuple[str, ...]) -> tuple[tuple[ExtraLine, str], ...]:
    """The parts of the subject that the lines of a record ask for."""
    return tuple((row, value) for row, value in map(parse, lines) if row is not None and row.oid)


def alternative_names(record: Record) -> tuple[str, ...]:
    """Every alternative name that is asked for, as a request is read: those of the record, then its UPNs."""
    return (*record.sans, *(f"{UPN_TAG}{value}" for value in values(record, Place.ALTERNATIVE_NAMES)))


def path_length(record: Record) -> int | None:
    """How many CAs may follow below the one that is asked for; None where none is."""
    usual = USAGES[record.usage].path_length
    own = [int(value) for value in values(record, Place.PATH_LENGTH) if not _number(value)]
    return own[0] if own and usual is not None else usual


def basic_constraints(record: Record) -> str:
    """The basic constraints that are asked for, as people read them; an empty text where there are none."""
    length = path_length(record)
    return "" if length is None else f"{_LENGTH}{length}"


def name_constraints(record: Record) -> str:
    """The name constraints that are asked for, as people read them; an empty text where there are none."""
    permitted = values(record, Place.NAME_CONSTRAINTS)
    return f"{_PERMITTED}{', '.join(permitted)}" if permitted else ""


def of_constraints(basic: str, names: str) -> tuple[str, ...]:
    """The lines that ask for these constraints; none for what no line can ask for."""
    length = basic.removeprefix(_LENGTH)
    lines = [f"pathlen={length}"] if length != basic and not _number(length) else []
    subtrees = names.removeprefix(_PERMITTED).split(", ") if names.startswith(_PERMITTED) else []
    if not any(_subtree(one) or _canonical_subtree(one) != one for one in subtrees):
        lines += [f"permit={one}" for one in subtrees]
    return tuple(lines)
