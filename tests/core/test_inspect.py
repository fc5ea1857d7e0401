"""What files say, whoever made them."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import csr, inspect
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, identity, kinds
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

RECORD = Record("inspect000", subject=Subject(domain="www.example.com"), key=KeySpec("ECC", "prime256v1"))
KEY = kinds.generate(RECORD.key)
PEM = csr.build(RECORD, KEY).pem
SECRET = Secret("correct horse battery staple")


def test_a_request_and_its_key_belong_together() -> None:
    request, key = inspect.read(PEM.encode()), inspect.read(encryption.to_plain_pem(KEY).encode())

    assert inspect.match(request, key)
    assert not inspect.match(request, inspect.read(encryption.to_plain_pem(kinds.generate(RECORD.key)).encode()))


def test_an_encrypted_key_says_so_and_opens_with_its_password() -> None:
    locked = encryption.encrypt(KEY, SECRET, typed=False).encode()

    assert inspect.read(locked)[0].fingerprint is None
    assert inspect.read(locked, SECRET)[0].fingerprint == identity.fingerprint(KEY)
    with pytest.raises(PasswordError):
        inspect.read(locked, Secret("wrong"))


def test_der_is_read_as_pem_is() -> None:
    der = x509.load_pem_x509_csr(PEM.encode()).public_bytes(serialization.Encoding.DER)
    key = KEY.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    assert inspect.read(der)[0].kind == "request"
    assert inspect.read(key)[0].kind == "private key"


def test_a_bundle_is_read_block_by_block() -> None:
    items = inspect.read(f"text before\n{encryption.to_plain_pem(KEY)}{PEM}".encode())

    assert [item.kind for item in items] == ["private key", "request"]


def test_a_certificate_is_read() -> None:
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=90))
        .sign(KEY, hashes.SHA256())
    )

    (item,) = inspect.read(certificate.public_bytes(serialization.Encoding.PEM))

    assert item.kind == "certificate"
    assert item.fingerprint == identity.fingerprint(KEY)
    assert ("until", "2026-04-01 00:00 UTC") in item.lines


def test_a_weak_key_and_a_bad_signature_are_problems() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    pem = weak.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    der = bytearray(x509.load_pem_x509_csr(PEM.encode()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1

    assert "weak" in inspect.read(pem)[0].problems[0]
    assert "invalid" in inspect.read(bytes(der))[0].problems[0]


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA", b"\x30\x82\xff\xff"])
def test_what_holds_nothing_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidError):
        inspect.read(data)


@given(
    st.one_of(
        st.binary(max_size=500),
        st.text(max_size=200).map(
            lambda text: f"-----BEGIN {text}-----\n{text}\n-----END {text}-----".encode("utf-8", "replace")
        ),
    )
)
def test_no_bytes_break_the_looking(data: bytes) -> None:
    with contextlib.suppress(InvalidError):
        inspect.read(data)
