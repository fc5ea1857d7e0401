"""The fields of a request as flags, and what those flags make of a record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csr_tui.core import names, rules
from csr_tui.core.findings import Finding, errors
from csr_tui.core.record import DEFAULT_PARAMETER, KEY_KINDS, KeySpec, Purpose, Record, Tag
from csr_tui.core.rules.text import blanks
from csr_tui.core.text import tidy
from csr_tui.errors import InvalidError

if TYPE_CHECKING:
    from argparse import Namespace

    from csr_tui.cli.command import Parser
    from csr_tui.profiles import Values

SUBJECT = {
    "domain": ("D", "the main name, such as www.example.com; Unicode is fine"),
    "organization": ("O", "the organization's legal name"),
    "department": ("OU", "the department; public CAs leave it out"),
    "email": ("E", "an email address; public CAs leave it out"),
    "province": ("ST", "the province or state, written out"),
    "city": ("L", "the city"),
    "country": ("C", "the two-letter country code, such as CN"),
}
"""Part of the subject -> what its value is called in the help, and what it is."""

NOTES = frozenset({"remark", "tags"})
"""What can be changed in a record of any state."""


def add_arguments(parser: Parser) -> None:
    """A flag for each field."""
    for field, (metavar, about) in SUBJECT.items():
        parser.add_argument(f"--{field}", metavar=metavar, help=about)
    parser.add_argument(
        "--san",
        dest="sans",
        metavar="NAME",
        action="append",
        help="another name: host, wildcard, IP address, email or URI; again for more, or several in one text. "
        "They replace those that are there; an empty text removes them",
    )
    parser.add_argument("--algorithm", metavar="A", help="RSA (the default), ECC, or for a private CA ED25519")
    parser.add_argument(
        "--key-parameter",
        metavar="P",
        help="RSA: 2048 (the default), 3072, 4096; ECC: prime256v1 (the default), secp384r1; ED25519: ed25519",
    )
    parser.add_argument("--remark", metavar="R", help="a note of your own; it is not part of the request")
    parser.add_argument(
        "--tag",
        dest="tags",
        metavar="KEY=VALUE",
        action="append",
        help="a tag of your own; again for more. They replace those that are there; an empty text removes them",
    )
    parser.add_argument(
        "--purpose",
        choices=[str(purpose) for purpose in Purpose],
        help="whose rules count: those of public TLS CAs (the default) or of your own, private CA",
    )


def given(arguments: Namespace) -> Values:
    """The fields that were named in the call."""
    fields = (*SUBJECT, "sans", "algorithm", "key_parameter", "remark", "tags", "purpose")
    values = {field: getattr(arguments, field) for field in fields}
    return {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in values.items()
        if value is not None
    }


def changed(record: Record, values: Values) -> tuple[Record, tuple[Finding, ...]]:
    """The record with these values in it, and a hint wherever one is not kept just as it was typed."""
    texts = {field: value for field, value in values.items() if isinstance(value, str)}
    notes = [note for field, text in texts.items() if (note := blanks(field, text)) is not None]
    kept = {field: tidy(text) for field, text in texts.items()}

    subject = replace(record.subject, **{field: text for field, text in kept.items() if field in SUBJECT})
    subject = replace(subject, domain=names.ascii_domain(subject.domain)) if "domain" in kept else subject
    others = record.names
    if (typed := values.get("sans")) is not None:
        found = names.read_all("\n".join(typed))
        others = found.names
        notes += [Finding.hint("sans", note) for note in found.notes]
    edited = replace(
        record,
        subject=subject,
        names=tuple(name for name in others if name != subject.domain),
        key=_key(record.key, kept.get("algorithm"), kept.get("key_parameter")),
        remark=kept.get("remark", record.remark),
        tags=record.tags if "tags" not in values else _tags(values["tags"]),
        purpose=Purpose(kept.get("purpose", record.purpose)),
    )
    return edited, tuple(notes)


def refuse(record: Record, named: Values) -> tuple[Finding, ...]:
    """Every finding on the record; InvalidError where one is an error in a field that was named.

    A field that was emptied is missing, not wrong.
    """
    found = rules.check(record)
    bad = tuple(
        error
        for error in errors(found)
        if error.field in named and not (error.field == "domain" and not record.subject.domain)
    )
    if bad:
        more = f" ({len(bad) - 1} more.)" if len(bad) > 1 else ""
        raise InvalidError(f"{bad[0].field}: {bad[0].message} Nothing was stored.{more}", bad)
    return found


def _key(current: KeySpec, algorithm: str | None, parameter: str | None) -> KeySpec:
    """Of algorithm and parameter, what is not given follows from what is, where only one fits."""
    if parameter is None:
        if algorithm is None or algorithm == current.algorithm:
            return current
        return KeySpec(algorithm, DEFAULT_PARAMETER.get(algorithm, current.parameter))
    if algorithm is None:
        fitting = {kind.spec.algorithm for kind in KEY_KINDS if kind.spec.parameter == parameter}
        algorithm = fitting.pop() if len(fitting) == 1 else current.algorithm
    return KeySpec(algorithm, parameter)


def _tags(pieces: str | tuple[str, ...]) -> tuple[Tag, ...]:
    """KEY=VALUE pieces as tags; the rules refuse a piece that is none before it can become one."""
    wanted = [piece for piece in pieces if tidy(piece)]
    for piece in wanted:
        if "=" not in piece:
            finding = Finding.error("tags", f"A tag is KEY=VALUE, as in team=web: {piece[:40]} has no =.")
            raise InvalidError(f"{finding.field}: {finding.message} Nothing was stored.", (finding,))
    pairs = (piece.partition("=") for piece in wanted)
    return tuple(Tag(tidy(key), tidy(value)) for key, _, value in pairs)
