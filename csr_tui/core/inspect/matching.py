"""What belongs together: within a file, and between two files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from math import gcd, prod
from typing import TypeAlias

from cryptography import x509

from csr_tui.core import certificate, dn, extensions
from csr_tui.core.certificate import is_ca
from csr_tui.core.certificate.faults import unable
from csr_tui.core.inspect.item import CERTIFICATE, PRIVATE_KEY, REQUEST, Item

MOST_SIGNATURES = 2_000
"""Checked in one file, which takes 0.2 s; a bundle of all roots there are needs a few hundred."""

MOST_MODULI, LARGEST_MODULUS = 100, 8_192
"""How many RSA keys are compared with each other, and their largest size in bits: it takes 2 s at most."""

SHARES_A_PRIME = (
    "Its RSA key shares a prime with another key in this file: anyone can compute both private keys. Generate new keys "
    "for both."
)

Issuers: TypeAlias = dict[int, dict[int, bool]]
"""The place of a certificate -> the places of those with its issuer's name, and whether they really signed it."""


def match(left: Sequence[Item], right: Sequence[Item]) -> tuple[Item, Item] | None:
    """A thing of each of two files with the same public key; None where there is no such pair."""
    theirs = {item.fingerprint: item for item in reversed(principals(right))}
    return next(((mine, theirs[mine.fingerprint]) for mine in principals(left) if mine.fingerprint in theirs), None)


def principals(items: Sequence[Item]) -> tuple[Item, ...]:
    """What a file is about: everything with a public key, except certificates that signed another one in it."""
    return _about(items, _issuers(items))


def issued(issuers: Sequence[Item], items: Sequence[Item]) -> bool:
    """Whether a certificate in `issuers` signed one that `items` is about."""
    return any(any(signed.values()) for signed in _issuers(principals(items), issuers).values())


def judge_together(items: tuple[Item, ...], *, in_order: bool) -> tuple[Item, ...]:
    """The things of one file, with what is bad about them together; `in_order` where servers would read it as it is."""
    issuers = _issuers(items)
    about = _about(items, issuers)
    broken = _sharing_primes(items)
    served = in_order and any(item.certificate is not None and not is_ca(item.certificate) for item in items)
    return tuple(
        replace(
            item,
            problems=(
                *item.problems,
                *_place(at, item, issuers, served=served),
                *_company(item, about),
                *([SHARES_A_PRIME] if item.modulus in broken else []),
            ),
        )
        for at, item in enumerate(items)
    )


def _sharing_primes(items: Sequence[Item]) -> set[int]:
    """The moduli that have a prime in common with another one."""
    moduli = dict.fromkeys(item.modulus for item in items if item.modulus)
    several = [one for one in moduli if one.bit_length() <= LARGEST_MODULUS][:MOST_MODULI]
    product = prod(several)
    return {one for one in several if gcd(one, product % (one * one) // one) != 1}


def _place(at: int, item: Item, issuers: Issuers, *, served: bool) -> Iterator[str]:
    """What is wrong with the place of a certificate among the others."""
    if item.certificate is None:
        return
    if issuers[at] and not any(issuers[at].values()):
        yield "Its issuer's name is in this file, but not the key that signed it: another CA has the same name."
    signed = [one for one, candidates in issuers.items() if candidates.get(at)]
    if signed and (why := unable(extensions.read(item.certificate))):
        yield f"It signed another certificate in this file, but it {why}: clients reject it."
    if served and any(one > at for one in signed):
        yield "It precedes the certificate that it issued. Servers need that certificate first, then its issuers."


def _company(item: Item, about: Sequence[Item]) -> Iterator[str]:
    """A key beside certificates or requests, or a request beside certificates, that goes with none of them."""
    for kind in {PRIVATE_KEY: (CERTIFICATE, REQUEST), REQUEST: (CERTIFICATE,)}.get(item.kind, ()):
        there = {one.fingerprint for one in about if one.kind == kind}
        if item.fingerprint and there and item.fingerprint not in there:
            yield f"It matches no {kind} in this file: their public keys differ."


def _about(items: Sequence[Item], issuers: Issuers) -> tuple[Item, ...]:
    signing = {by for candidates in issuers.values() for by, signed in candidates.items() if signed}
    return tuple(item for at, item in enumerate(items) if item.fingerprint is not None and at not in signing)


def _issuers(items: Sequence[Item], among: Sequence[Item] | None = None) -> Issuers:
    """Who of `among`, or else of the items themselves, has the issuer's name; nobody, once the bound is reached."""
    namesakes: dict[dn.Key, dict[bytes, list[int]]] = {}
    held = items if among is None else among
    for at, item in enumerate(held):
        if item.certificate is not None:
            same = namesakes.setdefault(dn.key(dn.subject(item.certificate)), {})
            same.setdefault(certificate.spki(item.certificate), []).append(at)
    found: Issuers = {}
    checked = 0
    for at, item in enumerate(items):
        if (one := item.certificate) is not None:
            issuer = dn.key(dn.issuer(one))
            cas = {} if issuer == dn.key(dn.subject(one)) else namesakes.get(issuer, {})
            checked += len(cas)
            if checked > MOST_SIGNATURES:
                cas = {}
            signed = {key: _signed(one, held[places[0]].certificate) for key, places in cas.items()}
            found[at] = {by: signed[key] for key, places in cas.items() for by in places}
    return found


@lru_cache(maxsize=4 * MOST_SIGNATURES)
def _signed(signed: x509.Certificate, issuer: x509.Certificate | None) -> bool:
    return issuer is not None and certificate.signed_with(signed, certificate.public_key(issuer))
