"""The exact files that leave for one record: their names and their bytes; writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csr_tui.core import names

LONGEST_STEM = 200


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file; `private` ones hold the key, which their repr does not show."""

    name: str
    data: bytes = field(repr=False)
    private: bool


def stem(domain: str) -> str:
    """A safe file name for a domain: `*.example.com` is `_wildcard.example.com`, Unicode becomes A-labels.

    No host can have an underscore, so the wildcard's files never meet those of a host called `wildcard`.
    """
    name = names.ascii_domain(domain)
    if name.startswith("*."):
        name = f"_wildcard.{name[2:]}"
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:LONGEST_STEM].strip(".-") or "request"


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


def _block(text: str) -> str:
    """LF line ends and one newline at the end, without which nginx refuses the next block."""
    return text.replace("\r\n", "\n").strip() + "\n"
