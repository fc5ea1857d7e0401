"""Look for the proofs before the CA does: TXT records at a zone's own name servers, files over HTTP."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import requests
from dns.rdtypes.ANY.TXT import TXT
from josepy import b64

from csr_tui import wire
from csr_tui.acme.resources import Challenge
from csr_tui.core.text import escaped
from csr_tui.wire import CallError, Route, Wire

PORT = 53
"""Where name servers listen."""

PATIENCE = 4.0
"""Seconds for one name server."""

_SECONDS = re.compile(r"[0-9]{1,12}")

MOST_SERVERS = 8
MOST_HOPS = 8
"""Of aliases and of redirects; a CA follows about as many."""

MOST_OLD = 3
"""How many old values a sentence names."""

_REASONS = {
    dns.exception.Timeout: "it did not respond in time",
    dns.resolver.NoNameservers: "its name servers refused the query or failed",
    dns.resolver.NXDOMAIN: "the domain does not exist",
    dns.resolver.NoAnswer: "it has no such record",
    dns.resolver.NoResolverConfiguration: "this machine has no resolver",
}


@dataclass(frozen=True, slots=True)
class Resolver:
    """A name server to ask in place of each zone's own."""

    host: str
    port: int = PORT


@dataclass(frozen=True, slots=True)
class Look:
    """Whether a proof was seen where it has to be, and a sentence about that."""

    seen: bool
    note: str


def file_content(challenge: Challenge, thumbprint: str) -> str:
    """What a file has to hold (RFC 8555, 8.1)."""
    return f"{challenge.token}.{thumbprint}"


def txt_value(challenge: Challenge, thumbprint: str) -> str:
    """What a TXT record has to hold (RFC 8555, 8.4)."""
    return b64.b64encode(hashlib.sha256(file_content(challenge, thumbprint).encode()).digest()).decode()


def persistent_value(issuer: str, account: str, *, wildcard: bool) -> str:
    """What a record has to hold that proves a name for every order of an account (draft-ietf-acme-dns-persist)."""
    return f"{issuer}; accounturi={account}{'; policy=wildcard' if wildcard else ''}"


def fits_persistent(text: str, issuers: tuple[str, ...], account: str, *, wildcard: bool, now: datetime) -> bool:
    """Whether a record is such a one, still valid, of any of the names of this CA."""
    issuer, *rest = (part.strip() for part in text.split(";"))
    parameters = {name.strip().lower(): value.strip() for name, _, value in (part.partition("=") for part in rest)}
    until = parameters.get("persistuntil", "")
    return (
        issuer.lower().rstrip(".") in {one.lower().rstrip(".") for one in issuers}
        and parameters.get("accounturi") == account
        and (not wildcard or parameters.get("policy", "").lower() == "wildcard")
        and (not until or (_SECONDS.fullmatch(until) is not None and int(until) > now.timestamp()))
    )


def at_record(name: str, fits: Callable[[str], bool], known: tuple[str, ...], resolver: Resolver | None = None) -> Look:
    """Look for a value at a name; `known` values beside it are ours, all others of no use."""
    try:
        zone, answers = _answers(dns.name.from_text(name), resolver)
    except (dns.exception.DNSException, OSError) as error:
        return Look(seen=False, note=f"Could not look it up: {_reason(error)}.")
    replies = [values for values in answers.values() if values is not None]
    having = sum(any(map(fits, values)) for values in replies)
    seen = bool(replies) and having == len(answers)
    old = {value for values in replies for value in values if not fits(value) and value not in known}
    return Look(seen, " ".join(_notes(zone, answers, having, sorted(old))))


def at_url(url: str, content: str, route: Route, port: int = 80) -> Look:
    """Fetch a file, following redirects as a CA does, and compare what it holds."""
    for _ in range(MOST_HOPS):
        try:
            parts = urlsplit(url)
            elsewhere = parts.port is None and port != 80
        except ValueError:
            return Look(seen=False, note=f"It redirects to {escaped(url[:200])}, which is not a URL.")
        if parts.scheme not in {"http", "https"}:
            return Look(seen=False, note=f"It redirects to {escaped(url[:200])}, which is not followed.")
        place = parts._replace(netloc=f"{parts.netloc}:{port}").geturl() if elsewhere else url
        try:
            status, location, body = _fetch(place, route)
        except CallError as error:
            where = escaped(parts.netloc[:200])
            why = wire.unreachable(where, error.cause) if not error.sent else f"{where} did not send a complete reply."
            return Look(seen=False, note=why)
        if 300 <= status < 400 and location:
            url = _joined(url, location)
            continue
        if status != 200:
            return Look(seen=False, note=f"Not found yet: the server replied with HTTP status {status}.")
        if body.rstrip() != content.encode():
            return Look(seen=False, note="The server sends different content at this address.")
        return Look(seen=True, note="Seen.")
    return Look(seen=False, note="Too many redirects.")


