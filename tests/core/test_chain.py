"""A chain is found by signature, ordered, and judged; what was asked is compared with what was issued."""

from __future__ import annotations

import random

import pytest
from authority import NOW, Authority
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from csr_tui.core import certificate
from csr_tui.core.certificate import chain_of, judge, leaf_of
from csr_tui.core.csr import Difference
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError, Level
from csr_tui.core.keys import identity
from csr_tui.core.record import Record
from csr_tui.core.usages import USAGES

ROOT = Authority("Example Root")
POLICY = Authority("Example Policy CA", ROOT)
CA = Authority("Example Issuing CA", POLICY)
OTHER = Authority("Another CA", Authority("Another Root"))
KEY = ec.generate_private_key(ec.SECP256R1())
LEAF = CA.issue(KEY.public_key(), "www.example.com", chain_at="http://ca.example/issuing.cer")
POOL = (ROOT.certificate, POLICY.certificate, CA.certificate, OTHER.certificate, LEAF)


def levels(chain: certificate.Chain, *, serving: bool = False) -> dict[str, Level]:
    return {finding.field: finding.level for finding in judge(chain, NOW, serving=serving)}


def judged(authority: Authority, *pool: Authority) -> str:
    leaf = authority.issue(KEY.public_key(), "www.example.com")
    chain = chain_of(leaf, [one.certificate for one in (authority, *pool)], NOW)
    return " ".join(finding.message for finding in judge(chain, NOW) if finding.level is Level.ERROR)


@pytest.mark.parametrize("seed", range(5))
def test_a_chain_is_ordered_whatever_the_order_of_the_files(seed: int) -> None:
    pool = list(POOL)
    random.Random(seed).shuffle(pool)

    chain = chain_of(LEAF, pool, NOW)

    assert chain.served == (LEAF, CA.certificate, POLICY.certificate)
    assert chain.root == ROOT.certificate
    assert judge(chain, NOW, serving=True) == ()


def test_the_leaf_is_the_newest_certificate_of_the_key() -> None:
    newer = CA.issue(KEY.public_key(), "www.example.com", start=0)
    fingerprint = identity.fingerprint(KEY)

    assert leaf_of((LEAF, newer, *POOL), fingerprint) == newer
    assert leaf_of(POOL, "00" * 32) is None


def test_a_chain_without_its_root_is_whole_and_one_without_its_issuer_is_not() -> None:
    whole = chain_of(LEAF, POOL[1:], NOW)
    alone = chain_of(LEAF, (OTHER.certificate,), NOW)

    assert (whole.complete, whole.root, judge(whole, NOW, serving=True)) == (True, None, ())
    assert not alone.complete
    assert levels(alone) == {"chain": Level.WARNING}
    assert levels(alone, serving=True) == {"chain": Level.ERROR}
    (finding,) = judge(alone, NOW)
    assert "Example Issuing CA, is missing" in finding.message
    assert "http://ca.example/issuing.cer" in finding.message


def test_a_name_alone_makes_no_issuer() -> None:
    impostor = Authority("Example Issuing CA")

    assert chain_of(LEAF, (impostor.certificate,), NOW).intermediates == ()


def test_of_two_ways_the_valid_and_then_the_shorter_one_is_taken() -> None:
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    crossed = Authority("New Root", old_root, key=new_root.key)
    ended = Authority("Issuing", new_root, start=-400, days=300)
    valid = Authority("Issuing", new_root, key=ended.key)
    leaf = valid.issue(KEY.public_key(), "www.example.com")
    pool = [one.certificate for one in (ended, crossed, old_root, valid, new_root)]

    assert chain_of(leaf, pool, NOW).served == (leaf, valid.certificate)
    assert chain_of(leaf, pool[:-1], NOW).served == (leaf, valid.certificate, crossed.certificate)


def test_cas_that_sign_one_another_end_the_search() -> None:
    one = Authority("One")
    two = Authority("Two", one)
    again = Authority("One", two, key=one.key)
    leaf = two.issue(KEY.public_key(), "www.example.com")

    assert chain_of(leaf, (two.certificate, again.certificate), NOW).served == (
        leaf,
        two.certificate,
        again.certificate,
    )
    deep = Authority("CA 0")
    pool = [deep]
    for number in range(12):
        deep = Authority(f"CA {number + 1}", deep)
        pool.append(deep)
    with pytest.raises(InvalidError, match="more than 10 CAs"):
        chain_of(deep.issue(KEY.public_key(), "a.example"), [ca.certificate for ca in pool], NOW)


