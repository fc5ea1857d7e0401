"""What is said of a file as a whole, and of two files together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from certificates import NOW, Signed, issue
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from csr_tui.core import inspect
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    import datetime

ROOT = issue("Test Root", ca=True, days=3650)
MIDDLE = issue("Test Intermediate", ROOT, ca=True, days=1000)
LEAF = issue("www.example.com", MIDDLE)
OTHER = issue("other.example.com", MIDDLE)
SECRET = Secret("correct horse battery staple")
MUTE = Authority("Mute", now=NOW, may_sign=False)


def problems(*pems: str, now: datetime.datetime | None = NOW) -> list[str]:
    return [said for item in inspect.read("".join(pems).encode(), now=now) for said in item.problems]


def request_of(signed: Signed) -> str:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(signed.key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def p12(password: bytes | None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    chain = [MIDDLE.certificate, ROOT.certificate]
    return pkcs12.serialize_key_and_certificates(b"web", LEAF.key, LEAF.certificate, chain, encryption)


@pytest.mark.parametrize(
    "pems",
    [
        (LEAF.pem, MIDDLE.pem),
        (LEAF.pem, MIDDLE.pem, ROOT.pem),
        (LEAF.key_pem, LEAF.pem, MIDDLE.pem),
        (LEAF.pem, MIDDLE.pem, LEAF.key_pem),
        (LEAF.key_pem, request_of(LEAF)),
        (LEAF.key_pem, request_of(LEAF), LEAF.pem, MIDDLE.pem),
        (ROOT.pem, MIDDLE.pem),
        (LEAF.pem, OTHER.pem, MIDDLE.pem),
    ],
)
def test_what_servers_load_has_no_problem(pems: tuple[str, ...]) -> None:
    assert problems(*pems) == []


@pytest.mark.parametrize(
    ("pems", "said"),
    [
        ((MIDDLE.pem, LEAF.pem), "precedes the certificate that it issued"),
        ((LEAF.pem, ROOT.pem, MIDDLE.pem), "precedes the certificate that it issued"),
        ((OTHER.key_pem, LEAF.pem), "matches no certificate"),
        ((MIDDLE.key_pem, LEAF.pem, MIDDLE.pem), "matches no certificate"),
        ((OTHER.key_pem, request_of(LEAF)), "matches no request"),
        ((request_of(OTHER), LEAF.pem), "matches no certificate"),
        ((LEAF.pem, issue("Test Intermediate", ROOT, ca=True).pem), "another CA has the same name"),
        ((issue("below", OTHER).pem, OTHER.pem), "it is not the certificate of a CA"),
        (
            tuple(
                pem(one).decode() for one in (MUTE.issue(OTHER.key.public_key(), "www.example.com"), MUTE.certificate)
            ),
            "it has a key that is not allowed to sign certificates",
        ),
    ],
)
def test_what_no_server_could_use_is_a_problem(pems: tuple[str, ...], said: str) -> None:
    (only,) = problems(*pems)

    assert said in only


def test_dates_are_judged_where_the_time_is_given() -> None:
    ended, early = issue("ended", began=91, days=90), issue("early", began=-1)

    assert "expired on 2026-05-31" in problems(ended.pem)[0]
    assert "not valid before 2026-06-02 00:00 UTC" in problems(early.pem)[0]
    assert problems(ended.pem, early.pem, now=None) == []


def test_a_pkcs12_opens_with_its_password_alone() -> None:
    data = p12(b"secret")

    (closed,) = inspect.read(data)
    opened = inspect.read(data, Secret("secret"), now=NOW)

    assert (closed.kind, closed.locked, closed.fingerprint) == ("PKCS#12", True, None)
    assert [item.kind for item in opened] == ["PKCS#12", "private key", "certificate", "certificate", "certificate"]
    assert ("called", "web") in opened[0].lines
    assert [item.problems for item in opened] == [()] * 5
    with pytest.raises(PasswordError):
        inspect.read(data, Secret("wrong"))


def test_a_pkcs12_without_a_password_needs_none() -> None:
    assert len(inspect.read(p12(None))) == 5
    assert len(inspect.read(p12(None), Secret("whatever"))) == 5


@pytest.mark.parametrize("damage", [20, -1], ids=["cut to 20 bytes", "one byte short"])
def test_a_damaged_pkcs12_does_not_open(damage: int) -> None:
    with pytest.raises(InvalidError, match="cut off"):
        inspect.read(p12(b"secret")[:damage], Secret("secret"))


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_a_pkcs7_holds_certificates_in_any_order(encoding: serialization.Encoding) -> None:
    data = pkcs7.serialize_certificates([ROOT.certificate, MIDDLE.certificate, LEAF.certificate], encoding)

    items = inspect.read(data, now=NOW)

    assert [item.kind for item in items] == ["PKCS#7", "certificate", "certificate", "certificate"]
    assert [item.problems for item in items] == [()] * 4


def test_a_pkcs7_in_ber_is_read_as_windows_writes_it() -> None:
    der = pkcs7.serialize_certificates([LEAF.certificate], serialization.Encoding.DER)
    content = der[4:]
    kind, signed = content[:11], content[15:]

    items = inspect.read(b"\x30\x80" + kind + b"\xa0\x80" + signed + b"\0\0\0\0")

    assert [item.kind for item in items] == ["PKCS#7", "certificate"]


def test_windows_calls_a_pkcs7_a_certificate() -> None:
    data = pkcs7.serialize_certificates([LEAF.certificate], serialization.Encoding.PEM)

    items = inspect.read(data.replace(b"PKCS7", b"CERTIFICATE"))

    assert [item.kind for item in items] == ["PKCS#7", "certificate"]


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + LEAF.key_pem + LEAF.pem).replace("\n", "\r\n").encode(),
        (LEAF.key_pem + LEAF.pem).encode("utf-16"),
    ],
    ids=["BOM and CRLF", "UTF-16"],
)
def test_what_windows_makes_of_a_pem_is_read(data: bytes) -> None:
    assert [item.kind for item in inspect.read(data)] == ["private key", "certificate"]


def test_one_block_that_cannot_be_read_does_not_hide_the_others() -> None:
    broken = "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n"
    strange = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"

    items = inspect.read(f"{broken}{strange}{LEAF.pem}".encode(), now=NOW)

    assert [bool(item.problems) for item in items] == [True, False, False]
    assert "not Base64" in items[0].problems[0]
    assert items[1].lines == (("note", "skipped"),)


def test_a_strange_certificate_in_a_pkcs12_does_not_hide_the_key() -> None:
    key = ed448.Ed448PrivateKey.generate()
    strange = (
        x509.CertificateBuilder()
        .subject_name(LEAF.certificate.subject)
        .issuer_name(LEAF.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW)
        .sign(key, None)
    )
    data = pkcs12.serialize_key_and_certificates(
        None, LEAF.key, LEAF.certificate, [strange], serialization.NoEncryption()
    )

    items = inspect.read(data)

    assert [item.kind for item in items] == ["PKCS#12", "private key", "certificate", "certificate"]
    assert "(Ed448): csr-tui supports RSA, ECC" in items[3].problems[0]


def test_a_kind_of_key_that_is_not_used_here_is_said_by_name() -> None:
    pem = ed448.Ed448PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    assert "(Ed448): csr-tui supports RSA, ECC" in inspect.read(pem)[0].problems[0]


def test_a_small_curve_is_weak() -> None:
    pem = (
        ec.generate_private_key(ec.SECP224R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    assert "at least 256 bits" in inspect.read(pem)[0].problems[0]


def test_more_blocks_than_are_looked_at_are_counted() -> None:
    items = inspect.read(LEAF.pem.encode() * 1003)

    assert "3 more blocks" in items[-1].problems[0]


def test_a_java_keystore_of_the_old_kind_says_what_to_do() -> None:
    with pytest.raises(InvalidError, match="keytool -importkeystore"):
        inspect.read(b"\xfe\xed\xfe\xed" + b"\0" * 40)


FORMS = {
    "key": LEAF.key_pem,
    "request": request_of(LEAF),
    "certificate": LEAF.pem,
    "chain": LEAF.pem + MIDDLE.pem + ROOT.pem,
    "bundle": LEAF.key_pem + LEAF.pem + MIDDLE.pem,
    "chain upside down": ROOT.pem + MIDDLE.pem + LEAF.pem,
    "public key": LEAF.key.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode(),
}


@pytest.mark.parametrize("one", FORMS)
@pytest.mark.parametrize("other", FORMS)
def test_two_files_of_one_key_belong_together_whatever_their_kind(one: str, other: str) -> None:
    assert inspect.match(inspect.read(FORMS[one].encode()), inspect.read(FORMS[other].encode())) is not None


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_another_key_does_not_even_under_the_same_ca(form: str) -> None:
    theirs = inspect.read((OTHER.key_pem + OTHER.pem + MIDDLE.pem + ROOT.pem).encode())

    assert inspect.match(inspect.read(FORMS[form].encode()), theirs) is None


def test_the_chain_of_a_certificate_is_known_by_its_signature() -> None:
    leaf, chain = inspect.read(LEAF.pem.encode()), inspect.read((MIDDLE.pem + ROOT.pem).encode())

    assert inspect.issued(chain, leaf)
    assert not inspect.issued(leaf, chain)
    assert not inspect.issued(inspect.read(issue("Test Intermediate", ROOT, ca=True).pem.encode()), leaf)
