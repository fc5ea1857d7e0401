"""The rules of the extra lines: each by itself, then what holds between them and the rest of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csr_tui.core import extra
from csr_tui.core.extra import EXTRA_LINES
from csr_tui.core.findings import Code, Finding, Level
from csr_tui.core.record import Purpose, Record
from csr_tui.core.rules import characters
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES

_FIELD = "extra"
_SHOWN = 60
_LONGEST = 2048
"""Characters; a longer text is not looked at any further."""


def line(text: str, _: Purpose) -> Finding | None:
    """What is wrong with one line, as it is stored or typed, whatever the rest of its request is."""
    if len(text) > _LONGEST:
        return _error("too-long", f"This line is {len(text):,} characters long.")
    text = extra.canonical(text)
    if not text:
        return None
    row, value = extra.parse(text)
    if row is None:
        return _unknown(text)
    if not value:
        return _error("extra-malformed", f"{row.name}= needs a value: {row.about}.")
    found = characters.problem(_FIELD, value, row.longest)
    if found is not None:
        fix = f"{row.name}={found.fix}" if found.fix else None
        return replace(found, message=f"{row.name}: {found.message}", fix=fix)
    fault = row.fault(value)
    return _error("extra-malformed", f"{_line(text)}: {fault}", row.source) if fault else None


def of_record(record: Record) -> Iterator[Finding]:
    """All findings on the extra lines of a request."""
    usage, seen = USAGES[record.usage], set[str]()
    is_public = record.purpose is Purpose.PUBLIC and usage.serves
    if len(record.extra) > extra.MOST:
        yield _error("extra-too-many", f"These are {len(record.extra)} lines: a request has {extra.MOST} at most.")
    for text in record.extra[: extra.MOST]:
        if (found := line(text, record.purpose)) is not None:
            yield found
        row, value = extra.parse(text)
        if row is None or (found is not None and found.level is Level.ERROR):
            continue
        key = row.name if row.once else text
        if key in seen and row.name != "DC":
            yield _error("extra-repeated", f"{_line(key)} is requested twice: remove one of the lines.")
        seen.add(key)
        if record.usage not in row.usages:
            fitting = " or ".join(one.label for one in USAGES.values() if one.name in row.usages)
            yield _error("extra-usage", f"{_line(text)} fits a certificate for {fitting}: remove it.", row.source)
        elif row.place is extra.Place.EXTENDED_KEY_USAGE and value in _object_identifiers(usage.extended_key_usage):
            yield _error("extra-repeated", f"{_line(text)}: the usage requests it already. Remove the line.")
        elif is_public:
            yield Finding.warning("extra-dropped", _FIELD, f"Public CAs drop {_line(text)}: it is {row.dropped}.")


def _unknown(text: str) -> Finding:
    name, equals, _ = text.partition("=")
    if name == extra.CHALLENGE:
        sentence = "A challenge password is never stored: remove the line, and enter it when you generate the request."
        return _error("extra-unknown", sentence)
    known = ", ".join(EXTRA_LINES)
    nearest = extra.meant(name.strip())
    if not equals:
        return _error("extra-malformed", f"{_line(text)} has no =. A line is NAME=VALUE; the names are {known}.")
    hint = f"Did you mean {nearest}?" if nearest in EXTRA_LINES else f"The names are {known}."
    fix = f"{nearest}{text[len(name) :]}" if nearest in EXTRA_LINES else None
    return _error("extra-unknown", f"{_line(name)} is not an extra line. {hint}", fix=fix)


def _object_identifiers(usages: tuple[str, ...]) -> frozenset[str]:
    from csr_tui.core.csr.usage import EXTENDED_KEY_USAGES

    return frozenset(oid.dotted_string for oid, name in EXTENDED_KEY_USAGES.items() if name in usages)


def _line(text: str) -> str:
    return escaped(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")


def _error(code: Code, sentence: str, source: str = "", fix: str | None = None) -> Finding:
    return Finding.error(code, _FIELD, sentence, source=source, fix=fix)
