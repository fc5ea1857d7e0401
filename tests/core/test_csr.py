"""CSRs: built, read back, compared; and read from others."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csr_tui.core import csr, names, rules
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError, errors
from csr_tui.core.keys import kinds
from csr_tui.core.keys.kinds import KINDS
from csr_tui.core.record import KeySpec, Purpose, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.core.keys.kinds import KeyKind, PrivateKey

FULL = Record(
    "full000000",
    subject=Subject("www.example.com", "示例科技 [/] Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN"),
    names=("*.example.com", "xn--bcher-kva.example.com", "8.8.8.8", "2606:4700::1111"),
    key=KeySpec("ECC", "prime256v1"),
)

TENCENT_SAMPLE = """\
-----BEGIN CERTIFICATE REQUEST-----
MIICnjCCAYYCAQAwWTEWMBQGA1UEAwwNenouSGF0aGxpbS5jbjEPMA0GA1UECgwG
eXVuemhpMREwDwYDVQQHDAhjaGFuZ3NoYTEOMAwGA1UECAwFSHVuYW4xCzAJBgNV
BAYTAkNOMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAs8Wumn7cUG2d
8ARiCg7rRtnNfonamdivha7bcm/xX4otKkI6f9TOjdO5TLQT2Qd55Iu8gVsGdFQ6
tQwD/a3Koo2lD8XvBVI8R0LuGoK1jfChzglJo/FWwGyZjkMlUY6WisAk6utUYCSg
cynZXDOkllEfwlkhsI4NbFG2ZrV7Ksj8Ed1e+Ki0GStVAb5j9qh/e4WeqE3IuZXG
dofd/kEnvtprIasXgR+qpwwBTGpRwiqNhyP6z/xxM706eEhcnqh4oZi4abGCC2JM
NJuVffFdmDiLaUKBrouk8WqZacB4nH1Uuk4y5eGGpxpX5UF+xgm/Sz0iI242dZFY
DtqaSE8ZhwIDAQABoAAwDQYJKoZIhvcNAQEFBQADggEBAG8CES6epieMDaiXrEin
2cVFxJUzrZf2aDm5YK4mAEz3h1kCQINDymtnQ4A4lFeQw+Le7xblS7qdMVT/5ecn
64KbmfrThEaH/dTYOsbV7CipNfXiKH/SoD1Wz9bowNIxtXvy1t5Rlz3s8CBjKCKO
j6vG+pUwh/mdAhpYlzh9VnfpMDAAtnBbxFhhLXqubiGe5YKqwuf3OwHov46g4+64
Py8gmVbcqHy212Ea5wdOC+l54scm/b6bTdqo6Fv62bvepQI1mT5f198KTdKp1jCt
w3gsfyY6WyL4zSvRgdbQyyWwys+rjsaNzqShSKxZ3xGKpdoOnK0uQX2RLfBB1nCi
W9s=
-----END CERTIFICATE REQUEST-----
""".replace("\n", "\r\n")
"""The CSR of the vendor's documented DescribeCSR sample: CRLF, SHA-1, no OU, no email, no SAN."""


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return kinds.generate(FULL.key)


def test_the_subject_stands_in_the_order_of_the_baseline_requirements(key: PrivateKey) -> None:
    request = csr.read(csr.build(FULL, key).pem)

    assert [short for short, _, _ in request.subject] == ["C", "ST", "L", "O", "OU", "CN", "email"]
    assert request.subject == csr.subject(FULL)


def test_the_string_types_are_those_of_the_baseline_requirements(key: PrivateKey) -> None:
    loaded = x509.load_pem_x509_csr(csr.build(FULL, key).pem.encode())

    types = {attribute.rfc4514_attribute_name: attribute._type.name for attribute in loaded.subject}

    assert types.pop("C") == "PrintableString"
    assert types.pop("1.2.840.113549.1.9.1") == "IA5String"
    assert set(types.values()) == {"UTF8String"}


def test_the_names_are_the_domain_and_then_the_others(key: PrivateKey) -> None:
    assert csr.read(csr.build(FULL, key).pem).sans == FULL.sans


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_each_kind_of_key_asks_for_what_it_can_be_used_for(kind: KeyKind) -> None:
    record = replace(FULL, key=kind.spec, purpose=Purpose.PRIVATE)

    built = csr.build(record, kinds.generate(kind.spec))
    request = csr.read(built.pem)

    assert request == built

    usage = ("digitalSignature", "keyEncipherment") if kind.spec.algorithm == "RSA" else ("digitalSignature",)
    assert request.key_usage == usage
    assert request.extended_key_usage == ("serverAuth",)
    assert request.signature_hash == (kind.algorithm.digest or kind.label)
    assert request.signature_valid
    assert request.key == kind.spec


def test_a_domain_over_64_characters_is_among_the_names_and_not_the_cn(key: PrivateKey) -> None:
    domain = f"{'a' * 60}.example.com"
    record = Record("long000000", subject=Subject(domain=domain), key=FULL.key)

    pem = csr.build(record, key).pem

    assert csr.read(pem).sans == (domain,)
    assert csr.read(pem).subject == ()
    san = x509.load_pem_x509_csr(pem.encode()).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert san.critical


