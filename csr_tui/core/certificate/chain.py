"""The way from a certificate to its root: the best of all ways through the certificates at hand, found by signature."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import count, pairwise

from cryptography import x509

from csr_tui.core import dn, extensions
from csr_tui.core.certificate import content, faults
from csr_tui.core.extensions import Extensions
from csr_tui.core.findings import InvalidError
from csr_tui.core.usages import SERVER, USAGES, Usage

MOST_LINKS = 10
"""No CA has so many below its root."""

MOST_SIGNATURES = 1_000
MOST_WAYS = 1_000
"""Bounds of one search, some 0.3 s: no CA's bundle comes near, and one made to keep the program busy stops there."""

_Way = tuple["_Link", ...]
_Rank = tuple[bool, bool, int, int, int, int, "datetime"]


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate and its issuers, each signed by the next; `root` is the self-signed end, where it is here.

    `cut` is the issuer of the last one that clients do not accept; it is left out, and what is above it. `usage` is
    what the certificate is for.
    """

    leaf: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    root: x509.Certificate | None
    cut: x509.Certificate | None = None
    usage: Usage = USAGES[SERVER]

    @property
    def served(self) -> tuple[x509.Certificate, ...]:
        """What a server loads and sends, in its order; clients have the root already, or do not trust it."""
        return (self.leaf, *self.intermediates)

    @property
    def complete(self) -> bool:
        """Whether it ends at its root, or below one that is not here, as CAs send it."""
        return self.root is not None or bool(self.intermediates)


def leaf_of(certificates: Iterable[x509.Certificate], fingerprint: str) -> x509.Certificate | None:
    """The certificate for this public key, by the SHA-256 of its SubjectPublicKeyInfo; of several, the newest."""
    same = [one for one in certificates if content.fingerprint_of(one) == fingerprint]
    return max(same, key=lambda one: (one.not_valid_before_utc, one.not_valid_after_utc), default=None)


def chain_of(
    leaf: x509.Certificate, pool: Iterable[x509.Certificate], now: datetime, usage: Usage = USAGES[SERVER]
) -> Chain:
    """The best way up from `leaf`, whatever else is in the pool: valid, to a root, and short, in this order."""
    return replace(_Search(pool, now, usage).best(leaf), usage=usage)


class _Link:
    """What the search looks at, read once for each certificate."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self.subject = dn.key(dn.subject(certificate))
        self.issuer = dn.key(dn.issuer(certificate))
        self.key = content.spki(certificate)
        self.identity = (self.subject, self.key)
        """A CA: certificates of one CA differ in their dates and issuers alone."""

    @cached_property
    def extensions(self) -> Extensions:
        return extensions.read(self.certificate)


