"""The fields of a request as flags."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable

from csr_tui.cli import output
from csr_tui.cli.command import Parser
from csr_tui.core import rules, values
from csr_tui.core.extra import EXTRA_LINES, read_all
from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import Finding, InvalidError, errors, more
from csr_tui.core.keys.kinds import ALGORITHMS, either, of_algorithm
from csr_tui.core.record import Purpose, Record
from csr_tui.core.usages import USAGES
from csr_tui.core.values import Values

NOTES = frozenset({"remark", "tags"})
"""The fields of a record of any state that can be changed."""


def _algorithms() -> str:
    usual, *others = (row.name for row in ALGORITHMS if any(kind.public for kind in of_algorithm(row.name)))
    private = [row.name for row in ALGORITHMS if row.name not in {usual, *others}]
    return f"the key type: {usual} (the default), {', '.join(others)}; for a private CA also {either(private)}"


def _parameters() -> str:
    offered = ([kind.parameter for kind in of_algorithm(row.name)] for row in ALGORITHMS)
    texts = (", ".join((f"{usual} (the default)" if others else usual, *others)) for usual, *others in offered)
    return "; ".join(f"{row.name}: {text}" for row, text in zip(ALGORITHMS, texts, strict=True))


def add_arguments(parser: Parser) -> None:
    for field in FIELDS:
        about = f"{field.about}; {field.note}" if field.note else field.about
        parser.add_argument(f"--{field.name}", metavar=field.metavar or field.short, help=about)
    parser.add_argument(
        "--san",
        dest="sans",
        metavar="NAME",
        action="append",
        help="another name: host, wildcard, IP address, email address or URI; repeat it, or give several names in one "
        "text. They replace the current names; an empty text removes all",
    )
    parser.add_argument(
        "--extra",
        metavar="NAME=VALUE",
        action="append",
        help=f"a line that only private CAs use; repeat it for more. NAME is {', '.join(EXTRA_LINES)}. They replace "
        "the current lines; an empty text removes all",
    )
    parser.add_argument("--algorithm", metavar="|".join(row.name for row in ALGORITHMS), help=_algorithms())
    parser.add_argument("--key-parameter", metavar="SIZE|CURVE", help=f"the key size or curve: {_parameters()}")
    parser.add_argument("--remark", metavar="R", help="a note for yourself; not part of the request")
    parser.add_argument(
        "--tag",
        dest="tags",
        metavar="KEY=VALUE",
        action="append",
        help="a tag; repeat it for more. They replace the current tags; an empty text removes all",
    )
    parser.add_argument(
        "--purpose",
        choices=[str(purpose) for purpose in Purpose],
        help="whose rules apply: those of public TLS CAs (the default), or of your own CA",
    )
    parser.add_argument(
        "--usage",
        choices=list(USAGES),
        help="what the certificate is for: server (the default), client (mTLS), both, email (S/MIME), code (signing) "
        "or ca (a subordinate CA). --domain is then the host, the name (client, code, ca) or the mailbox (email)",
    )


def given(arguments: Namespace) -> Values:
    """The fields that were named in the call."""
    texts = {field: getattr(arguments, field) for field in values.FIELDS}
    named = {
        field: tuple(text) if isinstance(text, list) else text for field, text in texts.items() if text is not None
    }
    return {**named, "extra": read_all(named["extra"])} if "extra" in named else named


def say_findings(record: Record, findings: Iterable[Finding]) -> None:
    """The findings on a draft that was stored; a domain that is still missing is no error yet."""
    if not record.subject.domain:
        label = USAGES[record.usage].main.value
        output.say(f"hint: {label}: The draft has no {label.lower()} yet. Add one before you generate its key and CSR.")
    output.say_findings(finding for finding in findings if finding.field != "domain" or record.subject.domain)


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
        raise InvalidError(f"{bad[0].labelled} Nothing was stored.{more(len(bad) - 1)}", bad)
    return found
