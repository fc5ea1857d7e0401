"""A record as a configuration file with which `openssl req` asks for the same."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from shlex import quote

from csr_tui.core import bundle, extra, names
from csr_tui.core.csr import Part, subject
from csr_tui.core.facts import certreq
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys.kinds import algorithm_named
from csr_tui.core.name_kinds import TAGS
from csr_tui.core.record import Purpose, Record, State
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES


def configuration(record: Record) -> str:
    """The file, with the commands to use it in its first lines."""
    return "".join(f"{line}\n" for line in _lines(record))


def _lines(record: Record) -> Iterator[str]:
    stem = bundle.stem(record.subject.domain)
    parts = subject(record)
    algorithm, row = algorithm_named(record.key.algorithm), USAGES[record.usage]
    # For the shell: a draft may hold anything, and people paste this line.
    new_key = (algorithm.openssl if algorithm else quote(escaped(record.key.algorithm).lower())).replace(
        "{}", quote(escaped(record.key.parameter))
    )
    yield f"# {escaped(record.subject.domain) or 'no domain yet'}: the request of csr-tui, for openssl"
    if algorithm and algorithm.openssl_needed:
        yield f"# {algorithm.label} needs {algorithm.openssl_needed}."
    yield "#"
    request = "openssl req -new -config THIS_FILE" if parts else "openssl req -new -subj / -config THIS_FILE"
    yield "# With a new key (openssl asks for its password):"
    yield f"#   {request} -newkey {new_key} -keyout {stem}.key -out {stem}.csr"
    yield "# With an existing key:"
    yield f"#   {request} -key {stem}.key -out {stem}.csr"
    if record.state is not State.DRAFT:
        yield "# To show the CSR that csr-tui generated:"
        yield f"#   csr-tui show {record.id} --csr | openssl req -noout -text -verify -nameopt utf8"
    if record.purpose is Purpose.PRIVATE:
        yield "# To submit the CSR to a Microsoft CA, with the template that it is to use:"
        yield f"#   {certreq(record)}"
    yield ""
    yield "[req]"
    yield "prompt = no"
    yield "utf8 = yes"
    yield "string_mask = utf8only"
    if algorithm is None or algorithm.digest:
        yield "default_md = sha256"
    yield "distinguished_name = subject"
    yield "req_extensions = extensions"
    yield ""
    yield "[subject]"
    yield from _subject(parts)
    yield ""
    yield "[extensions]"
    if extra.alternative_names(record):
        yield f"subjectAltName = {'' if parts else 'critical, '}@names"
    if (length := extra.path_length(record)) is not None:
        yield f"basicConstraints = critical, CA:TRUE, pathlen:{length}"
    if permitted := extra.values(record, extra.Place.NAME_CONSTRAINTS):
        yield f"nameConstraints = critical, {', '.join(map(_permitted, permitted))}"
    yield f"keyUsage = critical, {', '.join(row.key_usage_of(record.key.algorithm))}"
    if uses := (*row.extended_key_usage, *extra.values(record, extra.Place.EXTENDED_KEY_USAGE)):
        yield f"extendedKeyUsage = {', '.join(map(_escaped, uses))}"
    if row.names:
        yield ""
        yield "[names]"
        yield from _names(record)
        for number, user in enumerate(extra.values(record, extra.Place.ALTERNATIVE_NAMES), start=1):
            yield f"otherName.{number} = {extra.UPN_OID};UTF8:{_escaped(user)}"


def _subject(parts: tuple[Part, ...]) -> Iterator[str]:
    """A line for each part; a number distinguishes those of the same name."""
    names = [short for short, _, _ in parts]
    for number, (short, _, value) in enumerate(parts):
        name = "emailAddress" if short == "email" else short
        yield f"{f'{number}.' if names.count(short) > 1 else ''}{name} = {_escaped(value)}"


def _permitted(text: str) -> str:
    """A subtree as OpenSSL reads it: a network has its mask behind it."""
    if text.startswith(extra.EMAIL_TAG):
        return f"permitted;{_escaped(text)}"
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return f"permitted;DNS:{_escaped(text)}"
    return f"permitted;IP:{network.network_address}/{network.netmask}"


def _names(record: Record) -> Iterator[str]:
    for number, text in enumerate(record.sans, start=1):
        try:
            name = names.parse(text)
        except InvalidName as error:
            yield f"# left out: {escaped(text)} ({escaped(str(error))})"
        else:
            yield f"{TAGS[name.kind]}.{number} = {_escaped(name.value)}"


def _escaped(value: str) -> str:
    """Without meaning to OpenSSL's reader, and without what cannot be seen."""
    return "".join(f"\\{char}" if char in "\\\"'`$#;" else char for char in escaped(value))