class _Search:
    """Every way through a pool, the shortest first, within the bounds."""

    def __init__(self, pool: Iterable[x509.Certificate], now: datetime, usage: Usage) -> None:
        self._now = now
        self._usage = usage
        self._cas: defaultdict[dn.Key, defaultdict[bytes, list[_Link]]] = defaultdict(lambda: defaultdict(list))
        """By subject, and then by key: a signature is checked once for all certificates of one CA."""
        for one in map(_Link, dict.fromkeys(pool)):
            self._cas[one.subject][one.key].append(one)
        self._signatures: dict[tuple[x509.Certificate, bytes], bool] = {}
        self._faults: dict[tuple[_Link, int], str] = {}

    def best(self, leaf: x509.Certificate) -> Chain:
        found = list(self._ways(_Link(leaf)))
        way = max(found, key=self._rank)
        if len(way) > MOST_LINKS + 1 and self._cut(way) is None:
            raise InvalidError(f"The chain has more than {MOST_LINKS} CAs. Real chains are shorter; check the file.")
        cut = self._cut(way)
        served = [one.certificate for one in way[:cut]]
        if cut is None and self._is_root(way[-1]):
            return Chain(leaf, tuple(served[1:-1]), served[-1])
        return Chain(leaf, tuple(served[1:]), None, None if cut is None else way[cut].certificate)

    def _ways(self, leaf: _Link) -> Iterator[_Way]:
        """Those that cannot go on: at a root, at a fault, without an issuer."""
        numbers, tried = count(), 0
        heap: list[tuple[int, int, _Way]] = [(0, next(numbers), (leaf,))]
        while heap:
            *_, way = heapq.heappop(heap)
            issuers = [] if self._ends(way) or tried >= MOST_WAYS else self._issuers(way)
            tried += len(issuers)
            for issuer in issuers:
                longer = (*way, issuer)
                heapq.heappush(heap, (len(longer) + 2 * len(self._doubts(longer)), next(numbers), longer))
            if not issuers:
                yield way

    def _ends(self, way: _Way) -> bool:
        if len(way) > MOST_LINKS + 1 or self._is_root(way[-1]):
            return True
        last = len(way) - 1
        return last > 1 and bool(self._fault(way, last)) and not self._too_deep(way, last)

    def _issuers(self, way: _Way) -> list[_Link]:
        """Who signed the last one, and is not in the way already; the likely ones are tried first."""
        last, seen = way[-1], {one.identity for one in way}
        cas = [of for of in self._cas.get(last.issuer, {}).values() if of[0].identity not in seen]
        cas.sort(key=lambda of: not faults.agree(last.extensions, of[0].extensions))
        return [one for of in cas if self._signed(last, of[0]) for one in of]

    def _signed(self, below: _Link, issuer: _Link) -> bool:
        pair = (below.certificate, issuer.key)
        if pair not in self._signatures:
            if len(self._signatures) >= MOST_SIGNATURES:
                return False
            self._signatures[pair] = content.signed_with(below.certificate, content.public_key(issuer.certificate))
        return self._signatures[pair]

    def _is_root(self, link: _Link) -> bool:
        return link.subject == link.issuer and self._signed(link, link)

    def _valid(self, link: _Link) -> bool:
        return link.certificate.not_valid_before_utc <= self._now < link.certificate.not_valid_after_utc

    def _cut(self, way: _Way) -> int | None:
        """The place of the first issuer, above the one of the leaf, that clients do not accept; a root is not sent.

        Where the way leads to a root, an issuer that only some refuse stays, and so does one that may not stand so
        deep: it is the root's word then, and to leave out who passed it on would not help.
        """
        rooted = self._is_root(way[-1])
        for place in range(2, len(way) - rooted):
            if self._fault(way, place):
                return None if rooted and self._too_deep(way, place) else place
            if not rooted and self._doubts(way[place - 1 : place + 1]):
                return place
        return None

    def _too_deep(self, way: _Way, place: int) -> bool:
        return faults.too_deep(way[place].extensions, self._below(way, place))

    def _below(self, way: _Way, place: int) -> int:
        return sum(one.subject != one.issuer for one in way[1:place])

    def _fault(self, way: _Way, place: int) -> str:
        issuer, below = way[place], self._below(way, place)
        if (issuer, below) not in self._faults:
            self._faults[issuer, below] = faults.fault(issuer.certificate, issuer.extensions, below, self._now)
        return self._faults[issuer, below]

    def _doubts(self, way: _Way) -> list[str]:
        """What keeps some clients from going this way."""
        pairs = ((below.extensions, issuer.extensions) for below, issuer in pairwise(way))
        return [
            doubt
            for below, issuer in pairs
            for doubt in faults.doubts(issuer, self._usage, agrees=faults.agree(below, issuer))
        ]

    def _rank(self, way: _Way) -> _Rank:
        cut = self._cut(way)
        served = way[:cut]
        rooted = cut is None and self._is_root(way[-1])
        issuers = served[1:-1] if rooted else served[1:]
        return (
            not any(self._fault(way, place) for place in range(1, len(issuers) + 1)),
            len(way) > 1 or rooted,
            -len(self._doubts(served)) - (cut is not None),
            self._reach(way, cut, rooted=rooted),
            -len(served) if rooted else len(served),
            -sum(len(one.extensions.problems) for one in issuers),
            min((one.certificate.not_valid_after_utc for one in served[1:]), default=self._now),
        )

    def _reach(self, way: _Way, cut: int | None, *, rooted: bool) -> int:
        """How far it leads: to a valid root, below one that is not here, to an ended one, or to a cut."""
        if rooted:
            return 3 if self._valid(way[-1]) else 1
        return 2 if cut is None else 0