def _answers(name: dns.name.Name, resolver: Resolver | None) -> tuple[str, dict[str, tuple[str, ...] | None]]:
    """The zone, and what each of its name servers has at this name, or at what it is an alias of; None: no answer."""
    if resolver is not None:
        values, _ = _ask(name, resolver.port, resolver.host)
        return "", {resolver.host: values}
    system = dns.resolver.Resolver()
    for _ in range(MOST_HOPS):
        zone = dns.resolver.zone_for_name(name, resolver=system, lifetime=2 * PATIENCE)
        servers = dict(_addresses(zone, system))
        if not servers:
            raise OSError("no name server of the zone has an address")
        with ThreadPoolExecutor(MOST_SERVERS) as pool:
            answers = dict(zip(servers, pool.map(partial(_ask, name, PORT), servers.values()), strict=True))
        aliases = {alias for _, alias in answers.values() if alias is not None}
        if not aliases:
            return zone.to_text(omit_final_dot=True), {server: values for server, (values, _) in answers.items()}
        name = min(aliases)
    raise OSError("too many aliases")


def _addresses(zone: dns.name.Name, system: dns.resolver.Resolver) -> Iterator[tuple[str, str]]:
    """The name servers of a zone, each with one address."""
    names = sorted(str(one.target) for one in system.resolve(zone, "NS", lifetime=PATIENCE))
    for name in names[:MOST_SERVERS]:
        for kind in ("A", "AAAA"):
            try:
                found = system.resolve(name, kind, lifetime=PATIENCE)
            except dns.exception.DNSException:
                continue
            yield name.rstrip("."), str(found[0])
            break


def _ask(name: dns.name.Name, port: int, host: str) -> tuple[tuple[str, ...] | None, dns.name.Name | None]:
    """The values at a name, or None without a usable answer; and what it is an alias of, in a zone of others."""
    query = dns.message.make_query(name, dns.rdatatype.TXT, use_edns=0, payload=1232)
    try:
        reply, _ = dns.query.udp_with_fallback(query, host, timeout=PATIENCE, port=port)
        if reply.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            return None, None
        if not isinstance(reply, dns.message.QueryMessage):
            return None, None
        chain = reply.resolve_chaining()
    except (dns.exception.DNSException, OSError, EOFError):
        return None, None
    if chain.answer is None:
        return (), chain.canonical_name if chain.canonical_name != name else None
    texts = (b"".join(one.strings) for one in chain.answer if isinstance(one, TXT))
    return tuple(text.decode("utf-8", "replace") for text in texts), None


def _notes(zone: str, answers: dict[str, tuple[str, ...] | None], having: int, old: list[str]) -> Iterator[str]:
    servers = "the resolver" if not zone else f"{len(answers)} name servers" if len(answers) > 1 else "the name server"
    silent = [server for server, values in answers.items() if values is None]
    if having == len(answers):
        yield f"Seen by {servers}."
    elif having:
        yield f"Seen by {having} of {servers}."
    else:
        yield f"Not seen yet by {servers}."
    if silent:
        yield f"No usable answer from {escaped(', '.join(silent))}."
    if old:
        shown = ", ".join(escaped(value[:80]) for value in old[:MOST_OLD])
        which, them = ("An old value is", "it") if len(old) == 1 else (f"{len(old)} old values are", "them")
        yield f"{which} still published: {shown}. Remove {them}."


def _reason(error: Exception) -> str:
    return next((why for kind, why in _REASONS.items() if isinstance(error, kind)), escaped(str(error)[:200]))


def _fetch(url: str, route: Route) -> tuple[int, str, bytes]:
    """Status, redirect and body; under any certificate, as CAs fetch it, for it may be one that has expired."""
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    connection = Wire(trust=trust)
    session = requests.Session()
    wire.harden(session, connection)

    def run() -> tuple[int, str, bytes]:
        request = session.prepare_request(requests.Request("GET", url))
        # Not by the session, which looks at redirects, too.
        reply = connection.send(request, timeout=(wire.CONNECTING, route.deadline), verify=False)
        return reply.status_code, reply.headers.get("Location", ""), reply.content

    return wire.call(run, connection, route.deadline)


def _joined(url: str, location: str) -> str:
    """Where a redirect leads: to itself, where it cannot be joined."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location
