"""Requests that CAs sign every day, although they are not written as the standards ask, are read."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from csr_tui.core import csr, der, inspect
from csr_tui.core.der import encoded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = ec.generate_private_key(ec.SECP256R1())
SPKI = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
ECDSA = encoded(der.OID, bytes.fromhex("2a8648ce3d040302"))
PRINTABLE, T61, BMP = 0x13, 0x14, 0x1E
CN, ORGANIZATION, COUNTRY = 3, 10, 6
SAN, BASIC_CONSTRAINTS = bytes.fromhex("551d11"), bytes.fromhex("551d13")


def part(number: int, tag: int, text: bytes) -> bytes:
    """One part of a subject."""
    kind = encoded(der.OID, bytes((0x55, 4, number)))
    return encoded(der.SET, encoded(der.SEQUENCE, kind, encoded(tag, text)))


def extension(kind: bytes, value: bytes) -> bytes:
    return encoded(der.SEQUENCE, encoded(der.OID, kind), encoded(der.OCTETS, value))


HOST = part(CN, der.UTF8, b"www.example.com")
NAMES = extension(SAN, encoded(der.SEQUENCE, encoded(0x82, b"www.example.com"), encoded(0x82, b"example.com")))


def attribute(kind: str, *values: bytes) -> bytes:
    return encoded(der.SEQUENCE, encoded(der.OID, bytes.fromhex(kind)), encoded(der.SET, *values))


def asking(*extensions: bytes) -> bytes:
    return attribute("2a864886f70d01090e", encoded(der.SEQUENCE, *extensions))


def request(
    *parts: bytes,
    attributes: bytes | None = encoded(0xA0, asking(NAMES)),
    version: bytes = b"\0",
    parameters: bytes = b"",
) -> bytes:
    """A request of these pieces, rightly signed."""
    name = encoded(der.SEQUENCE, *(parts or (HOST,)))
    content = encoded(der.SEQUENCE, encoded(der.INTEGER, version), name, SPKI, attributes or b"")
    signature = KEY.sign(content, ec.ECDSA(hashes.SHA256()))
    return encoded(
        der.SEQUENCE, content, encoded(der.SEQUENCE, ECDSA, parameters), encoded(der.BITS, b"\0" + signature)
    )


ODD = {
    "version 3": (request(version=b"\2"), "version 3, but only version 1"),
    "version 2": (request(version=b"\1"), "version 2"),
    "a sign that no PrintableString has": (request(part(ORGANIZATION, PRINTABLE, b"Ex!"), HOST), "PrintableString"),
    "Latin-1 in a T61String": (request(part(ORGANIZATION, T61, b"M\xfcller"), HOST), "T61String"),
    "half a sign in a BMPString": (request(part(ORGANIZATION, BMP, b"\0M\0"), HOST), "BMPString"),
    "Latin-1 in a UTF8String": (request(part(ORGANIZATION, der.UTF8, b"M\xfcller"), HOST), "UTF8String"),
    "an extension twice": (request(attributes=encoded(0xA0, asking(NAMES, NAMES))), "subjectAltName more than once"),
    "an extension that cannot be read": (
        request(attributes=encoded(0xA0, asking(NAMES, extension(BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\x00")))),
        "basicConstraints is malformed",
    ),
    "a NULL behind ECDSA": (request(parameters=b"\5\0"), "NULL"),
    "attributes out of order": (
        request(
            attributes=encoded(0xA0, asking(NAMES), attribute("2a864886f70d010907", encoded(PRINTABLE, b"challenge")))
        ),
        "not in the order that DER requires",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_it_is_read_whole_and_what_is_odd_is_told(case: str) -> None:
    data, says = ODD[case]

    read = csr.read(data)

    assert ("CN", "domain", "www.example.com") in [(short, "domain", value) for short, _, value in read.subject]
    assert read.sans == ("www.example.com", "example.com")
    assert read.signature_valid
    (sentence,) = read.odd
    assert says in sentence
    assert inspect.read(data)[0].problems == (sentence,)
    assert csr.read(read.pem) == read


def test_the_text_is_kept_whatever_kind_it_says_it_is() -> None:
    for case in ("Latin-1 in a T61String", "Latin-1 in a UTF8String"):
        assert ("O", "organizationName", "M\u00fcller") in csr.read(ODD[case][0]).subject


def test_a_challenge_password_of_an_odd_request_is_reported_as_left_out() -> None:
    challenge = attribute("2a864886f70d010907", encoded(PRINTABLE, b"challenge"))
    several = attribute("2a864886f70d010902", encoded(PRINTABLE, b"a"), encoded(PRINTABLE, b"b"))
    for attributes in (encoded(0xA0, asking(NAMES), challenge, several), encoded(0xA0, challenge, asking(NAMES))):
        read = csr.read(request(attributes=attributes, version=b"\2"))

        assert read.challenge_length == len("challenge")
        assert any("challenge password" in finding.message for finding in csr.findings(read))


def test_a_request_without_attributes_is_read() -> None:
    read = csr.read(request(attributes=None))

    assert read.sans == ()
    assert "attributes" in read.odd[0]


def test_a_signature_that_does_not_verify_is_still_one_more_problem() -> None:
    data = request(version=b"\2").replace(b"www.example.com", b"xxx.example.com")

    assert any("signature" in problem for problem in inspect.read(data)[0].problems)


@pytest.mark.parametrize("case", sorted(ODD.keys() - {"half a sign in a BMPString", "Latin-1 in a UTF8String"}))
def test_openssl_takes_it_for_a_request_too(case: str, require: Callable[..., None], tmp_path: Path) -> None:
    require("openssl")
    path = tmp_path / "odd.csr"
    path.write_bytes(ODD[case][0])

    shown = subprocess.run(
        ["openssl", "req", "-inform", "DER", "-in", path, "-noout", "-subject"], capture_output=True, check=False
    )

    assert b"www.example.com" in shown.stdout


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((part(COUNTRY, PRINTABLE, b"CHN"), HOST), "country"),
        ((part(CN, der.UTF8, b"w" * 65),), "more than 64"),
        ((part(ORGANIZATION, der.UTF8, b"w" * 65), HOST), "more than 64"),
        ((part(ORGANIZATION, der.UTF8, b""), HOST), "empty"),
    ],
)
def test_what_cas_refuse_in_a_subject_is_a_problem(parts: tuple[bytes, ...], says: str) -> None:
    (item,) = inspect.read(request(*parts))

    assert any(says in problem for problem in item.problems)
