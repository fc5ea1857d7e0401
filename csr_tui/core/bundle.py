"""The exact files that leave for one record and one kind of target: names, bytes and modes; writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from csr_tui.core import names

LONGEST_STEM = 200


class Target(StrEnum):
    """What is to load the files."""

    PEM = "pem"
    NGINX = "nginx"
    APACHE = "apache"
    HAPROXY = "haproxy"
    JAVA = "java"
    WINDOWS = "windows"


PKCS12 = {Target.JAVA: ".p12", Target.WINDOWS: ".pfx"}
"""The targets that take one PKCS#12 file, and how its name ends."""


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file; `private` ones hold the key, which their repr does not show."""

    name: str
    data: bytes = field(repr=False)
    private: bool
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class Planned:
    """One file before it is made: its name, what it holds, in the order in which it holds it, and its mode."""

    name: str
    holds: str
    mode: int = 0o600


def stem(domain: str) -> str:
    """A safe file name for a domain: `*.example.com` is `_wildcard.example.com`, Unicode becomes A-labels.

    No host can have an underscore, so the wildcard's files never meet those of a host called `wildcard`.
    """
    name = names.ascii_domain(domain)
    if name.startswith("*."):
        name = f"_wildcard.{name[2:]}"
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:LONGEST_STEM].strip(".-") or "request"


def planned(target: Target, domain: str, *, issued: bool) -> tuple[Planned, ...]:
    """What will be written for a target, so that it can be shown before."""
    base = stem(domain)
    follows = "certificate and intermediates" if issued else "request"
    match target:
        case Target.PEM:
            return (
                Planned(f"{base}.key", "the private key"),
                Planned(f"{base}.csr", "the request, for the CA"),
                Planned(f"{base}.private-bundle.pem", f"the key, then {follows}; not for the CA"),
            )
        case Target.NGINX | Target.APACHE:
            return (
                Planned(f"{base}.fullchain.pem", "certificate, then intermediates", 0o644),
                Planned(f"{base}.key", "the private key"),
                manifest_of(target, domain),
            )
        case Target.HAPROXY:
            holds = "certificate, intermediates, key"
            return (Planned(f"{base}.haproxy.pem", holds), manifest_of(target, domain))
        case Target.JAVA | Target.WINDOWS:
            holds = "key, certificate, intermediates; PKCS#12"
            return (Planned(f"{base}{PKCS12[target]}", holds), manifest_of(target, domain))


def manifest_of(target: Target, domain: str) -> Planned:
    """The file that says what was written for a target, and what was tried with it."""
    return Planned(f"{stem(domain)}.{target}.manifest.json", "what was tried", 0o644)


def pem(domain: str, csr: str, key: str, certificate: str | None = None) -> tuple[BundleFile, ...]:
    """`<domain>.key`, `<domain>.csr`, and `<domain>.private-bundle.pem`: the key, then certificate or CSR.

    The bundle says in its first line what it holds; every PEM reader passes over text before a BEGIN line.
    """
    base = stem(domain)
    holder = names.ascii_domain(domain) or base
    warning = f"# PRIVATE: this file holds the private key of {holder}. It is not for a CA; send the CSR alone.\n"
    bundle = warning + _block(key) + _block(certificate if certificate is not None else csr)
    return (
        BundleFile(f"{base}.key", _block(key).encode("ascii"), private=True),
        BundleFile(f"{base}.csr", _block(csr).encode("ascii"), private=False),
        BundleFile(f"{base}.private-bundle.pem", bundle.encode("utf-8"), private=True),
    )


def for_server(target: Target, domain: str, key: str, certificate: str) -> tuple[BundleFile, ...]:
    """What nginx, apache and haproxy load; `certificate` is the leaf and its intermediates."""
    chain, private = _block(certificate).encode("ascii"), _block(key).encode("ascii")
    first, *_ = planned(target, domain, issued=True)
    if target is Target.HAPROXY:
        return (BundleFile(first.name, chain + private, private=True),)
    return (
        BundleFile(first.name, chain, private=False, mode=first.mode),
        BundleFile(f"{stem(domain)}.key", private, private=True),
    )


def sealed(target: Target, domain: str, data: bytes) -> tuple[BundleFile, ...]:
    """The one PKCS#12 file that Java and Windows take."""
    return (BundleFile(f"{stem(domain)}{PKCS12[target]}", data, private=True),)


def _block(text: str) -> str:
    """LF line ends and one newline at the end, without which nginx refuses the next block."""
    return text.replace("\r\n", "\n").strip() + "\n"
