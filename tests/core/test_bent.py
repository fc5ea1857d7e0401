"""What pyca chokes on in ways of its own is told in a sentence, and what would take minutes is not begun."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

import pytest
from authority import Authority
from core.test_odd_requests import ECDSA, HOST, extension
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from csr_tui.core import certificate, csr, der, inspect, pem
from csr_tui.core.der import encoded
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, external
from csr_tui.core.keys import pkcs12 as ours
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = ec.generate_private_key(ec.SECP256R1())
DER, PKCS8, CLEAR = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
RSA = encoded(der.SEQUENCE, encoded(der.OID, bytes.fromhex("2a864886f70d010101")), b"\5\0")
BITS = 300_000


def number(value: int) -> bytes:
    return encoded(der.INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


HUGE = secrets.randbits(BITS) | 1 << BITS - 1 | 1
SPKI = encoded(der.SEQUENCE, RSA, encoded(der.BITS, b"\0" + encoded(der.SEQUENCE, number(HUGE), number(65537))))


def signed(*parts: bytes) -> bytes:
    algorithm = encoded(der.SEQUENCE, ECDSA)
    return encoded(der.SEQUENCE, encoded(der.SEQUENCE, *parts), algorithm, encoded(der.BITS, b"\0"))


def a_certificate(spki: bytes, *extensions: bytes, subject: bytes = HOST) -> bytes:
    day = encoded(0x17, b"260101000000Z")
    name = encoded(der.SEQUENCE, subject)
    more = encoded(0xA3, encoded(der.SEQUENCE, *extensions)) if extensions else b""
    return signed(
        encoded(0xA0, number(2)), number(5), encoded(der.SEQUENCE, ECDSA), name,
        encoded(der.SEQUENCE, day, day), name, spki, more,
    )  # fmt: skip


EC_SPKI = KEY.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
LARGE = {
    "certificate": a_certificate(SPKI),
    "request": signed(number(0), encoded(der.SEQUENCE, HOST), SPKI, encoded(0xA0)),
    "public key": SPKI,
    "private key": encoded(
        der.SEQUENCE,
        number(0),
        RSA,
        encoded(der.OCTETS, encoded(der.SEQUENCE, number(0), *map(number, (HUGE, 65537, 3, 5, 7, 1, 1, 1)))),
    ),
}


@pytest.mark.parametrize("what", LARGE)
def test_a_modulus_that_nobody_uses_is_refused_before_anything_is_worked_out(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.core.keys.strength.isqrt", lambda _: pytest.fail("a square root was taken"))
    monkeypatch.setattr("csr_tui.core.keys.strength.gcd", lambda *_: pytest.fail("a divisor was looked for"))

    def shown(data: bytes) -> None:
        problems = [problem for item in inspect.read(data) for problem in item.problems]
        raise InvalidError(" ".join(problems))

    assert "300,000" in _told(shown, LARGE[what])


@pytest.mark.parametrize("read", [csr.read, lambda data: external.check(external.read(data)[0])])
def test_so_it_is_where_a_request_or_a_key_is_taken_in(read: Callable[[bytes], object]) -> None:
    with pytest.raises(InvalidError, match="300,000"):
        read(LARGE["request"] if read is csr.read else LARGE["private key"])


def test_a_large_key_that_is_in_use_is_still_shown() -> None:
    numbers = rsa.RSAPublicNumbers(65537, (1 << 16_383) + 1)
    spki = numbers.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    assert ("key", "RSA 16384") in inspect.read(spki)[0].lines


def curve_of(point: bytes) -> bytes:
    """The public key with another point."""
    begin = EC_SPKI.index(b"\x03\x42\x00") + 3
    return EC_SPKI[:begin] + point + EC_SPKI[begin + len(point) :]


BENT = {
    "an unknown TLS feature": a_certificate(EC_SPKI, extension(bytes.fromhex("2b06010505070118"), b"\x30\3\2\1\x63")),
    "a point that is on no curve": a_certificate(curve_of(b"\4" + b"\1" * 64)),
    "the same part of a name twice": a_certificate(EC_SPKI, subject=encoded(der.SET, *(HOST[2:],) * 2)),
    "an issuer that is no text": a_certificate(EC_SPKI, subject=HOST.replace(b"\x0c", b"\x17")),
    "a key of no point": KEY.private_bytes(DER, PKCS8, CLEAR).replace(b"\x03\x42\x00\x04", b"\x03\x42\x00\x00"),
    "a key of zero": KEY.private_bytes(DER, PKCS8, CLEAR).replace(
        KEY.private_numbers().private_value.to_bytes(32, "big"), bytes(32)
    ),
}


@pytest.mark.parametrize("case", BENT)
@pytest.mark.parametrize("read", [inspect.read, certificate.certificates_in, external.read, csr.read])
def test_nothing_but_a_sentence_comes_out(case: str, read: Callable[[bytes], object]) -> None:
    assert "Error" not in _told(read, BENT[case])


def _told(read: Callable[[bytes], object], data: bytes) -> str:
    try:
        read(data)
    except CsrTuiError as error:
        return str(error)
    return ""


def test_whatever_pyca_raises_becomes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class StrangeError(Exception):
        pass

    def strange(*_: object) -> None:
        raise StrangeError("internal: 0x42")

    monkeypatch.setattr(x509, "load_der_x509_certificate", strange)
    good = Authority("Root").certificate.public_bytes(serialization.Encoding.PEM)

    with pytest.raises(InvalidError, match="cannot be read") as caught:
        certificate.certificates_in(good)
    assert "0x42" not in str(caught.value)


def test_a_password_that_is_stretched_for_hours_is_not_tried() -> None:
    data = KEY.private_bytes(DER, PKCS8, serialization.BestAvailableEncryption(b"secret"))
    rounds = number(2048)
    patient = _replaced(data, rounds, number((1 << 31) - 1))

    assert patient != data
    with pytest.raises(InvalidError, match="iterations"):
        external.read(patient, Secret("secret"))


def _replaced(data: bytes, before: bytes, after: bytes) -> bytes:
    """With one element replaced, and the lengths around it made right."""

    def walk(element: der.Element) -> bytes:
        if element.raw == before:
            return after
        return encoded(element.tag, *map(walk, element.parts)) if element.tag == der.SEQUENCE else element.raw

    return walk(der.element(data))


def test_a_megabyte_of_begin_lines_is_read_once() -> None:
    """A reader that looks for each END to the file's end takes minutes here."""
    data = b"-----BEGIN PRIVATE KEY-----\n" * (math.ceil((1 << 20) / 28))

    for read in (inspect.read, external.read, certificate.certificates_in, csr.read):
        with pytest.raises(InvalidError):
            read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN CERTIFICATE-----" * 30_000,
        b"-----BEGIN " * 90_000,
        b"-----BEGIN A-----\n-----END B-----\n" * 20_000,
        b"-----BEGIN " + b"A " * 400_000,
        b"\n" * 1_000_000,
        b">" * 1_000_000,
        b"A: b\n" * 200_000,
        b"-----BEGIN CERTIFICATE-----\n" + b"A: b\n c\n" * 100_000,
    ],
)
def test_each_megabyte_is_walked_through_once(data: bytes) -> None:
    assert all(block.wrong for block in pem.blocks(data) if block.label)


@pytest.mark.parametrize(
    "open_it",
    [
        lambda data: encryption.decrypt(pem.armoured(pem.Block("PRIVATE KEY", data)).decode(), None),
        lambda data: ours.unseal(data, Secret("x")),
    ],
    ids=["a key that a server sent", "a PKCS#12 that is in the way"],
)
@pytest.mark.parametrize("case", BENT)
def test_what_comes_back_from_elsewhere_passes_the_same_door(case: str, open_it: Callable[[bytes], object]) -> None:
    assert "Error" not in _told(open_it, BENT[case])
