"""inspect on files that OpenSSL, GnuTLS and Java made."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import handmade
import pytest

from csr_tui.core import inspect
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, external, identity
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

SECRET = Secret("secret1")
NAME = "/C=DE/O=B\u00fccher/CN=www.example.com"
PASS = ("-passout", "pass:secret1")


@pytest.fixture
def folder(tmp_path: Path, require: Callable[..., None]) -> Path:
    """A key and a certificate of OpenSSL's."""
    require("openssl")
    _make(tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", NAME, "-days", "30",
          "-keyout", "key.pem", "-out", "cert.pem")  # fmt: skip
    return tmp_path


def _make(folder: Path, *words: str, program: str = "openssl") -> None:
    subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (("pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", *PASS), "PKCS#12, private key, certificate"),
        (
            ("pkcs12", "-export", "-legacy", "-inkey", "key.pem", "-in", "cert.pem", *PASS),
            "PKCS#12, private key, certificate",
        ),
        (("pkcs12", "-export", "-nokeys", "-in", "cert.pem", *PASS), "PKCS#12, certificate"),
        (("pkcs8", "-topk8", "-in", "key.pem", *PASS), "private key"),
        (("pkcs8", "-topk8", "-in", "key.pem", "-outform", "DER", *PASS), "private key"),
        (("pkcs8", "-topk8", "-scrypt", "-in", "key.pem", *PASS), "private key"),
        (("rsa", "-in", "key.pem", "-traditional", "-aes256", *PASS), "private key"),
    ],
    ids=["p12", "old p12", "p12 without key", "PKCS#8", "PKCS#8 DER", "scrypt", "traditional"],
)
def test_what_openssl_encrypts_opens_with_its_password_alone(words: tuple[str, ...], kinds: str, folder: Path) -> None:
    _make(folder, *words, "-out", "made")
    data = (folder / "made").read_bytes()

    items = inspect.read(data, SECRET)

    assert inspect.read(data)[0].locked
    assert ", ".join(item.kind for item in items) == kinds
    assert inspect.match(items, inspect.read((folder / "cert.pem").read_bytes())) is not None
    assert [item.problems for item in items if item.problems] == []
    with pytest.raises(PasswordError):
        inspect.read(data, Secret("wrong"))
    if "private key" in kinds:
        key, encrypted = external.read(data, SECRET)
        assert (identity.fingerprint(key), encrypted) == (items[-1].fingerprint, True)


def test_a_certificate_that_cannot_be_read_hides_no_key_of_its_pkcs12(folder: Path) -> None:
    key, name = handmade.new_key(), handmade.called("www.example.com")
    odd = handmade.encode(0x30, handmade.oid("1.2.840.10045.4.3.2"), b"\x05\0")
    pem = handmade.pem(handmade.certificate(key, name, name, key, algorithm=odd))
    (folder / "odd.pem").write_bytes(pem + encryption.to_plain_pem(key).encode())
    _make(folder, "pkcs12", "-export", "-in", "odd.pem", *PASS, "-out", "odd.p12")
    data = (folder / "odd.p12").read_bytes()

    read, encrypted = external.read(data, SECRET)
    store, found = inspect.read(data, SECRET)

    assert (identity.fingerprint(read), encrypted) == (identity.fingerprint(key), True)
    assert store.problems == ("Its certificates were left out: part of it is not valid DER.",)
    assert dict(found.lines)["key"] == "ECC P-256"
    for password in (None, Secret("wrong")):
        with pytest.raises(PasswordError):
            external.read(data, password)
    _make(
        folder, "pkcs12", "-export", "-in", "odd.pem", "-keypbe", "NONE", "-certpbe", "NONE", *PASS, "-out", "mac.p12"
    )
    assert external.read((folder / "mac.p12").read_bytes())[1] is False


def test_a_pkcs12_whose_password_is_for_its_mac_alone_is_not_called_encrypted(folder: Path) -> None:
    words = ("-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:secret1")
    _make(folder, "pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", *words, "-out", "mac.p12")
    data = (folder / "mac.p12").read_bytes()

    for password in (None, SECRET):
        store, *others = inspect.read(data, password)
        assert [item.kind for item in others] == ["private key", "certificate"]
        assert ("encrypted", "no") in store.lines
        assert ("note", "its password protects it against changes only: anyone can read it") in store.lines
        assert external.read(data, password)[1] is False
    with pytest.raises(InvalidError, match="part of it is not valid DER"):
        external.read(data.replace(b"\x02\x01\x00\x30\x0d", b"\x02\x01\x00\x31\x0d"), None)
    with pytest.raises(PasswordError, match="is not encrypted, but its MAC does not match this password"):
        external.read(data, Secret("wrong"))


@pytest.mark.parametrize(
    "words",
    [
        ("crl2pkcs7", "-nocrl", "-certfile", "cert.pem"),
        ("crl2pkcs7", "-nocrl", "-certfile", "cert.pem", "-outform", "DER"),
        ("x509", "-in", "cert.pem", "-trustout", "-addtrust", "serverAuth"),
        ("x509", "-in", "cert.pem", "-outform", "DER"),
        ("x509", "-in", "cert.pem", "-text"),
        ("rsa", "-in", "key.pem", "-RSAPublicKey_out"),
        ("rsa", "-in", "key.pem", "-pubout", "-outform", "DER"),
        ("rsa", "-in", "key.pem", "-traditional", "-outform", "DER"),
        ("req", "-new", "-key", "key.pem", "-subj", "/CN=www.example.com"),
        ("req", "-new", "-newhdr", "-key", "key.pem", "-subj", "/CN=www.example.com"),
    ],
    ids=lambda words: " ".join((words[0], *words[3:])),
)
def test_what_openssl_writes_in_clear_has_the_key_it_was_made_of(words: tuple[str, ...], folder: Path) -> None:
    _make(folder, *words, "-out", "made")

    items = inspect.read((folder / "made").read_bytes())

    assert inspect.match(items, inspect.read((folder / "key.pem").read_bytes())) is not None


def test_a_java_keystore_opens(folder: Path, require: Callable[..., None]) -> None:
    require("keytool")
    _make(folder, "-genkeypair", "-alias", "web", "-keyalg", "EC", "-dname", "CN=www.example.com",
          "-keystore", "store.p12", "-storetype", "PKCS12", "-storepass", "secret1", program="keytool")  # fmt: skip

    items = inspect.read((folder / "store.p12").read_bytes(), SECRET)

    assert [item.kind for item in items] == ["PKCS#12", "private key", "certificate"]


def test_what_gnutls_writes_opens(folder: Path, require: Callable[..., None]) -> None:
    require("certtool")
    _make(folder, "--to-p12", "--load-privkey", "key.pem", "--load-certificate", "cert.pem", "--p12-name", "web",
          "--password", "secret1", "--outder", "--outfile", "made.p12", program="certtool")  # fmt: skip

    items = inspect.read((folder / "made.p12").read_bytes(), SECRET)

    assert [item.kind for item in items] == ["PKCS#12", "private key", "certificate"]
