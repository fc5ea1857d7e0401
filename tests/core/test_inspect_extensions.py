"""What inspect reports of the extensions, attributes and parts of a subject that no request of this program has."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.x509.oid import AttributeOID, NameOID

from csr_tui.core import csr, inspect
from csr_tui.core.der import UTF8, encoded

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
PEM = serialization.Encoding.PEM

SUBJECT = x509.Name(
    [
        x509.NameAttribute(oid, f"value {at}")
        for at, oid in enumerate((NameOID.TITLE, NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.SERIAL_NUMBER))
    ]
)
UPN = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), encoded(UTF8, b"jane@example.com"))
SRV = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7"), encoded(0x16, b"_imaps.example.com"))
OTHER = x509.OtherName(x509.ObjectIdentifier("1.2.3"), encoded(UTF8, b"hidden"))

EXTENSIONS: dict[str, x509.ExtensionType] = {
    "basic constraints (2.5.29.19): CA:TRUE, path length 0": x509.BasicConstraints(ca=True, path_length=0),
    "name constraints (2.5.29.30): permitted example.com, 10.0.0.0/8; excluded bad.example.com": x509.NameConstraints(
        [x509.DNSName("example.com"), x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))],
        [x509.DNSName("bad.example.com")],
    ),
    "must-staple (TLS feature) (1.3.6.1.5.5.7.1.24): status_request": x509.TLSFeature(
        [x509.TLSFeatureType.status_request]
    ),
    "certificate policies (2.5.29.32): 1.2.3.4, 2.23.140.1.2.1": x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in ("1.2.3.4", "2.23.140.1.2.1")]
    ),
    "Microsoft certificate template (1.3.6.1.4.1.311.21.7): 1.3.6.1.4.1.311.21.8.1 version 100.2": (
        x509.MSCertificateTemplate(x509.ObjectIdentifier("1.3.6.1.4.1.311.21.8.1"), 100, 2)
    ),
    "Microsoft certificate template (1.3.6.1.4.1.311.20.2): WebServer": x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"), encoded(0x1E, "WebServer".encode("utf-16-be"))
    ),
}


def request(key: ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey = KEY) -> bytes:
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(SUBJECT)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("www.example.com"), UPN, SRV, OTHER]), critical=False)
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"s3cret")
    )
    for extension in EXTENSIONS.values():
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, None if isinstance(key, ed448.Ed448PrivateKey) else hashes.SHA256()).public_bytes(PEM)


def certificate(key: ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey = KEY) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(SUBJECT)
        .issuer_name(SUBJECT)
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=90))
        .public_key(key.public_key())
    )
    for extension in EXTENSIONS.values():
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(PEM)


def lines(pem: bytes, label: str) -> list[str]:
    return [value for other, value in inspect.read(pem)[0].lines if other == label]


@pytest.mark.parametrize("pem", [request(), certificate()], ids=["request", "certificate"])
def test_each_extension_is_reported_with_its_name_and_its_content(pem: bytes) -> None:
    assert lines(pem, "extension") == list(EXTENSIONS)


def test_the_names_of_users_and_services_are_reported_with_their_texts() -> None:
    assert lines(request(), "name") == [
        "www.example.com",
        "UPN jane@example.com",
        "SRV _imaps.example.com",
        "other:1.2.3",
    ]


def test_a_challenge_password_is_counted_but_never_shown() -> None:
    (item,) = inspect.read(request())

    assert dict(item.lines)["challenge"] == "a challenge password of 6 characters, readable by everybody"
    assert "s3cret" not in repr(item)


def test_parts_of_a_subject_have_names_instead_of_object_identifiers() -> None:
    expected = {"title": "value 0", "givenName": "value 1", "surname": "value 2", "serialNumber": "value 3"}

    assert expected.items() <= dict(inspect.read(request())[0].lines).items()
    subject = "serialNumber=value 3,surname=value 2,givenName=value 1,title=value 0"
    assert lines(certificate(), "subject") == [subject]


@pytest.mark.parametrize("make", [request, certificate], ids=["request", "certificate"])
def test_a_key_of_an_unsupported_kind_is_named_and_the_rest_is_still_read(
    make: Callable[..., bytes],
) -> None:
    (item,) = inspect.read(make(ed448.Ed448PrivateKey.generate()))

    assert "(Ed448): csr-tui supports" in item.problems[0]
    assert [value for label, value in item.lines if label == "extension"] == list(EXTENSIONS)
    assert item.fingerprint


def test_a_user_name_becomes_an_extra_line_of_a_draft_and_no_email_address() -> None:
    draft = csr.to_draft(csr.read(request()), "draft00000")

    assert not any("jane@example.com" in name for name in draft.names)
    assert "upn=jane@example.com" in draft.extra
