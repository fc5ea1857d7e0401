"""What a request asks for, usage by usage: built, read back, and judged by openssl, GnuTLS and Java."""

from __future__ import annotations

import re
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

KEYS = {
    spec: kinds.generate(spec)
    for spec in (
        KeySpec("RSA", "2048"),
        KeySpec("ECC", "prime256v1"),
        KeySpec("ECC", "secp384r1"),
        KeySpec("ECC", "secp521r1"),
        KeySpec("ED25519", "ed25519"),
    )
}
USUAL = tuple(KEYS)[:2]

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


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.parameter)
@pytest.mark.parametrize("usage", USAGES)
def test_openssl_reads_what_each_usage_asks_for_and_accepts_it_for_that_alone(
    usage: str, key: KeySpec, root: Path, tmp_path: Path
) -> None:
    _, names, rsa, ecc, extended, accepted = EXPECTED[usage]
    others = tuple(one for one in ecc if one != AGREEMENT)
    asked = record(usage, key)
    built = csr.build(asked, KEYS[key])
    lines = [line.strip() for line in openssl("req", "-noout", "-text", "-verify", data=built.pem).splitlines()]

    assert after(lines, "X509v3 Key Usage: critical") == ", ".join({"RSA": rsa, "ECC": ecc}.get(key.algorithm, others))
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


JAVA = {
    TRANSPORT: "Key_Encipherment",
    AGREEMENT: "Key_Agreement",
    SIGNATURE: "DigitalSignature",
    "Certificate Sign": "Key_CertSign",
    "CRL Sign": "Crl_Sign",
}
"""The key usages of openssl in the words of keytool."""


@pytest.mark.parametrize("key", USUAL, ids=lambda key: key.algorithm)
@pytest.mark.parametrize("usage", USAGES)
def test_gnutls_and_java_verify_the_request_of_each_usage(
    usage: str, key: KeySpec, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("certtool", "keytool")
    _, names, rsa, ecc, _, _ = EXPECTED[usage]
    request = tmp_path / "request.csr"
    request.write_text(csr.build(record(usage, key), KEYS[key]).pem, "utf-8")

    gnutls, java = (
        subprocess.run([*words, request], capture_output=True, text=True, check=True).stdout
        for words in (("certtool", "--crq-info", "--infile"), ("keytool", "-printcertreq", "-file"))
    )

    assert "Self signature: verified" in gnutls
    assert set(re.findall(r"^  (\w+)$", java, re.MULTILINE)) == {
        *USAGES[usage].extended_key_usage,
        *(JAVA[use] for use in (rsa if key.algorithm == "RSA" else ecc)),
    }
    assert ("PathLen:0" in java, "Path Length Constraint: 0" in gnutls) == (usage == "ca",) * 2
    assert ("SubjectAlternativeName" in java, "Subject Alternative Name" in gnutls) == (bool(names),) * 2


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_openssl_reads_a_name_of_64_characters_in_any_script() -> None:
    key = KeySpec("ECC", "prime256v1")
    name = "名" * 64
    built = csr.build(replace(record("client", key), subject=Subject(domain=name)), KEYS[key])

    assert openssl("req", "-noout", "-subject", "-nameopt", "utf8", data=built.pem).strip().endswith(name)


def test_a_leaf_below_our_authority_verifies_up_to_the_root_and_one_below_a_further_authority_does_not(
    root: Path, tmp_path: Path
) -> None:
    key = KeySpec("ECC", "prime256v1")

    def sign(name: str, usage: str, above: Path) -> Path:
        made = kinds.generate(key)
        asked = replace(record(usage, key), subject=Subject(domain=name))
        (tmp_path / f"{name}.key").write_text(encryption.to_plain_pem(made), "utf-8")
        issued = tmp_path / f"{name}.crt"
        signing = ("-CA", above.with_suffix(".crt"), "-CAkey", above.with_suffix(".key"))
        openssl(
            "x509", "-req", *signing, "-copy_extensions", "copyall", "-out", issued, data=csr.build(asked, made).pem
        )
        return issued

    def verify(leaf: Path, *untrusted: Path) -> str:
        between = [word for one in untrusted for word in ("-untrusted", one)]
        words = ("openssl", "verify", "-CAfile", root / "root.crt", *between, "-purpose", "sslserver", leaf)
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        return ran.stdout + ran.stderr

    ours = sign("Ours", "ca", root / "root")
    further = sign("Further", "ca", ours)

    assert verify(sign("a.example.com", "server", ours), ours).endswith("a.example.com.crt: OK\n")
    assert "path length constraint exceeded" in verify(sign("b.example.com", "server", further), ours, further)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.parameter)
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
