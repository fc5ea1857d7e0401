"""An extension that is malformed is named, and hides no other."""

from __future__ import annotations

import handmade
import pytest
from cryptography import x509
from handmade import (
    CA,
    CN,
    HOSTS,
    TRUE,
    called,
    dns_names,
    encode,
    extension,
    integer,
    loaded,
    name,
    oid,
    printable,
    utf8,
)

from csr_tui.core import certificate, csr, dn, extensions, inspect
from csr_tui.core.certificate import chain_of, judge

KEY, ISSUER = handmade.new_key(), handmade.new_key()
LEAF, ROOT = called("www.example.com"), called("Trial CA")

CPS = encode(
    0x30,
    encode(
        0x30,
        oid("2.23.140.1.2.1"),
        encode(0x30, encode(0x30, oid("1.3.6.1.5.5.7.2.1"), encode(0x16, "http://ca.example/ü".encode()))),
    ),
)
MALFORMED = {
    "a default written out": ("2.5.29.19", encode(0x30, b"\x01\x01\x00"), "basicConstraints"),
    "a true of 1": ("2.5.29.19", encode(0x30, b"\x01\x01\x01"), "basicConstraints"),
    "a path length of no CA": ("2.5.29.19", encode(0x30, integer(0)), "basicConstraints"),
    "an issuer without its serial": (
        "2.5.29.35",
        encode(0x30, encode(0xA1, encode(0xA4, ROOT))),
        "authorityKeyIdentifier",
    ),
    "no usage at all": ("2.5.29.37", encode(0x30), "extKeyUsage"),
    "policy text that is not ASCII": ("2.5.29.32", CPS, "certificatePolicies"),
    "a feature that nobody knows": ("1.3.6.1.5.5.7.1.24", bytes.fromhex("3003020163"), "tlsFeature"),
    "no DER": ("2.5.29.15", b"\xff\xff\xff", "keyUsage"),
    "a critical extension": ("1.2.3.4", b"\x05\x00", "1.2.3.4"),
}


def issued(*listed: bytes, serial: int = 5) -> x509.Certificate:
    return loaded(handmade.certificate(KEY, LEAF, ROOT, ISSUER, *listed, serial=serial))


def test_a_precertificate_is_called_one() -> None:
    found = extensions.read(issued(HOSTS, extension("1.3.6.1.4.1.11129.2.4.3", b"\x05\x00", critical=TRUE)))

    assert found.problems == ("It is a precertificate, made for logs: every client rejects it.",)


@pytest.mark.parametrize(("kind", "value", "called_so"), MALFORMED.values(), ids=MALFORMED)
def test_an_odd_extension_refuses_nothing_and_is_named_in_plain_words(kind: str, value: bytes, called_so: str) -> None:
    odd = extension(kind, value, critical=TRUE if kind == "1.2.3.4" else b"")
    leaf = issued(odd, HOSTS)
    root = loaded(handmade.certificate(ISSUER, ROOT, ROOT, ISSUER, CA))

    findings = judge(chain_of(leaf, (root,), handmade.NOW), handmade.NOW, serving=True)

    assert certificate.read(leaf).sans == ("www.example.com", "example.com")
    (message,) = [finding.message for finding in findings]
    assert called_so in message
    assert "ParseError" not in message
    request = csr.read(handmade.request(KEY, LEAF, odd, HOSTS))
    assert request.sans == ("www.example.com", "example.com")
    (problem,) = request.odd
    assert called_so in problem


def test_the_first_of_two_extensions_of_a_kind_counts() -> None:
    read = extensions.read(issued(HOSTS, dns_names("other.example")))

    assert read.sans == ("www.example.com", "example.com")
    assert "more than once" in read.problems[0]


def test_an_alternative_name_of_a_kind_that_is_not_read_hides_no_other() -> None:
    names = encode(
        0x30, encode(0x82, b"www.example.com"), encode(0xA3, encode(0x30)), encode(0x82, "bücher.example".encode())
    )

    read = certificate.read(issued(extension("2.5.29.17", names)))

    assert read.sans == ("www.example.com", "x400:", "bücher.example")
    assert "subjectAltName" in read.problems[0]
    assert "xn--bcher-kva.example" in read.problems[1]


def test_a_ca_is_one_where_openssl_takes_it_for_one() -> None:
    def constraints(*inside: bytes) -> extensions.Extensions:
        return extensions.read(issued(extension("2.5.29.19", encode(0x30, *inside))))

    assert constraints(b"\x01\x01\x01").ca
    assert constraints(TRUE, integer(3)).path_length == 3
    assert not constraints(b"\x01\x01\x00").ca
    assert not constraints().ca


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # pyca's, when it loads one
@pytest.mark.parametrize("serial", [0, -5])
def test_a_serial_number_that_is_not_positive_is_a_warning(serial: int) -> None:
    leaf = issued(HOSTS, serial=serial)

    assert "serial number is not positive" in judge(chain_of(leaf, (), handmade.NOW), handmade.NOW)[0].message
    (item,) = inspect.read(handmade.pem(handmade.certificate(KEY, LEAF, ROOT, ISSUER, HOSTS, serial=serial)))
    assert "serial number" in item.problems[0]


def test_a_name_that_pyca_does_not_read_is_read() -> None:
    odd = name((handmade.COUNTRY, printable("CHN")), (handmade.ORG, utf8("")), (CN, utf8("Example")))
    leaf = loaded(handmade.certificate(KEY, odd, odd, ISSUER, HOSTS))

    assert certificate.read(leaf).subject == "CN=Example,O=,C=CHN"
    assert certificate.label(leaf) == "Example"
    assert judge(chain_of(leaf, (), handmade.NOW), handmade.NOW)


@pytest.mark.parametrize(
    "other",
    [printable("EXAMPLE  CA"), printable(" Example Ca "), encode(0x1E, "Example CA".encode("utf-16-be"))],
)
def test_names_are_compared_without_case_blanks_and_kind_of_string(other: bytes) -> None:
    assert dn.key(dn.read(name((CN, other)))) == dn.key(dn.read(called("Example CA")))
    assert dn.key(dn.read(called("Example CA 2"))) != dn.key(dn.read(called("Example CA")))


@pytest.mark.parametrize("text", ["a, b", 'quoted "x"', " lead", "trail ", "#hash", "a+b;c<d>e\\f", ""])
def test_a_name_is_written_as_rfc_4514_has_it(text: str) -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN")])
    if text:
        subject = x509.Name([*subject, x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    assert dn.text(dn.read(subject.public_bytes())) == subject.rfc4514_string()
