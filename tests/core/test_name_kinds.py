"""A name is its kind and its text: in what is asked for, in what is issued, and where the two are compared."""

from __future__ import annotations

import handmade
import pytest
from handmade import called, encode, extension, loaded

from csr_tui.core import certificate, csr, inspect
from csr_tui.core.csr import Difference
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record

KEY = handmade.new_key()
LEAF = called("www.example.com")
RECORD = Record(
    "x", subject=Subject(domain="www.example.com"), names=("10.0.0.5", "2001:db8::1", "xn--bcher-kva.example")
)


def names(*parts: tuple[int, bytes]) -> bytes:
    return extension("2.5.29.17", encode(0x30, *(encode(tag, value) for tag, value in parts)))


DNS, EMAIL, URI, IP = 0x82, 0x81, 0x86, 0x87
MISTAKEN = names(
    (DNS, b"www.example.com"), (DNS, b"10.0.0.5"), (DNS, b"a@example.com"), (DNS, b"spiffe://example.com/a")
)


def issued(alternative: bytes) -> certificate.Certificate:
    return certificate.read(loaded(handmade.certificate(KEY, LEAF, called("CA"), KEY, alternative)))


def test_inspect_shows_and_reproaches_a_name_of_another_kind() -> None:
    for data in (
        handmade.pem(handmade.certificate(KEY, LEAF, called("CA"), KEY, MISTAKEN)),
        handmade.pem(handmade.request(KEY, LEAF, MISTAKEN), label="CERTIFICATE REQUEST"),
    ):
        (item,) = inspect.read(data)

        assert [text for label, text in item.lines if label == "name"] == [
            "www.example.com",
            "DNS:10.0.0.5",
            "DNS:a@example.com",
            "DNS:spiffe://example.com/a",
        ]
        assert [problem.split(",")[0] for problem in item.problems] == [
            "10.0.0.5 is an address",
            "a@example.com is an email address",
            "spiffe://example.com/a is a URI",
        ]


def test_an_address_that_was_issued_as_a_dns_name_differs() -> None:
    got = issued(
        names((DNS, b"www.example.com"), (DNS, b"10.0.0.5"), (DNS, b"2001:db8::1"), (DNS, b"xn--bcher-kva.example"))
    )

    (difference,) = certificate.differences(RECORD, got)

    assert difference.got == "www.example.com, DNS:10.0.0.5, DNS:2001:db8::1, xn--bcher-kva.example"
    assert [finding.message.partition(",")[0] for finding in certificate.mistaken(RECORD, got)] == [
        "10.0.0.5 was requested as an address",
        "2001:db8::1 was requested as an address",
    ]


def test_an_address_that_was_issued_as_another_kind_is_named() -> None:
    got = issued(names((DNS, b"www.example.com"), (EMAIL, b"10.0.0.5"), (URI, b"2001:db8::1")))

    assert [finding.message.partition(":")[0] for finding in certificate.mistaken(RECORD, got)][:1] == [
        "10.0.0.5 was requested as an address, but issued as an email address"
    ]


def test_the_same_names_in_other_spellings_differ_in_nothing() -> None:
    address = bytes.fromhex("20010db8000000000000000000000001")
    got = issued(
        names((IP, address), (DNS, b"WWW.EXAMPLE.COM"), (DNS, b"XN--BCHER-KVA.example"), (IP, bytes((10, 0, 0, 5))))
    )

    assert certificate.differences(RECORD, got) == ()
    assert certificate.mistaken(RECORD, got) == ()
    assert not any(one.differs for one in certificate.compared(RECORD, got))


def test_a_common_name_in_capitals_differs_no_more_than_a_name() -> None:
    assert not Difference("domain", "www.example.com", "WWW.Example.COM").differs
    assert not Difference("domain", "xn--bcher-kva.example", "Bücher.example").differs
    assert Difference("domain", "www.example.com", "www.example.org").differs
    assert not Difference("email", "Ann@example.com", "Ann@EXAMPLE.COM").differs
    assert Difference("organization", "Example Ltd", "EXAMPLE LTD").differs


def test_a_draft_of_a_request_takes_an_address_for_one_with_a_hint() -> None:
    request = csr.read(handmade.request(KEY, LEAF, MISTAKEN))

    assert csr.to_draft(request, "x").names[0] == "10.0.0.5"
    hints = [finding.message for finding in csr.findings(request)]
    assert "10.0.0.5 is a DNS name in this request; the draft requests it as an IP address." in hints


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        ("Example\u00a0Ltd", "Example\u00a0Ltd with an unusual space (U+00A0)"),
        ("Example  Ltd", "Example  Ltd with several spaces in a row"),
        ("Example Ltd.", "Example Ltd."),
        ("", "nothing"),
    ],
)
def test_a_difference_that_cannot_be_seen_is_told(got: str, shown: str) -> None:
    assert Difference("organization", "Example Ltd", got).shown == ("Example Ltd", shown)
