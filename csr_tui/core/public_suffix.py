"""Public suffixes: under which names everybody registers, and which no public registry knows."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from csr_tui.core.host_names import to_unicode

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_public_suffix(domain: str) -> bool:
    """Whether everybody registers names under this one, as under `com` and `co.uk` (ICANN section of the list)."""
    return _suffix(domain) == domain


def is_internal(domain: str) -> bool:
    """Whether no public registry knows this name: a single label, `.local`, or a TLD that is not listed."""
    return "." not in domain or _suffix(domain) is None


@lru_cache(maxsize=4096)
def _suffix(domain: str) -> str | None:
    """The longest public suffix that a domain ends in; None where it is not listed."""
    labels = domain.split(".")
    found = _suffixes().publicsuffix(".".join(map(to_unicode, labels)))
    return None if found is None else ".".join(labels[-1 - found.count(".") :])


def has_suffixes(domain: str) -> bool:
    """Whether a listed suffix is longer than this name and ends in it; also where that cannot be told."""
    above = _above_suffixes()
    return above is None or domain in above


@cache
def _above_suffixes() -> frozenset[str] | None:
    """Every name that a longer listed suffix ends in; None where the library keeps its list in another way."""
    listed: frozenset[str] | None = getattr(_suffixes(), "_publicsuffix", None)
    if not listed:
        return None
    found = set()
    for suffix in listed:
        _, dot, above = suffix.partition(".")
        while dot:
            found.add(above)
            _, dot, above = above.partition(".")
    return frozenset(found)


@cache
def _suffixes() -> PublicSuffixList:
    """The list that came with the program, in Unicode, read in some 8 ms; A-labels too would take 20 ms more."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True, accept_encoded_idn=False)