def test_a_self_signed_certificate_is_served_itself() -> None:
    own = Authority("www.example.com", ca=False)

    chain = chain_of(own.certificate, (), NOW)

    assert (chain.served, chain.root) == ((own.certificate,), own.certificate)
    assert "self-signed" in judge(chain, NOW)[-1].message


@pytest.mark.parametrize(
    ("start", "days", "field", "level", "serving"),
    [
        (-100, 90, "validity", Level.ERROR, Level.ERROR),
        (1, 90, "validity", Level.WARNING, Level.ERROR),
    ],
    ids=["ended", "to come"],
)
def test_the_dates_of_the_certificate_are_judged(
    start: int, days: int, field: str, level: Level, serving: Level
) -> None:
    chain = chain_of(CA.issue(KEY.public_key(), "www.example.com", start=start, days=days), POOL, NOW)

    assert levels(chain) == {field: level}
    assert levels(chain, serving=True) == {field: serving}


def test_a_certificate_that_no_client_takes_from_a_server_is_told() -> None:
    nameless = chain_of(CA.issue(KEY.public_key()), POOL, NOW)
    person = chain_of(CA.issue(KEY.public_key(), "www.example.com", usage=ExtendedKeyUsageOID.CLIENT_AUTH), POOL, NOW)

    assert levels(nameless, serving=True) == {"sans": Level.ERROR}
    assert levels(person, serving=True) == {"usage": Level.ERROR}
    assert levels(person) == {"usage": Level.WARNING}


@pytest.mark.parametrize(
    ("issuer", "says"),
    [
        (Authority("Issuing", ROOT, ca=False), "is not the certificate of a CA"),
        (Authority("Issuing", ROOT, may_sign=False), "not allowed to sign certificates"),
        (Authority("Issuing", ROOT, days=300), "expired on 2026-08-16"),
        (Authority("Issuing", ROOT, start=1), "valid only from 2026-11-25"),
    ],
    ids=["ca", "may_sign", "days", "start"],
)
def test_an_intermediate_that_is_none_is_an_error(issuer: Authority, says: str) -> None:
    assert says in judged(issuer, ROOT)


def test_no_more_cas_than_allowed_stand_below_one() -> None:
    tight = Authority("Policy", ROOT, path_length=0)

    assert "at most 0 CAs" in judged(Authority("Issuing", tight), tight, ROOT)
    assert judged(Authority("Issuing", Authority("Policy", ROOT, path_length=1)), ROOT) == ""


def test_what_was_asked_and_what_was_issued_stand_side_by_side() -> None:
    record = Record(
        "x",
        subject=Subject(domain="www.example.com", organization="Example Ltd", country="CN"),
        names=("example.com",),
    )
    issued = certificate.read(CA.issue(KEY.public_key(), "www.example.com", "WWW.EXAMPLE.COM", "m.example.com"))

    assert certificate.compared(record, issued) == (
        Difference("country", "CN", ""),
        Difference("organization", "Example Ltd", ""),
        Difference("domain", "www.example.com", "www.example.com"),
        Difference("sans", "www.example.com", "WWW.EXAMPLE.COM"),
        Difference("sans", "example.com", ""),
        Difference("sans", "", "m.example.com"),
    )
    assert [one.field for one in certificate.differences(record, issued)] == ["country", "organization", "sans"]


def test_a_certificate_for_just_what_was_asked_differs_in_nothing() -> None:
    record = Record("x", subject=Subject(domain="www.example.com"), names=("example.com",))
    issued = certificate.read(CA.issue(KEY.public_key(), "www.example.com", "EXAMPLE.com"))

    assert certificate.differences(record, issued) == ()


@pytest.mark.parametrize(
    ("above", "ca", "sentences"),
    [
        (None, True, ()),
        (1, True, ()),
        (0, True, ("Sub Root allows no CAs below it: clients reject the certificates that this CA signs.",)),
        (None, False, ("It is not the certificate of a CA: clients reject the certificates that it signs.",)),
    ],
)
def test_a_subordinate_authority_that_cannot_sign_is_warned_about(
    above: int | None, ca: bool, sentences: tuple[str, ...]
) -> None:
    root = Authority("Sub Root", path_length=above)
    leaf = Authority("Sub", root, path_length=0, ca=ca).certificate
    chain = chain_of(leaf, (root.certificate,), NOW, USAGES["ca"])

    found = [finding.message.removesuffix(" Ask your CA for a new one.") for finding in judge(chain, NOW)]

    assert tuple(found) == sentences