def test_a_key_of_another_kind_than_asked_for_is_a_difference(key: PrivateKey) -> None:
    with pytest.raises(csr.MismatchError):
        csr.build(replace(FULL, key=KeySpec("RSA", "2048")), key)


def test_a_signature_that_does_not_verify_is_never_handed_out(key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(csr.build.__globals__, "read_whole", lambda der: replace(csr.read(der), signature_valid=False))

    with pytest.raises(csr.MismatchError):
        csr.build(FULL, key)


def test_differences_name_the_field_what_was_asked_and_what_is_there(key: PrivateKey) -> None:
    request = csr.read(csr.build(FULL, key).pem)
    other = replace(FULL, subject=replace(FULL.subject, city="Beijing", department=""), names=("example.com",))

    found = {difference.field: (difference.asked, difference.got) for difference in csr.differences(other, request)}

    assert found["city"] == ("Beijing", "Shenzhen")
    assert found["department"] == ("", "IT")
    assert found["sans"][0] == "www.example.com, example.com"
    assert set(found) == {"city", "department", "sans"}


def test_the_vendors_sample_is_read_and_its_sha1_is_said() -> None:
    request = csr.read(TENCENT_SAMPLE)

    assert request.signature_hash == "SHA-1"
    assert request.signature_valid
    assert request.sans == ()
    assert {short: value for short, _, value in request.subject}["CN"] == "zz.Hathlim.cn"
    assert "\r" not in request.pem


def test_a_changed_byte_makes_the_signature_invalid(key: PrivateKey) -> None:
    loaded = x509.load_pem_x509_csr(csr.build(FULL, key).pem.encode())
    der = bytearray(loaded.public_bytes(serialization.Encoding.DER))
    at = der.index(b"Shenzhen")
    der[at] ^= 1

    assert csr.read(bytes(der)).signature_valid is False


def test_a_draft_made_from_a_csr_asks_for_the_same(key: PrivateKey) -> None:
    draft = csr.to_draft(csr.read(csr.build(FULL, key).pem), "copy000000")

    assert (draft.subject, draft.names, draft.key) == (FULL.subject, FULL.names, FULL.key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\x30\x03\x02\x01",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
        b"x" * (2 << 20),
    ],
    ids=["empty", "text", "cut DER", "empty PEM", "2 MiB"],
)
def test_what_is_no_csr_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidError, match="certificate request"):
        csr.read(data)


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    with contextlib.suppress(InvalidError):
        csr.read(data)


WORDS = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), max_size=66).map(str.strip)
HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9]{0,12}[a-z0-9])?(\.[a-z]{2,8}){1,3}", fullmatch=True)
NAMES = st.one_of(
    HOSTS,
    HOSTS.map("*.{}".format),
    st.ip_addresses().map(str),
    HOSTS.map("a@{}".format),
    HOSTS.map("spiffe://{}/x".format),
)
RECORDS = st.builds(
    Record,
    id=st.just("property00"),
    purpose=st.just(Purpose.PRIVATE),
    subject=st.builds(
        Subject,
        domain=HOSTS,
        organization=WORDS,
        department=WORDS,
        email=st.one_of(st.just(""), HOSTS.map("pki@{}".format)),
        province=WORDS,
        city=WORDS,
        country=st.sampled_from(["", "CN", "DE", "US"]),
    ),
    names=st.lists(NAMES, max_size=5, unique=True).map(tuple),
    key=st.just(FULL.key),
)


def tidied(record: Record) -> Record:
    """As the wizard and the command line keep what was typed."""
    subject = record.subject
    return replace(
        record,
        subject=replace(subject, organization=subject.organization.strip(), domain=names.ascii_domain(subject.domain)),
        names=names.read_all(" ".join(record.names)).names,
    )


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=200)
@given(RECORDS)
def test_what_passes_the_rules_always_builds_a_csr_that_reads_back_equal(record: Record) -> None:
    record = tidied(record)
    if errors(rules.check(record)):
        return

    request = csr.read(csr.build(record, _KEY).pem)

    assert csr.differences(record, request) == ()


@pytest.mark.system
@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(record=RECORDS)
def test_what_passes_the_rules_is_verified_by_openssl_and_gnutls(record: Record, require: Callable[..., None]) -> None:
    require("openssl", "certtool")
    record = tidied(replace(record, subject=replace(record.subject, organization="", department="")))
    if errors(rules.check(record)):
        return

    pem = csr.build(record, _KEY).pem

    for command, says in (
        (["openssl", "req", "-verify", "-noout"], "verify OK"),
        (["certtool", "--crq-info"], ": verified"),
    ):
        told = subprocess.run(
            command, input=pem.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        assert says in told.stdout.decode("utf-8", "replace")


_KEY = kinds.generate(FULL.key)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "It contains a certificate."),
        (b"-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n", "It contains a private key."),
        (b"-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n", "DH PARAMETERS"),
        (bytes.fromhex("30060201033001ff"), "It contains a PKCS#12."),
    ],
)
def test_what_is_no_csr_is_called_what_it_is(data: bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        csr.read(data)
