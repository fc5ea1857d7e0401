"""Of all ways from a certificate to a root the best is taken, and cut where no client would follow it further."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import handmade
import pytest
from handmade import CA, CN, HOSTS, NOW, called, encode, extension, loaded, name, printable
from hypothesis import given, settings
from hypothesis import strategies as st

from csr_tui.core.certificate import Chain, chain_of, judge, signed_with
from csr_tui.core.certificate.chain import MOST_SIGNATURES
from csr_tui.core.findings import Level

if TYPE_CHECKING:
    from cryptography import x509

LIVE, ENDED, TO_COME = (-500, 500), (-900, -30), (30, 500)
KEYS = [handmade.new_key() for _ in range(6)]
LEAF_KEY, ISSUING, NEW, OLD, *_ = KEYS


def ca(
    subject: str, key: handmade.Key, by: str, signer: handmade.Key, days: tuple[int, int] = LIVE
) -> x509.Certificate:
    return loaded(handmade.certificate(key, called(subject), called(by), signer, CA, days=days))


def leaf(by: bytes = called("Issuing"), *listed: bytes) -> x509.Certificate:
    return loaded(handmade.certificate(LEAF_KEY, called("www.example.com"), by, ISSUING, HOSTS, *listed))


LEAF = leaf()
BELOW = ca("Issuing", ISSUING, "New Root", NEW)
ROOT = ca("New Root", NEW, "New Root", NEW)


def told(chain: Chain, level: Level, *, serving: bool = True) -> str:
    return " ".join(one.message for one in judge(chain, NOW, serving=serving) if one.level is level)


@pytest.mark.parametrize("days", [ENDED, TO_COME], ids=["ended", "to come"])
@pytest.mark.parametrize("old_root", [False, True], ids=["alone", "with its root"])
def test_a_cross_certificate_out_of_its_time_is_cut_off(days: tuple[int, int], *, old_root: bool) -> None:
    cross = ca("New Root", NEW, "Old Root", OLD, days)
    pool = [BELOW, cross, *([ca("Old Root", OLD, "Old Root", OLD)] if old_root else [])]

    chain = chain_of(LEAF, pool, NOW)

    assert (chain.served, chain.root, chain.cut) == ((LEAF, BELOW), None, cross)
    assert told(chain, Level.ERROR) == ""
    assert "New Root by Old Root" in told(chain, Level.WARNING)
    assert "left out" in told(chain, Level.WARNING)


def test_nothing_is_cut_where_another_way_is_whole() -> None:
    cross = ca("New Root", NEW, "Old Root", OLD, ENDED)
    other = ca("New Root", NEW, "Third Root", KEYS[4])

    assert chain_of(LEAF, [cross, BELOW, ROOT], NOW) == Chain(LEAF, (BELOW,), ROOT)
    assert chain_of(LEAF, [cross, BELOW, other], NOW) == Chain(LEAF, (BELOW, other), None)


def test_a_way_is_judged_as_a_whole_and_not_step_by_step() -> None:
    longest = ca("Issuing", ISSUING, "Old Root", OLD, (-500, 900))  # alone it looks better: but it leads nowhere
    ended = ca("Old Root", OLD, "Old Root", OLD, ENDED)

    assert chain_of(LEAF, [longest, ended, BELOW, ROOT], NOW) == Chain(LEAF, (BELOW,), ROOT)


def test_an_ended_issuer_is_refused_where_the_certificate_has_no_other() -> None:
    ended = ca("Issuing", ISSUING, "New Root", NEW, ENDED)

    chain = chain_of(LEAF, [ended, ROOT], NOW)

    assert chain.served == (LEAF, ended)
    assert "The issuer Issuing expired on" in told(chain, Level.ERROR)
    assert chain_of(LEAF, [ended, BELOW, ROOT], NOW) == Chain(LEAF, (BELOW,), ROOT)


def test_issuers_of_one_name_are_told_apart_by_their_keys() -> None:
    impostor = ca("Issuing", OLD, "New Root", NEW, (-500, 900))

    assert chain_of(LEAF, [impostor, BELOW, ROOT], NOW) == Chain(LEAF, (BELOW,), ROOT)


def test_a_weak_signature_above_is_cut_off() -> None:
    subject, issuer = called("New Root"), called("Old Root")
    cross = loaded(handmade.certificate(NEW, subject, issuer, OLD, CA, algorithm=handmade.WITH_SHA1))

    chain = chain_of(LEAF, [BELOW, cross], NOW)

    assert (chain.served, chain.cut) == ((LEAF, BELOW), cross)
    assert "SHA-1" in told(chain, Level.WARNING)


def test_names_that_differ_in_case_blanks_and_kind_of_string_are_one() -> None:
    spelt = name((CN, printable("ISSUING  ")))
    odd = leaf(spelt)

    assert chain_of(odd, [BELOW, ROOT], NOW) == Chain(odd, (BELOW,), ROOT)


def test_key_identifiers_choose_between_issuers_and_refuse_none() -> None:
    wanted = extension("2.5.29.35", encode(0x30, encode(0x80, b"right")))
    marked = {
        mark: loaded(
            handmade.certificate(
                ISSUING,
                called("Issuing"),
                called("New Root"),
                NEW,
                CA,
                extension("2.5.29.14", encode(0x04, mark)),
                days=(-500, 500 + days),
            )
        )
        for days, mark in enumerate((b"right", b"wrong"))
    }
    odd = leaf(called("Issuing"), wanted)

    assert chain_of(odd, [*marked.values(), ROOT], NOW).served == (odd, marked[b"right"])
    chain = chain_of(odd, [marked[b"wrong"], ROOT], NOW)
    assert chain.served == (odd, marked[b"wrong"])
    assert "key identifier" in told(chain, Level.WARNING)


def test_a_hundred_ways_in_a_circle_end() -> None:
    pool = [
        ca(one, KEYS[a], other, KEYS[b]) for a, one in enumerate("ABCDEF") for b, other in enumerate("ABCDEF") if a != b
    ]
    below = ca("Issuing", ISSUING, "A", KEYS[0])

    chain = chain_of(LEAF, [below, *pool], NOW)

    assert chain.served[:2] == (LEAF, below)
    assert told(chain, Level.ERROR) == ""


def test_hundreds_of_namesakes_cost_no_more_than_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [handmade.new_key() for _ in range(20)]
    pool = [
        loaded(handmade.certificate(key, called("Issuing"), called("Issuing"), signer, CA, serial=serial))
        for serial, (key, signer) in enumerate(permutations([ISSUING, *keys], 2), 1)
    ]
    checks = []

    def counted(certificate: x509.Certificate, key: object) -> bool:
        checks.append(key)
        return signed_with(certificate, key)

    monkeypatch.setattr("csr_tui.core.certificate.content.signed_with", counted)

    chain = chain_of(LEAF, pool, NOW)

    assert chain.served[0] == LEAF
    assert chain.complete
    assert len(checks) <= MOST_SIGNATURES


@dataclass(frozen=True)
class Edge:
    """A certificate of a CA by a CA, both of them a letter and a key."""

    subject: int
    issuer: int
    days: tuple[int, int]
    ca: bool

    @property
    def good(self) -> bool:
        return self.days == LIVE and self.ca


@cache
def made(edge: Edge) -> x509.Certificate:
    names = "Issuing", *"BCDE"
    listed = (CA,) if edge.ca else ()
    return loaded(
        handmade.certificate(
            KEYS[edge.subject + 1],
            called(names[edge.subject]),
            called(names[edge.issuer]),
            KEYS[edge.issuer + 1],
            *listed,
            days=edge.days,
        )
    )


def ways(pool: list[Edge], at: int = 0, seen: tuple[Edge, ...] = ()) -> list[tuple[Edge, ...]]:
    """Every way from a CA on, to a root or to where no other issuer is, by brute force."""
    been = {0, *(edge.issuer for edge in seen)}
    found = []
    for edge in pool:
        if edge.subject == at and edge.issuer == at:
            found.append((*seen, edge))
        elif edge.subject == at and edge.issuer not in been:
            found += ways(pool, edge.issuer, (*seen, edge)) or [(*seen, edge)]
    return found or ([seen] if seen else [])


EDGES = st.builds(
    Edge,
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([LIVE, LIVE, LIVE, ENDED, TO_COME]),
    st.sampled_from([True, True, True, False]),
)


@settings(max_examples=150)
@given(st.lists(EDGES, max_size=9, unique=True))
def test_the_search_is_as_good_as_trying_every_way(pool: list[Edge]) -> None:
    chain = chain_of(LEAF, map(made, pool), NOW)
    edges = {made(edge): edge for edge in pool}
    every = ways(pool)

    issuers = [edges[one] for one in chain.intermediates]
    assert [edge.issuer for edge in issuers[:-1]] == [edge.subject for edge in issuers[1:]]
    assert all(edge.good for edge in issuers[1:])
    if any(way and way[0].good and way[0].issuer != way[0].subject for way in every):
        assert not told(chain, Level.ERROR)
    whole = [
        way
        for way in every
        if way[-1].issuer == way[-1].subject and way[-1].days == LIVE and all(e.good for e in way[:-1])
    ]
    if whole:
        assert chain.root is not None
        assert len(chain.intermediates) == min(len(way) for way in whole) - 1
        assert told(chain, Level.ERROR) == ""


def test_an_issuer_that_only_some_refuse_is_cut_unless_it_leads_to_a_root() -> None:
    wanted = extension("2.5.29.35", encode(0x30, encode(0x80, b"right")))
    below = loaded(handmade.certificate(ISSUING, called("Issuing"), called("New Root"), NEW, CA, wanted))
    marked = extension("2.5.29.14", encode(0x04, b"wrong"))
    cross = loaded(handmade.certificate(NEW, called("New Root"), called("Old Root"), OLD, CA, marked))
    old_root = ca("Old Root", OLD, "Old Root", OLD)

    alone, rooted = chain_of(LEAF, [below, cross], NOW), chain_of(LEAF, [below, cross, old_root], NOW)

    assert (alone.served, alone.cut) == ((LEAF, below), cross)
    assert "key identifier" in told(alone, Level.WARNING)
    assert rooted == Chain(LEAF, (below, cross), old_root)
    assert "key identifier" in told(rooted, Level.WARNING)
