"""Which keys, requests and certificates belong together by their public key, and which have lost their partner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from csr_tui.core.certificate import is_ca, label
from csr_tui.core.inspect import principals
from csr_tui.core.inspect.item import CERTIFICATE, PKCS12, PRIVATE_KEY, REQUEST, Item
from csr_tui.core.text import escaped
from csr_tui.errors import Fact, Hint

SECRET = (PRIVATE_KEY, PKCS12)
"""Kinds of things that hold a private key."""

MOST_MODULI = 1_000
"""RSA keys that are compared with each other; so many take some seconds."""

CA = "CA certificate"
"""What a CA's own certificate is called here: it has not lost its key, which is elsewhere and should be."""


@dataclass(frozen=True, slots=True)
class File:
    """One file and what is in it, or why it cannot be read; `exposed` is its mode where others may read it."""

    path: str
    items: tuple[Item, ...] = ()
    exposed: int | None = None
    wrong: str = ""

    @property
    def holds_key(self) -> bool:
        return any(item.kind in SECRET for item in self.items)

    @property
    def locked(self) -> bool:
        """Whether something in it needs a password that was not there."""
        return any(item.locked for item in self.items)


@dataclass(frozen=True, slots=True)
class Family:
    """Everything with one public key: the paths and what they hold of it, and the record that has it, if one does."""

    fingerprint: str
    members: tuple[tuple[str, str], ...] = field(default=())
    record: str | None = None

    def paths(self, *kinds: str) -> tuple[str, ...]:
        """The files that hold one of these kinds, each once."""
        return tuple(dict.fromkeys(path for path, kind in self.members if kind in kinds))


def families(files: Sequence[File], records: Mapping[str, str]) -> tuple[Family, ...]:
    """Files by public key, in the order of their names; `records` has the ids of the records of some."""
    members: dict[str, list[tuple[str, str]]] = {}
    for file in files:
        for item in principals(file.items):
            if item.fingerprint:
                kind = CA if item.certificate is not None and is_ca(item.certificate) else item.kind
                members.setdefault(item.fingerprint, []).append((file.path, kind))
    return tuple(
        Family(one, tuple(dict.fromkeys(of)), records.get(one))
        for one, of in members.items()
        if any(kind != CA for _, kind in of)
    )


def findings(files: Sequence[File], groups: Sequence[Family]) -> Iterator[Fact]:
    """What is bad, a sentence each: broken, weak, readable by others, closed to us, or without its partner."""
    for file in files:
        path = escaped(file.path)
        if not file.items:
            yield Fact(f"{path}: {file.wrong}")
        for item in file.items:
            named = item.certificate if len(file.items) > 1 else None
            which = path if named is None else f"{path}: {label(named)}"
            yield from (Fact(f"{which}: {problem}") for problem in item.problems)
        if file.exposed is not None and file.holds_key:
            yield Fact(
                f"{path} contains a private key that other users can read (mode {file.exposed:04o}): chmod 600 {path}"
            )
        if file.locked:
            yield Fact(
                f"{path} is encrypted under an unknown password, so its record is unknown, too.", Hint.TRY_PASSWORD
            )
    yield from map(Fact, _shared_primes(files))
    for family in groups:
        yield from map(Fact, _lost(family))


def _shared_primes(files: Sequence[File]) -> Iterator[str]:
    """RSA keys that share a prime with an earlier one, found by one remainder of the product of all earlier moduli."""
    paths: dict[int, str] = {}
    for file in files:
        for item in principals(file.items):
            if item.modulus is not None:
                paths.setdefault(item.modulus, file.path)
    product = 1
    for place, (modulus, path) in enumerate([*paths.items()][:MOST_MODULI]):
        if gcd(modulus, product % modulus) != 1:
            partner = next(paths[other] for other in [*paths][:place] if gcd(modulus, other) != 1)
            yield (
                f"{escaped(partner)} and {escaped(path)} hold RSA keys that share a prime: anyone can compute both "
                "private keys. Generate new keys for both."
            )
        product *= modulus


def _lost(family: Family) -> Iterator[str]:
    if family.record is not None:
        return
    keys = family.paths(PRIVATE_KEY)
    partners = [path for path in family.paths(REQUEST, CERTIFICATE, CA) if path not in keys]
    for path in keys:
        goes = f"it matches {', '.join(map(escaped, partners))}" if partners else "no file here matches it"
        yield f"{escaped(path)} belongs to no record; {goes}."
    if not keys:
        for path in partners:
            yield f"{escaped(path)} has no key: neither the files here nor the records have it."
