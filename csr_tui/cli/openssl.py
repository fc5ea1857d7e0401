"""A record as a configuration file with which `openssl req` asks for the same."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from csr_tui.core import bundle, names
from csr_tui.core.csr import subject
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys.kinds import algorithm_named
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES

SECTIONS = {
    names.NameKind.DNS: "DNS",
    names.NameKind.IP: "IP",
    names.NameKind.EMAIL: "email",
    names.NameKind.URI: "URI",
}
"""Kind of name -> what OpenSSL calls it."""


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
    yield "#"
    request = "openssl req -new -config THIS_FILE" if parts else "openssl req -new -subj / -config THIS_FILE"
    yield "# With a new key (openssl asks for its password):"
    yield f"#   {request} -newkey {new_key} -keyout {stem}.key -out {stem}.csr"
    yield "# With an existing key:"
    yield f"#   {request} -key {stem}.key -out {stem}.csr"
    if record.state is not State.DRAFT:
        yield "# To show the CSR that csr-tui generated:"
        yield f"#   csr-tui show {record.id} --csr | openssl req -noout -text -verify -nameopt utf8"
    yield ""
    yield "[req]"
    yield "prompt = no"
    yield "utf8 = yes"
    yield "string_mask = utf8only"
    yield "default_md = sha256"
    yield "distinguished_name = subject"
    yield "req_extensions = extensions"
    yield ""
    yield "[subject]"
    yield from (f"{'emailAddress' if short == 'email' else short} = {_escaped(value)}" for short, _, value in parts)
    yield ""
    yield "[extensions]"
    if record.sans:
        yield f"subjectAltName = {'' if parts else 'critical, '}@names"
    if row.path_length is not None:
        yield f"basicConstraints = critical, CA:TRUE, pathlen:{row.path_length}"
    yield f"keyUsage = critical, {', '.join(row.key_usage_of(record.key.algorithm))}"
    if row.extended_key_usage:
        yield f"extendedKeyUsage = {', '.join(row.extended_key_usage)}"
    if row.names:
        yield ""
        yield "[names]"
        yield from _names(record)


def _names(record: Record) -> Iterator[str]:
    for number, text in enumerate(record.sans, start=1):
        try:
            name = names.parse(text)
        except InvalidName as error:
            yield f"# left out: {escaped(text)} ({escaped(str(error))})"
        else:
            yield f"{SECTIONS[name.kind]}.{number} = {_escaped(name.value)}"


def _escaped(value: str) -> str:
    """Without meaning to OpenSSL's reader, and without what cannot be seen."""
    return "".join(f"\\{char}" if char in "\\\"'`$#;" else char for char in escaped(value))
