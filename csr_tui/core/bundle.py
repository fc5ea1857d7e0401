"""One file that leaves, and how the files of a domain are called; writes nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from csr_tui.core import names

LONGEST_STEM = 200
"""Bytes; file systems take names of 255."""


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file; `private` ones hold the key, which their repr does not show."""

    name: str
    data: bytes = field(repr=False)
    private: bool
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file before it is made: its name, what it holds, in the order in which it holds it, and its mode."""

    name: str
    holds: str
    mode: int = 0o600


def stem(domain: str) -> str:
    """A safe file name for a main name: `*.example.com` is `_wildcard.example.com`, an IDN its A-labels.

    Any other name keeps the letters and digits of every script.
    """
    name = names.ascii_domain(domain)
    if name.startswith("*."):
        name = f"_wildcard.{name[2:]}"
    safe = re.sub(r"[^\w.-]", "-", unicodedata.normalize("NFC", name)).encode()[:LONGEST_STEM]
    return safe.decode(errors="ignore").strip(".-") or "request"


def alias(domain: str) -> str:
    """What the entry in a PKCS#12 is called; keytool shows aliases in lower case."""
    return stem(domain).lower()
