"""OpenSSL, GnuTLS and Java judge what is made here.

`openssl req -verify` and `certtool --crq-info` exit 0 on a bad signature: their words are what counts.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from csr_tui.cli import openssl
from csr_tui.core import csr, rules
from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, kinds
from csr_tui.core.keys.kinds import KINDS, KeyKind
from csr_tui.core.record import Purpose, Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import trim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

SECRET = Secret("correct horse battery staple")
JUDGED = tuple(kind for kind in KINDS if not any(kind.algorithm.openssl_from))
"""Those that the OpenSSL of every machine knows; Node brings a newer one for the others."""

SAME_KEY = kinds.generate(KINDS[3].spec)


def run(*command: str, stdin: str | bytes | None = None) -> str:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    result = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.stdout.decode("utf-8", "replace")


def openssl_verifies(path: Path) -> bool:
    form = "DER" if path.suffix == ".der" else "PEM"
    return "verify OK" in run("openssl", "req", "-in", str(path), "-inform", form, "-verify", "-noout")


def gnutls_verifies(path: Path) -> bool:
    extra = ["--inder"] if path.suffix == ".der" else []
    return "Self signature: verified" in run("certtool", "--crq-info", *extra, "--infile", str(path))


def java_verifies(path: Path) -> bool:
    result = subprocess.run(["keytool", "-printcertreq", "-file", str(path)], capture_output=True, check=False)
    return result.returncode == 0 and b"PKCS #10" in result.stdout


def record(kind: KeyKind) -> Record:
    return Record(
        "judged0000",
        purpose=Purpose.PRIVATE,
        subject=Subject(
            "www.example.com", "示例科技 Ltd & Søn", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN"
        ),
        names=("*.example.com", "xn--bcher-kva.example.com", "192.0.2.1", "2001:db8::1"),
        key=kind.spec,
    )


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.label)
def test_every_kind_of_request_is_verified_by_all_three(
    kind: KeyKind, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl", "certtool", "keytool")
    key = kinds.generate(kind.spec)
    path = tmp_path / "request.csr"

    path.write_text(csr.build(record(kind), key).pem)

    assert openssl_verifies(path)
    assert gnutls_verifies(path)
    assert java_verifies(path)
    shown = run("openssl", "req", "-in", str(path), "-noout", "-text", "-nameopt", "utf8,sep_comma_plus")
    assert "O=示例科技 Ltd & Søn" in shown.replace(" = ", "=")
    for name in ("DNS:*.example.com", "DNS:xn--bcher-kva.example.com", "IP Address:192.0.2.1", "IP Address:2001:DB8"):
        assert name in shown


def test_the_judges_see_a_bad_signature(tmp_path: Path, require: Callable[..., None]) -> None:
    require("openssl", "certtool", "keytool")
    good = csr.build(record(KINDS[0]), kinds.generate(KINDS[0].spec)).pem
    der = bytearray(x509.load_pem_x509_csr(good.encode()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    path = tmp_path / "bad.der"
    path.write_bytes(der)

    assert not openssl_verifies(path)
    assert not gnutls_verifies(path)
    assert not java_verifies(path)


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.label)
@pytest.mark.parametrize("typed", [False, True], ids=["random", "typed"])
def test_openssl_opens_the_key_and_finds_the_public_key_of_the_request(
    kind: KeyKind, typed: bool, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl")
    key = kinds.generate(kind.spec)
    (tmp_path / "key.pem").write_text(encryption.encrypt(key, SECRET, typed=typed))
    (tmp_path / "request.csr").write_text(csr.build(record(kind), key).pem)

    opened = run("openssl", "pkey", "-in", str(tmp_path / "key.pem"), "-passin", f"pass:{SECRET.reveal()}", "-pubout")

    assert opened == run("openssl", "req", "-in", str(tmp_path / "request.csr"), "-noout", "-pubkey")
    assert "BEGIN PUBLIC KEY" in opened
    assert "PUBLIC KEY" not in run(
        "openssl", "pkey", "-in", str(tmp_path / "key.pem"), "-passin", "pass:wrong", "-pubout"
    )


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.label)
def test_openssl_makes_the_same_request_from_our_configuration(
    kind: KeyKind, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl")
    asked = record(kind)
    text = openssl.configuration(asked)
    (tmp_path / "www.example.com.cnf").write_text(text)
    line = next(line for line in text.splitlines() if "-newkey" in line)
    command = line.removeprefix("#").replace("THIS_FILE", "www.example.com.cnf").split()

    subprocess.run([*command, "-noenc"], cwd=tmp_path, check=True, capture_output=True)

    got = csr.read((tmp_path / "www.example.com.csr").read_bytes())
    assert csr.differences(asked, got) == ()
    assert got.extended_key_usage == ("serverAuth",)


def _allowed(text: str) -> bool:
    return rules.FIELDS["organization"](text, Purpose.PRIVATE) is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=64).map(trim).filter(_allowed)


@given(organization=TEXT, department=TEXT, city=TEXT, odd=st.text(alphabet="\\\"'$#;=, @[]{}()+-_a", max_size=20))
@settings(max_examples=60)
def test_openssl_makes_the_same_request_with_the_same_key_whatever_is_in_it(
    organization: str, department: str, city: str, odd: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl")
    subject = Subject("www.example.com", organization, department, city=city, province=f"x{odd}x")
    asked = Record("judged0000", purpose=Purpose.PRIVATE, subject=subject, key=KINDS[3].spec)
    text = openssl.configuration(asked)
    (tmp_path / "request.cnf").write_text(text)
    (tmp_path / "www.example.com.key").write_text(encryption.to_plain_pem(SAME_KEY))
    line = next(line for line in text.splitlines() if " -key " in line)
    command = shlex.split(line.removeprefix("#").replace("THIS_FILE", "request.cnf"))

    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    theirs = csr.read((tmp_path / "www.example.com.csr").read_bytes())
    ours = csr.read(csr.build(asked, SAME_KEY).pem)
    assert replace(theirs, pem="", public_key=ours.public_key) == replace(ours, pem="")
