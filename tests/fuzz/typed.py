"""What people type or paste, given to the rules and parsers of texts."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from fuzz.seeds import (
    EC,
    MAINS,
    NOW,
    ec_key,
)

from csr_tui.cli import prompts
from csr_tui.core import (
    countries,
    csr,
    extra,
    host_names,
    names,
    pasted,
    public_suffix,
    rules,
    token_uri,
    toml,
)
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Level
from csr_tui.core.host_names import InvalidName
from csr_tui.core.record import KeySpec, Purpose, Record
from csr_tui.core.text import escaped, plain, trim
from csr_tui.core.usages import USAGES

if TYPE_CHECKING:
    pass


def decoded(data: bytes) -> str:
    """As a terminal, an argument or a file name gives it: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def rule(field: str, data: bytes) -> None:
    for purpose in Purpose:
        found = rules.FIELDS[field](decoded(data), purpose)
        if found is not None:
            escaped(found.message)


def many_names(data: bytes) -> None:
    text = decoded(data)
    for name in names.read_all(text).names:
        host_names.to_unicode(name)
        public_suffix.is_public_suffix(name)
        public_suffix.is_internal(name)
    names.canonical_or_raw(text)


def pasted_text(data: bytes) -> None:
    """No piece is longer than what was pasted, and each reads as a name or a reason."""
    text = decoded(data)
    for piece in pasted.pieces(text):
        if len(piece) > len(text) + len("email:"):
            raise AssertionError(piece)
        with suppress(InvalidName):
            names.read(piece)
    names.only_host(text)


def look_alike(data: bytes) -> None:
    """A text and what it looks like, in every field."""
    text = trim(decoded(data))
    for prose in (False, True):
        plain(plain(text, prose=prose), prose=prose)
    for field in rules.FIELDS:
        rules.check_field(field, text, Purpose.PUBLIC)


def toml_text(data: bytes) -> None:
    text = decoded(data)
    toml.is_likely(text)
    with suppress(ValueError):
        toml.read(text)


def password(data: bytes) -> None:
    stdin = io.BytesIO(data)
    for _ in range(2):
        prompts.from_stdin(stdin)


def domain(data: bytes) -> None:
    domain = names.ascii_domain(decoded(data))
    host_names.to_unicode(domain)
    rules.check(Record("fuzz000000", subject=Subject(domain=domain)))


def whole_record(data: bytes) -> None:
    """A record whose fields are the lines of a text; what no rule objects to is requested."""
    lines = (*decoded(data).split("\n"), *[""] * 9)
    made = Record(
        "fuzz000000",
        subject=Subject(names.ascii_domain(lines[0]), *lines[1:7]),
        key=KeySpec("ECC", "prime256v1"),
        names=tuple(names.canonical_or_raw(line) for line in lines[7:40] if line),
        remark=lines[7],
    )
    rules.check(made)
    rules.for_tencent(made)
    rules.forecast(made, NOW.date())
    own = replace(made, purpose=Purpose.PRIVATE)
    if not any(finding.level is Level.ERROR for finding in rules.check(own)):
        csr.build(own, ec_key())


def main_name(data: bytes) -> None:
    """A main name of every usage; what no rule objects to is requested, and read back as the same draft."""
    text = decoded(data)
    for name, usage in USAGES.items():
        main = usage.canonical(trim(text))
        for purpose in Purpose:
            found = rules.check_field("domain", text, purpose, name)
            escaped(found.message if found else "")
        one = Record("fuzz000000", purpose=Purpose.PRIVATE, subject=Subject(main), key=EC, usage=name)
        if not any(finding.level is Level.ERROR for finding in rules.check(one)):
            read = csr.build(one, ec_key())
            back = csr.to_draft(read, one.id)
            again = names.comparable(back.subject.domain) == names.comparable(main)
            if csr.differences(one, read) or back.usage != name or not again:
                raise AssertionError(f"the name became another: {name} {main!r}, {back.usage} {back.subject.domain!r}")


def extra_line(data: bytes) -> None:
    """Extra lines with every usage; what no rule objects to is requested, and read back as the same lines."""
    lines = extra.read_all((decoded(data),))
    for name, usage in USAGES.items():
        subject = Subject(MAINS[usage.main], "Example Ltd", "IT")
        own = Record("fuzz000000", purpose=Purpose.PRIVATE, subject=subject, key=EC, usage=name, extra=lines)
        found = rules.check(own)
        for finding in found:
            escaped(finding.labelled)
        if not any(finding.level is Level.ERROR for finding in found):
            read = csr.build(own, ec_key())
            back = csr.to_draft(read, own.id)
            if csr.differences(own, read) or sorted(back.extra) != sorted(
                line for line in lines if line != "pathlen=0"
            ):
                raise AssertionError(f"the lines became others, usage {name}: {lines} became {back.extra}")


def token(data: bytes) -> None:
    uri = token_uri.parse(data.decode(errors="replace"))
    assert token_uri.parse(str(uri)) == uri


def country(data: bytes) -> None:
    text = decoded(data)
    countries.search(text)
    countries.code_for_name(text)
    countries.name(trim(text))
