"""The requests of one file: each line as the draft it asks for, with an id that follows from its contents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields

from csr_tui.core import countries, findings, rules, table_file, values
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.record import ID_ALPHABET, ID_LENGTH, Record, replace
from csr_tui.core.rules.key import meant_algorithm, meant_kind, meant_parameter
from csr_tui.core.table_file import Line, Table
from csr_tui.core.text import escaped, trim
from csr_tui.core.usages import SERVER

FIRST_FIELDS = ("domain", "organization", "department", "email", "province", "city", "country")
"""The parts of the subject that every id is a hash of, as first released: the ids of existing tables rest on them."""

_BLANK = Record("")


@dataclass(frozen=True, slots=True)
class Row:
    """One line, the draft it asks for, and its findings."""

    line: Line
    record: Record
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stands in the way of this row."""
        return findings.errors(self.findings)


def evaluate(source: Table, line: Line) -> Row:
    """The request of a line, and its findings; it has no id yet."""
    texts, taken = _taken(table_file.texts(source, line))
    broken = [*line.broken, *_outside(texts)]
    for one in broken:
        texts.pop(one.field, None)
    try:
        record, notes = values.with_values(_BLANK, texts)
    except InvalidError as error:
        broken += error.findings
        texts.pop("tags", None)
        record, notes = values.with_values(_BLANK, texts)
    checked = () if line.broken and line.broken[0].field == "row" else rules.check(record)
    return Row(line, record, (*broken, *checked, *taken, *notes))


def assign_ids(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows with their ids, and with a warning where a domain came before.

    The same request always has the same id, in whatever file it stands, and a second one that says the very same
    has the next: that is how applying goes on where it was stopped. 50 bits of SHA-256 keep others apart.
    """
    domains: dict[str, int] = {}
    counted: dict[str, int] = {}
    first: dict[str, int] = {}
    done = []
    for row in rows:
        content = _content(row.record)
        counted[content] = counted.get(content, -1) + 1
        number, domain = row.line.number, row.record.subject.domain
        same = first.setdefault(content, number)
        before = domains.setdefault(domain, number)
        more: tuple[Finding, ...] = ()
        if same != number:
            more = (
                Finding.warning("row-repeated", "domain", f"This row repeats line {same}; it creates another request."),
            )
        elif domain and before != number:
            more = (Finding.warning("domain-repeated", "domain", f"Line {before} has the same domain."),)
        record = replace(row.record, id=_id(content, counted[content]))
        done.append(Row(row.line, record, (*row.findings, *more)))
    return tuple(done)


_MEANT = {"country": countries.certain_code, "algorithm": meant_algorithm, "key_parameter": meant_parameter}


def _taken(texts: values.Values) -> tuple[dict[str, str | tuple[str, ...]], list[Finding]]:
    """The texts, with the code in the place of each that certainly means one, and a hint on every change."""
    taken = dict(texts)
    for field, text in texts.items():
        if isinstance(text, str) and (code := _code(field, text)) is not None and code != trim(text):
            taken[field] = code
    hints = [
        Finding.hint("read-as", field, f"{escaped(trim(text)[:40])} was read as {taken[field]}.", fix=str(taken[field]))
        for field, text in ((field, str(texts[field])) for field in taken if taken[field] != texts[field])
    ]
    algorithm = str(texts.get("algorithm", ""))
    if "key_parameter" not in texts and meant_algorithm(algorithm) is None and (spec := meant_kind(algorithm)):
        taken |= {"algorithm": spec.algorithm, "key_parameter": spec.parameter}
        sentence = f"{escaped(trim(algorithm)[:40])} was read as {spec.algorithm} {spec.parameter}."
        hints.append(Finding.hint("read-as", "algorithm", sentence))
    return taken, hints


def _code(field: str, text: str) -> str | None:
    if field in _MEANT:
        return _MEANT[field](text)
    return next((str(one) for one in values.CHOICES.get(field, ()) if one == text.strip().casefold()), None)


def _outside(texts: values.Values) -> list[Finding]:
    """Texts that are of no closed set where only those can be."""
    return [
        Finding.error("not-a-choice", field, f"Choose one of {', '.join(known)}.")
        for field, known in values.CHOICES.items()
        if field in texts and str(texts[field]).strip() not in tuple(known)
    ]


def _content(record: Record) -> str:
    """What the id of a request follows from; fields that came later count only when they are set."""
    subject = record.subject
    later = [(one.name, getattr(subject, one.name)) for one in fields(subject) if one.name not in FIRST_FIELDS]
    parts = (
        [getattr(subject, field) for field in FIRST_FIELDS],
        record.names,
        (record.key.algorithm, record.key.parameter),
        record.remark,
        [(tag.key, tag.value) for tag in record.tags],
        (record.purpose, *record.custody.words),
        *([field, value] for field, value in later if value),
        *([["usage", record.usage]] if record.usage != SERVER else []),
        *([["extra", *record.extra]] if record.extra else []),
    )
    return json.dumps(parts)


def _id(content: str, number: int) -> str:
    bits = int.from_bytes(hashlib.sha256(f"{content}{number}".encode()).digest()[:8], "big") >> (64 - 5 * ID_LENGTH)
    return "".join(ID_ALPHABET[bits >> (5 * place) & 31] for place in range(ID_LENGTH))
