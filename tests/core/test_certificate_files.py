"""Certificates are found in whatever a CA sends, and everything else is told in a sentence."""

from __future__ import annotations

import base64
import contextlib
import io
import tracemalloc
import zipfile

import pytest
from authority import Authority, der, pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import certificate, csr
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption
from csr_tui.core.record import KeySpec, Record

ROOT = Authority("Example Root")
CA = Authority("Example Issuing CA", ROOT)
KEY = ec.generate_private_key(ec.SECP256R1())
LEAF = CA.issue(KEY.public_key(), "www.example.com")
BOTH = (LEAF, CA.certificate)
LEAF64 = base64.b64encode(der(LEAF))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def p7(encoding: serialization.Encoding) -> bytes:
    return pkcs7.serialize_certificates(list(BOTH), encoding)


@pytest.mark.parametrize(
    "data",
    [
        pem(*BOTH),
        pem(*BOTH).replace(b"\n", b"\r\n"),
        pem(*BOTH).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + pem(*BOTH),
        b"\xff\xfe" + pem(*BOTH).decode().encode("utf-16-le"),
        b"\xfe\xff" + pem(*BOTH).decode().encode("utf-16-be"),
        pem(*BOTH).rstrip(b"\n"),
        b"subject=/CN=www\nissuer=/CN=ca\n" + pem(LEAF) + b"\nHere is the \xff intermediate:\n" + pem(CA.certificate),
        pem(LEAF).replace(b"\n", b"\n    ") + pem(CA.certificate).replace(b"\n", b"\n> "),
        pem(LEAF).replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\nProc-Type: 4,CLEAR\nComment: a\n b\n\n", 1)
        + pem(CA.certificate),
        b"-----BEGIN CERTIFICATE-----\n" + LEAF64 + b"\n-----END CERTIFICATE-----\n" + pem(CA.certificate),
        pem(*BOTH, LEAF, LEAF),
        pem(*BOTH).replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE"),
        encryption.to_plain_pem(KEY).encode() + pem(*BOTH),
        zipped({"Nginx/www.example.com.crt": pem(*BOTH), "readme.txt": b"hello", "www.example.com.key": b"key"}),
        zipped({"www.cer": der(LEAF), "chain/": b"", "chain/ca.cer": der(CA.certificate)}, zipfile.ZIP_STORED),
    ],
    ids=[
        *("plain", "CRLF", "CR", "BOM", "UTF-16 LE", "UTF-16 BE", "no newline", "text between", "quoted", "headers"),
        *("one line", "twice", "trusted", "a key before", "zip", "zip of DER"),
    ],
)
def test_the_certificates_are_found_in_their_order(data: bytes) -> None:
    assert certificate.certificates_in(data) == BOTH


@pytest.mark.parametrize(
    "data",
    [
        p7(serialization.Encoding.PEM),
        p7(serialization.Encoding.DER),
        p7(serialization.Encoding.PEM).replace(b"PKCS7", b"CERTIFICATE"),
        zipped({"www.p7b": p7(serialization.Encoding.DER)}),
    ],
    ids=["PEM", "DER", "as Windows labels it", "zip"],
)
def test_a_pkcs7_holds_a_chain_in_any_order(data: bytes) -> None:
    assert set(certificate.certificates_in(data)) == set(BOTH)


def test_der_and_bare_base64_are_certificates_too() -> None:
    assert certificate.certificates_in(der(LEAF)) == (LEAF,)
    assert certificate.certificates_in(der(LEAF) + b"\n") == (LEAF,)
    assert certificate.certificates_in(b"\xef\xbb\xbf" + LEAF64 + b"\n") == (LEAF,)


P12 = pkcs12.serialize_key_and_certificates(b"x", KEY, LEAF, None, serialization.BestAvailableEncryption(b"a password"))
REQUEST = csr.build(Record("x", subject=Subject(domain="www.example.com"), key=KeySpec("ECC", "prime256v1")), KEY).pem


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b" \r\n", "The file is empty"),
        (b"hello", "Certificates come as PEM"),
        (REQUEST.encode(), "It is a certificate request"),
        (zipped({"www.csr": REQUEST.encode()}), "It contains a certificate request: give"),
        (encryption.to_plain_pem(KEY).encode(), "It contains a private key"),
        (b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----", "revoked"),
        (P12, "It is a PKCS#12 file"),
        (b"\xfe\xed\xfe\xed\x00\x00", "Java keystore"),
        (b"<!DOCTYPE html><title>Log in</title>", "web page"),
        (zipped({}), "Certificates come as"),
        (zipped({"a.zip": zipped({"www.pem": pem(LEAF)})}), "Certificates come as"),
        (pem(*BOTH)[:-30], "no END line"),
        (pem(LEAF)[:-30] + b"\n" + pem(CA.certificate), "no END line"),
        (pem(LEAF).replace(b"MII", b"AAA", 1), "changed or cut off"),
        (pem(LEAF).replace(b"\nMII", b"\nM!!", 1), "changed or cut off"),
        (zipped({"www.pem": pem(LEAF)[:-30]}), "www.pem in this zip: .* no END line"),
        (zipped({"www.pem": pem(LEAF)})[:-30], "zip is damaged"),
        (zipped({"www.pem": pem(LEAF)}, zipfile.ZIP_BZIP2), "unsupported compression"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_holds_no_whole_certificate_is_told(data: bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        certificate.certificates_in(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped({"bomb.pem": b"0" * (64 << 20)}), "far too large"),
        (zipped({f"{number}.pem": b"0" * (1 << 20) for number in range(10)}), "far too large"),
        (zipped({f"{number}.pem": b"" for number in range(300)}), "contains 300 files"),
        (b"0" * (5 << 20), "larger than 4 MiB"),
        (b"PK\x03\x04" + b"0" * (5 << 20), "larger than 4 MiB"),
    ],
    ids=["one large", "many large", "many", "file", "zip"],
)
def test_what_would_fill_the_memory_is_not_unpacked(data: bytes, says: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidError, match=says):
            certificate.certificates_in(data)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_zip_that_lies_about_its_sizes_is_not_believed() -> None:
    data = zipped({"bomb.pem": b"0" * (8 << 20)})
    real, small = (8 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")

    with pytest.raises(InvalidError):
        certificate.certificates_in(data.replace(real, small))


def test_an_encrypted_zip_says_so() -> None:
    data = bytearray(zipped({"www.pem": pem(LEAF)}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(InvalidError, match="encrypted"):
        certificate.certificates_in(bytes(data))


def test_a_store_of_all_cas_is_not_what_a_ca_sends() -> None:
    many = [Authority(f"Root {number}").certificate for number in range(101)]

    with pytest.raises(InvalidError, match="more than 100 certificates"):
        certificate.certificates_in(pem(*many))


WHOLE = (pem(*BOTH), der(LEAF), p7(serialization.Encoding.DER), zipped({"a.pem": pem(*BOTH)}), LEAF64)


@given(st.sampled_from(WHOLE), st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_no_damage_breaks_the_reading(data: bytes, place: int, damage: bytes) -> None:
    place %= len(data)

    with contextlib.suppress(InvalidError):
        found = certificate.certificates_in(data[:place] + damage + data[place + len(damage) :])
        assert all(certificate.label(one) for one in found)


@given(st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data))
def test_no_zip_breaks_the_reading(data: bytes) -> None:
    with contextlib.suppress(InvalidError):
        certificate.certificates_in(data)
