"""A draft that asks for what a CSR asks for, with a hint for each thing it does not take over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from csr_tui.core import extra, names
from csr_tui.core.csr.read import Request
from csr_tui.core.csr.usage import BASIC_CONSTRAINTS, NAME_CONSTRAINTS, object_identifier
from csr_tui.core.extension_text import extension_name
from csr_tui.core.fields import FIELDS, Subject
from csr_tui.core.findings import Finding
from csr_tui.core.host_names import InvalidName
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.record import Record
from csr_tui.core.text import escaped, trim
from csr_tui.core.usages import SERVER, USAGES, MainName, Usage

_FIELDS = {field.short: field.name for field in FIELDS}
_ROWS = {row.x520: row.name for row in extra.EXTRA_LINES.values() if row.x520}
_EXTENSIONS = frozenset({"1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"})
_OF_WINDOWS = "1.3.6.1.4.1.311."
"""Attributes with the versions of Windows and its programs, which no CA looks at."""


def to_draft(request: Request, record_id: str, usage_name: str = "") -> Record:
    """A draft that asks for what a CSR asks for: the first value of each part, every name, its kind of key.

    Its usage is the one that the request has most of, unless another is named.
    """
    first: dict[str, str] = {}
    for short, _, value in request.subject:
        first.setdefault(short, trim(value))
    subject = Subject(**{field: first.get(short, "") for short, field in _FIELDS.items()})
    others = (name for name in request.sans if trim(name) and not name.startswith(extra.UPN_TAG))
    sans = tuple(dict.fromkeys(names.canonical_or_raw(_meant(name)) for name in others))
    usage = _usage(request, usage_name)
    main = {MainName.HOST: NameKind.DNS, MainName.MAILBOX: NameKind.EMAIL}.get(usage.main)
    domain = usage.canonical(subject.domain) or next((name for name in sans if main and _kind(name) is main), "")
    return Record(
        id=record_id,
        subject=replace(subject, domain=domain),
        names=tuple(name for name in sans if name != usage.among_names(domain)),
        key=request.key,
        usage=usage.name,
        extra=tuple(map(extra.canonical, _lines(request, usage))),
    )


def _lines(request: Request, usage: Usage) -> Iterator[str]:
    """The extra lines that ask for what neither a field nor the usage asks for."""
    seen: set[str] = set()
    for short, long, value in request.subject:
        if long in _ROWS and (short in seen or short not in _FIELDS):
            yield f"{_ROWS[long]}={value}"
        seen.add(short)
    for use in request.extended_key_usage:
        if use not in usage.extended_key_usage:
            yield f"eku={object_identifier(use)}"
    yield from (f"upn={name.removeprefix(extra.UPN_TAG)}" for name in request.sans if name.startswith(extra.UPN_TAG))
    texts = dict(request.extension_texts)
    for line in extra.of_constraints(texts.get(BASIC_CONSTRAINTS, ""), texts.get(NAME_CONSTRAINTS, "")):
        if usage.path_length is not None and line != f"pathlen={usage.path_length}":
            yield line


def findings(request: Request, usage_name: str = "") -> tuple[Finding, ...]:
    """A hint for each thing in a request that a draft cannot ask for, or that is odd about it."""
    return (
        *(Finding.hint("request-odd", "request", sentence) for sentence in request.odd),
        *_subject(request),
        *_names(request),
        *_uses(request, usage_name),
    )


def _subject(request: Request) -> Iterator[Finding]:
    seen: set[str] = set()
    for short, long, value in request.subject:
        field = _FIELDS.get(short)
        if field is None and long not in _ROWS:
            yield Finding.hint(
                "field-left-out", "subject", f"{long}={_shown(value)} was left out: a draft has no field for it."
            )
        elif field in seen and long not in _ROWS:
            yield Finding.hint(
                "field-left-out", field, f"{short}={_shown(value)} was left out: a draft has one {field}."
            )
        elif value != trim(value):
            yield Finding.hint("spaces-removed", field or "extra", "Spaces around it were removed.")
        seen.add(field or "")


def _names(request: Request) -> Iterator[Finding]:
    for name in request.sans:
        if (taken := _meant(name)) != name:
            yield Finding.hint(
                "name-kind", "sans", f"{taken} is a DNS name in this request; the draft requests it as an IP address."
            )


def _uses(request: Request, usage_name: str) -> Iterator[Finding]:
    row = _usage(request, usage_name)
    why = f"was left out: this draft is for {row.label}."
    usual = {*row.key_usage, *chain(*row.more.values())}
    for use in request.key_usage:
        if use not in usual:
            yield Finding.hint("usage-left-out", "usage", f"The key usage {use} {why}")
    draft = to_draft(request, "", usage_name)
    asked = {BASIC_CONSTRAINTS: extra.basic_constraints(draft), NAME_CONSTRAINTS: extra.name_constraints(draft)}
    texts = dict(request.extension_texts)
    for oid in request.other_extensions:
        if asked.get(oid) and texts.get(oid, "") == asked[oid]:
            continue
        yield Finding.hint("extension-left-out", "extensions", f"The extension {extension_name(oid)} was left out.")
    for oid in request.attributes:
        if oid not in _EXTENSIONS and not oid.startswith(_OF_WINDOWS):
            yield Finding.hint("attribute-left-out", "attributes", f"The attribute {extension_name(oid)} was left out.")


def _meant(name: str) -> str:
    """An address that stands as a DNS name, which no client matches, as the address."""
    bare = name.removeprefix("DNS:")
    return bare if names.is_address(bare) else name


def _usage(request: Request, name: str) -> Usage:
    """The usage of this name, else the one that asks for most of what the request asks for, servers where none does."""
    if name:
        return USAGES[name]
    asked = set(request.extended_key_usage)
    is_ca = dict(request.extension_texts).get(BASIC_CONSTRAINTS, "").startswith("CA:TRUE")
    if is_ca and (not asked or "keyCertSign" in request.key_usage):
        return next(row for row in USAGES.values() if row.path_length is not None)
    fitting = [row for row in USAGES.values() if row.extended_key_usage and asked >= set(row.extended_key_usage)]
    return max(fitting, key=lambda row: len(row.extended_key_usage), default=USAGES[SERVER])


def _kind(name: str) -> NameKind | None:
    try:
        return names.parse(name).kind
    except InvalidName:
        return None


def _shown(value: str) -> str:
    return escaped(value[:80])
