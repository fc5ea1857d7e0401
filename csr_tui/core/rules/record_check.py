"""The rules of a whole record: every field, and what holds between fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeAlias

from csr_tui.core import fields, host_names, public_suffix
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Finding, Level
from csr_tui.core.record import KeySpec, Purpose, Record, Tag
from csr_tui.core.rules import (
    alternative_names,
    extra_lines,
    key,
    remark_and_tags,
    subject_fields,
    tencent,
    usage_rules,
)
from csr_tui.core.rules.characters import look_alike
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.core.usages import SERVER, USAGES, MainName

Rule: TypeAlias = Callable[[str, Purpose], Finding | None]

FIELDS: Mapping[str, Rule] = MappingProxyType(
    {
        **{field.name: partial(subject_fields.check, field) for field in fields.FIELDS},
        "sans": alternative_names.sans,
        "extra": extra_lines.line,
        "algorithm": key.algorithm,
        "key_parameter": key.key_parameter,
        "remark": remark_and_tags.remark,
        "tags": remark_and_tags.tags,
    }
)
"""Field, as the JSON contract names it -> the rule of one text in it."""

COMPARED = frozenset(field.name for field in fields.FIELDS if field.syntax is fields.Syntax.TEXT)
"""Fields that a CA compares with a register."""

SHARED = (*fields.NAMES[1:], "algorithm", "key_parameter")
_PLAIN = re.compile(r"(?!.*--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LETTERS = re.compile(r"(?!.*--)[a-z0-9.-]+")
LONGEST_USUAL = 100
"""Characters of a name that is not looked at any further."""

MOST_NAMES = 100
MAX_LISTED_NAMES = 20
"""Of more bad names than these, the first are named and the others counted."""

_WEIGHT = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}


def check(record: Record) -> tuple[Finding, ...]:
    """All findings on a record: errors first, then warnings, then hints; never raises."""
    return tuple(sorted(_findings(record), key=lambda finding: _WEIGHT[finding.level]))


def _findings(record: Record) -> Iterator[Finding]:
    for part in record.damage:
        what = "only the id of this record can be read" if part == "record" else "this field cannot be read"
        yield Finding.error("store-damaged", part, f"The store is damaged: {what}.")
    if "record" in record.damage:
        return
    subject, row = record.subject, USAGES[record.usage]
    if row.main is MainName.HOST:
        domain = _check_name("domain", subject.domain, record.purpose)
    else:
        domain = usage_rules.main_name(subject.domain, row)
    if domain is not None:
        yield domain
    if row.main is MainName.HOST and not record.remark:
        texts, spec = fields.texts_of(subject)[1:], record.key
        asked = record.purpose, record.usage, spec.algorithm, spec.parameter, record.tags, record.token
        yield from _beside_names(bool(subject.domain), texts, *asked)
    else:
        yield from _others(record)
    if record.extra:
        yield from extra_lines.of_record(record)
    sans = record.sans
    yield from _names(record, sans)
    yield from tencent.hints(record, sans)


@lru_cache(maxsize=8192)
def _beside_names(
    has_domain: bool,
    texts: tuple[str, ...],
    purpose: Purpose,
    usage: str,
    algorithm: str,
    parameter: str,
    tags: tuple[Tag, ...],
    token: TokenUri | None,
) -> tuple[Finding, ...]:
    """`_others` of a request for a host, where they do not depend on its names: a list has many that are alike."""
    subject, spec = Subject("-" if has_domain else "", *texts), KeySpec(algorithm, parameter)
    return tuple(_others(Record("", purpose=purpose, usage=usage, subject=subject, key=spec, tags=tags, token=token)))


def _others(record: Record) -> Iterator[Finding]:
    """The findings on everything but the main name, the extra lines and the alternative names."""
    spec = record.key
    shared = _shared(record.purpose, *fields.texts_of(record.subject)[1:], spec.algorithm, spec.parameter)
    serves = USAGES[record.usage].serves
    yield from shared if serves else (finding for finding in shared if finding.code != "field-dropped")
    if record.remark and (remark := FIELDS["remark"](record.remark, record.purpose)) is not None:
        yield remark
    if record.tags and (tags := remark_and_tags.of_tags(record.tags)) is not None:
        yield tags
    if (kind := key.fits(spec)) is not None:
        yield kind
    if record.token == TokenUri():
        yield Finding.error("token-missing", "token", "Choose a key on a token, or another protection of the key.")
    yield from _missing(record)
    yield from usage_rules.of_record(record)


@lru_cache(maxsize=8192)
def _shared(purpose: Purpose, *values: str) -> tuple[Finding, ...]:
    """The findings on the `SHARED` fields, which the records of a list or a table have in common."""
    texts = dict(zip(SHARED, values, strict=True))
    found = [FIELDS[field](text, purpose) for field, text in texts.items()]
    found += [_look_alike(field, texts[field]) for field in sorted(COMPARED) if not _is_error(found, field)]
    return tuple(finding for finding in found if finding is not None)


def _check_name(field: str, name: str, purpose: Purpose) -> Finding | None:
    """What the rule of the domain or of the names says of one; nearly every name of a list is a usual one."""
    label, _, parent = name.partition(".")
    short = len(name) <= LONGEST_USUAL and name.count(".") < alternative_names.MOST_LABELS
    if short and _PLAIN.fullmatch(label) and _is_parent(parent, purpose):
        return None
    return _checked(field, name, purpose)


@lru_cache(maxsize=8192)
def _is_parent(name: str, purpose: Purpose) -> bool:
    """Whether no rule objects to this name, nor to one with a plain label before it; no listed suffix ends in it.

    100,000 drafts are listed in half of the time so.
    """
    if not _LETTERS.fullmatch(name) or public_suffix.has_suffixes(name):
        return False
    label, _, parent = name.partition(".")
    if _PLAIN.fullmatch(label) and _is_parent(parent, purpose):
        return True
    return _checked("domain", name, purpose) is None and _checked("sans", name, purpose) is None


@lru_cache(maxsize=8192)
def _checked(field: str, text: str, purpose: Purpose) -> Finding | None:
    return FIELDS[field](text, purpose)


_look_alike = lru_cache(maxsize=8192)(look_alike)


def _is_error(findings: Iterable[Finding | None], field: str) -> bool:
    return any(finding is not None and finding.field == field and finding.level is Level.ERROR for finding in findings)


def check_field(field: str, text: str, purpose: Purpose, usage: str = SERVER) -> Finding | None:
    """What is first to be said of one text: an error, else that it only looks right, else what its rule says."""
    row = USAGES[usage]
    if field == "domain" and row.main is not MainName.HOST:
        return usage_rules.main_name(text, row)
    found = FIELDS[field](text, purpose)
    if found is not None and found.code == "field-dropped" and not row.serves:
        found = None
    if field not in COMPARED or _is_error((found,), field):
        return found
    return look_alike(field, text) or found


def _missing(record: Record) -> Iterator[Finding]:
    parts = record.subject
    for field in fields.FIELDS:
        if field.missing and not getattr(parts, field.name):
            row = USAGES[record.usage]
            missing, label = (row.missing, row.main.value) if field is fields.DOMAIN else (field.missing, "")
            yield Finding("field-missing", field.name, Level.ERROR, missing, label=label)
    if record.purpose is Purpose.PUBLIC and parts.organization and USAGES[record.usage].serves:
        if not parts.country:
            yield Finding.warning(
                "country-expected",
                "country",
                "With an organization, public CAs require its country. Enter one.",
                source="BR 7.1.2.7.4",
            )
        if not parts.province and not parts.city:
            yield Finding.warning(
                "place-expected",
                "province",
                "With an organization, public CAs require its province or city.",
                source="BR 7.1.2.7.4",
            )


def _names(record: Record, sans: tuple[str, ...]) -> Iterator[Finding]:
    is_tls = USAGES[record.usage].main is not MainName.MAILBOX
    purpose = record.purpose if is_tls else Purpose.PRIVATE
    main = USAGES[record.usage].among_names(record.subject.domain)
    bad = [finding for name in sans if name != main and (finding := _check_name("sans", name, purpose)) is not None]
    yield from bad[:MAX_LISTED_NAMES]
    if len(bad) > MAX_LISTED_NAMES:
        yield Finding.error("more-names-malformed", "sans", f"{len(bad) - MAX_LISTED_NAMES} more names have errors.")
    if len(sans) > MOST_NAMES:
        yield Finding.warning(
            "too-many-names",
            "sans",
            f"These are {len(sans):,} names; Let's Encrypt accepts {MOST_NAMES}, other CAs few more.",
            source="boulder",
        )
    longest, domain = fields.DOMAIN.longest, record.subject.domain
    is_host = USAGES[record.usage].main is MainName.HOST
    if is_host and len(domain) > longest and FIELDS["domain"](domain, Purpose.PRIVATE) is None:
        yield Finding.warning(
            "domain-not-in-cn",
            "domain",
            f"The domain is longer than {longest} characters: it stays one of the names, and the CN is left out.",
            source="BR 7.1.4.3",
        )
    yield from _wildcards(sans)


def _wildcards(sans: tuple[str, ...]) -> Iterator[Finding]:
    """A wildcard does not cover the bare domain, and makes the names right under it superfluous."""
    wildcards = [name for name in sans if name.startswith("*.") and name.count("*") == 1]
    present = frozenset(sans if wildcards else ())
    for name in wildcards:
        if (apex := name[2:]) not in present:
            wildcard, bare = (escaped(host_names.to_unicode(each)) for each in (name, apex))
            yield Finding.hint(
                "apex-not-covered",
                "sans",
                f"{wildcard} does not cover {bare}: add it if you need it.",
                source="RFC 6125 6.4.3",
                fix=apex,
            )
