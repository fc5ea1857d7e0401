"""What a request may be used for: asked for, read back by openssl, and compared."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core import csr
from csr_tui.core.fields import Subject
from csr_tui.core.keys import kinds
from csr_tui.core.keys.kinds import KINDS
from csr_tui.core.record import KeySpec, Origin, Purpose, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.keys.kinds import KeyKind

RECORD = Record("usages0000", subject=Subject("www.example.com"), key=KeySpec("ECC", "prime256v1"))
NAMELESS = replace(RECORD, subject=Subject(f"{'a' * 60}.example.com"))

ASKED = ("keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth", "subjectAltName=DNS:www.example.com")

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
def _openssl(require: Callable[..., None]) -> None:
    require("openssl")


def openssl(*words: str | Path, data: str = "") -> str:
    return subprocess.run(["openssl", *words], input=data, capture_output=True, text=True, check=True).stdout


def made_by_openssl(tmp_path: Path, *extensions: str, subject: str = "/CN=www.example.com") -> csr.Request:
    key = tmp_path / "own.key"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    added = [word for extension in extensions for word in ("-addext", extension)]
    return csr.read(openssl("req", "-new", "-key", key, "-subj", subject, *added))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_openssl_reads_the_usages_that_each_kind_of_key_asks_for(kind: KeyKind) -> None:
    record = replace(RECORD, key=kind.spec, purpose=Purpose.PRIVATE)

    lines = openssl("req", "-noout", "-text", data=csr.build(record, kinds.generate(kind.spec)).pem).splitlines()

    shown = [line.strip() for line in lines]
    usage = "Digital Signature, Key Encipherment" if "rsaEncryption" in " ".join(shown) else "Digital Signature"
    assert shown[shown.index("X509v3 Key Usage: critical") + 1] == usage
    assert shown[shown.index("X509v3 Extended Key Usage:") + 1] == "TLS Web Server Authentication"


def test_a_request_of_openssl_with_just_what_is_asked_for_has_no_difference(tmp_path: Path) -> None:
    assert csr.differences(RECORD, made_by_openssl(tmp_path, *ASKED)) == ()


@pytest.mark.parametrize(
    ("at", "instead", "difference"),
    [
        (0, "", ("key_usage", "critical, digitalSignature", "")),
        (0, "keyUsage=digitalSignature", ("key_usage", "critical, digitalSignature", "digitalSignature")),
        (
            0,
            "keyUsage=critical,digitalSignature,keyAgreement,encipherOnly",
            ("key_usage", "critical, digitalSignature", "critical, digitalSignature, keyAgreement, encipherOnly"),
        ),
        (1, "", ("extended_key_usage", "serverAuth", "")),
        (1, "extendedKeyUsage=critical,serverAuth", ("extended_key_usage", "serverAuth", "critical, serverAuth")),
        (1, "extendedKeyUsage=clientAuth", ("extended_key_usage", "serverAuth", "clientAuth")),
        (2, "subjectAltName=critical,DNS:www.example.com", ("sans", "not critical", "critical")),
    ],
)
def test_each_usage_that_is_not_the_one_asked_for_is_a_difference(
    at: int, instead: str, difference: tuple[str, str, str], tmp_path: Path
) -> None:
    extensions = [*ASKED[:at], *filter(None, [instead]), *ASKED[at + 1 :]]

    request = made_by_openssl(tmp_path, *extensions)

    assert csr.differences(RECORD, request) == (csr.Difference(*difference),)


def test_an_extension_that_nobody_asked_for_is_a_difference(tmp_path: Path) -> None:
    request = made_by_openssl(tmp_path, *ASKED, "basicConstraints=CA:TRUE")

    assert csr.differences(RECORD, request) == (csr.Difference("extensions", "", "2.5.29.19"),)


def test_names_without_a_subject_have_to_be_critical(tmp_path: Path) -> None:
    name = f"subjectAltName=DNS:{NAMELESS.subject.domain}"

    request = made_by_openssl(tmp_path, *ASKED[:2], name, subject="/")

    assert csr.differences(NAMELESS, request) == (csr.Difference("sans", "critical", "not critical"),)


def test_tencent_cloud_which_is_asked_for_no_usage_is_not_blamed_for_its_own(tmp_path: Path) -> None:
    request = made_by_openssl(tmp_path, ASKED[2])

    assert csr.differences(replace(RECORD, origin=Origin.TENCENT), request) == ()


@pytest.mark.parametrize(
    ("usage", "asked", "got", "differs"),
    [
        ("server", "www.example.com", "WWW.Example.com", False),
        ("both", "vault", "Vault", False),
        ("client", "vault", "Vault", True),
        ("ca", "Issuing", "issuing", True),
        ("email", "jane@example.com", "jane@Example.COM", False),
        ("email", "jane@example.com", "Jane@example.com", True),
    ],
)
def test_the_case_of_a_main_name_counts_unless_it_is_that_of_a_host(
    usage: str, asked: str, got: str, *, differs: bool
) -> None:
    record = Record("x", subject=Subject(domain=asked), usage=usage)

    (line,) = csr.compare_subject(record, (("CN", "commonName", got),))

    assert line.differs is differs
