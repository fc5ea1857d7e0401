"""What a request asks for, usage by usage: built, read back, and judged by openssl where a CA signs it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from csr_tui.cli import openssl as recipe
from csr_tui.core import csr
from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, kinds
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.usages import USAGES

KEYS = {spec: kinds.generate(spec) for spec in (KeySpec("RSA", "2048"), KeySpec("ECC", "prime256v1"))}

SIGNATURE, TRANSPORT, AGREEMENT = "Digital Signature", "Key Encipherment", "Key Agreement"
SERVER, CLIENT = "TLS Web Server Authentication", "TLS Web Client Authentication"

# usage: main name, alternative names, key usage for RSA and for ECC, extended key usage, what openssl accepts it for
EXPECTED: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...], str, set[str]]] = {
    "server": (
        "www.example.com",
        "DNS:www.example.com",
        (SIGNATURE, TRANSPORT),
        (SIGNATURE,),
        SERVER,
        {"sslserver"},
    ),
    "client": ("Jürgen Groß", "", (SIGNATURE,), (SIGNATURE,), CLIENT, {"sslclient"}),
    "both": (
        "etcd1.example.com",
        "DNS:etcd1.example.com",
        (SIGNATURE, TRANSPORT),
        (SIGNATURE,),
        f"{SERVER}, {CLIENT}",
        {"sslserver", "sslclient"},
    ),
    "email": (
        "jane@example.com",
        "email:jane@example.com",
        (SIGNATURE, TRANSPORT),
        (SIGNATURE, AGREEMENT),
        "E-mail Protection",
        {"smimesign"},
    ),
    "code": ("Example Ltd", "", (SIGNATURE,), (SIGNATURE,), "Code Signing", set()),
    "ca": (
        "Example Issuing CA 1",
        "",
        (SIGNATURE, "Certificate Sign", "CRL Sign"),
        (SIGNATURE, "Certificate Sign", "CRL Sign"),
        "",
        {"sslserver", "sslclient", "smimesign"},
    ),
}
PURPOSES = ("sslserver", "sslclient", "smimesign")

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
def _openssl(require: Callable[..., None]) -> None:
    require("openssl")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    words = (
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "root.key",
        "-subj",
        "/CN=Root",
    )
    openssl("req", "-x509", *words, "-out", "root.crt", cwd=folder)
    return folder


def openssl(*words: str | Path, data: str = "", cwd: Path | None = None) -> str:
    ran = subprocess.run(["openssl", *words], input=data, capture_output=True, text=True, check=True, cwd=cwd)
    return ran.stdout


def record(usage: str, key: KeySpec) -> Record:
    return Record("usages0000", subject=Subject(domain=EXPECTED[usage][0]), key=key, usage=usage)


def after(lines: list[str], heading: str) -> str:
    return lines[lines.index(heading) + 1] if heading in lines else ""


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
@pytest.mark.parametrize("usage", USAGES)
def test_openssl_reads_what_each_usage_asks_for_and_accepts_it_for_that_alone(
    usage: str, key: KeySpec, root: Path, tmp_path: Path
) -> None:
    _, names, rsa, ecc, extended, accepted = EXPECTED[usage]
    asked = record(usage, key)
    built = csr.build(asked, KEYS[key])
    lines = [line.strip() for line in openssl("req", "-noout", "-text", "-verify", data=built.pem).splitlines()]

    assert after(lines, "X509v3 Key Usage: critical") == ", ".join(rsa if key.algorithm == "RSA" else ecc)
    assert after(lines, "X509v3 Extended Key Usage:") == extended
    assert after(lines, "X509v3 Subject Alternative Name:") == names
    assert after(lines, "X509v3 Basic Constraints: critical") == ("CA:TRUE, pathlen:0" if usage == "ca" else "")

    signing = ("-CA", root / "root.crt", "-CAkey", root / "root.key", "-copy_extensions", "copyall")
    issued = tmp_path / "issued.crt"
    openssl("x509", "-req", *signing, "-out", issued, data=built.pem)
    verdicts = {
        purpose: subprocess.run(
            ["openssl", "verify", "-CAfile", root / "root.crt", "-purpose", purpose, issued], capture_output=True
        ).returncode
        for purpose in PURPOSES
    }
    assert {purpose for purpose, status in verdicts.items() if status == 0} == accepted


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
@pytest.mark.parametrize("usage", USAGES)
def test_openssl_makes_the_same_request_from_the_recipe(usage: str, key: KeySpec, tmp_path: Path) -> None:
    asked = record(usage, key)
    (tmp_path / "request.cnf").write_text(recipe.configuration(asked), "utf-8")
    (tmp_path / "own.key").write_text(encryption.to_plain_pem(KEYS[key]), "utf-8")

    made = csr.read(openssl("req", "-new", "-config", "request.cnf", "-key", "own.key", cwd=tmp_path))

    assert csr.differences(asked, made) == ()


@pytest.mark.parametrize("usage", USAGES)
def test_a_request_of_one_usage_differs_from_every_other(usage: str) -> None:
    key = KeySpec("ECC", "prime256v1")
    built = csr.build(record(usage, key), KEYS[key])
    asked = record(usage, key)

    same = [other for other in USAGES if csr.differences(replace(asked, usage=other), built) == ()]

    assert same == [usage]
