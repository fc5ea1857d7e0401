"""The rules of a usage: what its main name is, which names and keys fit it, and what public CAs do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csr_tui.core import fields, names
from csr_tui.core.findings import Finding
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys.kinds import either, kind_of
from csr_tui.core.name_kinds import KINDS, NameKind
from csr_tui.core.record import Purpose, Record
from csr_tui.core.rules import characters
from csr_tui.core.rules.subject_fields import mailbox
from csr_tui.core.text import escaped, trim
from csr_tui.core.usages import USAGES, MainName, Usage

_DOMAIN = fields.DOMAIN
_EVERY_KIND = frozenset(NameKind)


def main_name(text: str, usage: Usage) -> Finding | None:
    """What is wrong with a main name that is no host; an empty text is merely missing."""
    text = trim(text)
    if not text:
        return None
    is_mailbox = usage.main is MainName.MAILBOX
    found = characters.problem(_DOMAIN.name, text, (fields.EMAIL if is_mailbox else _DOMAIN).longest)
    if found is None and is_mailbox:
        found = mailbox(_DOMAIN.name, text) or _address(text)
    return replace(found, label=usage.main.value) if found is not None else None


def _address(text: str) -> Finding | None:
    """A mailbox as one of the names, where its host has to be one."""
    try:
        if names.parse(text).kind is NameKind.EMAIL:
            return None
        sentence, source = "Enter an email address, as in pki@example.com.", "RFC 5280 4.2.1.6"
    except InvalidName as error:
        sentence, source = str(error), error.source
    return Finding.error("email-malformed", _DOMAIN.name, sentence, source=source)


def of_record(record: Record) -> Iterator[Finding]:
    """Everything that a usage asks of the rest of a request."""
    usage, is_public = USAGES[record.usage], record.purpose is Purpose.PUBLIC
    if usage.not_public and is_public:
        yield Finding.error("usage-not-public", "usage", usage.not_public, source=usage.source)
    size = record.key.parameter
    if record.key.algorithm == "RSA" and size.isdecimal() and int(size[:6]) < usage.least_rsa:
        sentence = f"A key for {usage.label} needs RSA {usage.least_rsa} or an elliptic curve."
        yield Finding.error("usage-key", "key_parameter", sentence, source="CS BR 6.1.5.2", fix=str(usage.least_rsa))
    kind = kind_of(record.key)
    if kind is not None and kind.doubt and usage.serves and is_public:
        yield Finding.warning("key-doubtful", "key_parameter", kind.doubt, source="boulder")
    if kind is not None and usage.decrypts and kind.algorithm.name not in usage.more:
        able = either(tuple(usage.more))
        sentence = f"{kind.label} keys sign mail but cannot decrypt it. For encrypted mail, choose {able}."
        yield Finding.warning("usage-key", "key_parameter", sentence, source="RFC 8551 2.3")
    yield from _unfit(record, usage)
    email = record.subject.email
    if usage.main is MainName.MAILBOX and is_public and email and not _is_among(email, record.sans):
        sentence = "A mailbox in the subject has to be one of the names: add it there, or leave it out."
        yield Finding.error("usage-name", "email", sentence, source="S/MIME BR 7.1.4.2.1")


def _is_among(name: str, others: tuple[str, ...]) -> bool:
    return names.comparable(name) in map(names.comparable, others)


def _unfit(record: Record, usage: Usage) -> Iterator[Finding]:
    """Alternative names of a kind that makes no sense for the usage."""
    if record.names and not usage.names:
        yield Finding.warning(
            "usage-name", "sans", f"A certificate for {usage.label} has no alternative names: they are not requested."
        )
        return
    if usage.names == _EVERY_KIND:
        return
    for text in record.names:
        try:
            kind = names.parse(text).kind
        except InvalidName:
            continue  # the rule of the names reports it
        if kind not in usage.names:
            sentence = f"{escaped(text[:80])} is {KINDS[kind]}: a certificate for {usage.label} has none. Remove it."
            yield Finding.error("usage-name", "sans", sentence, source="S/MIME BR 7.1.4.2.1")
