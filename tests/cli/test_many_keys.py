"""A file with several keys: all are shown, and none is taken for the one that was meant."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from authority import NOW, Authority
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from csr_tui.core.keys import encryption, identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import New, Run

ONE, TWO = (rsa.generate_private_key(65537, 2048) for _ in range(2))
PASSWORD = b"Trial-12345"
STDIN = PASSWORD + b"\n"


@pytest.fixture
def store(tmp_path: Path, require: Callable[..., None]) -> Path:
    """A PKCS#12 with two keys and a secret key, as keytool makes it."""
    require("keytool")
    ca = Authority("Example CA", now=NOW)
    for alias, key in (("one", ONE), ("two", TWO)):
        leaf = ca.issue(key.public_key(), f"{alias}.example.com")
        lock = serialization.BestAvailableEncryption(PASSWORD)
        data = pkcs12.serialize_key_and_certificates(alias.encode(), key, leaf, None, lock)
        (tmp_path / f"{alias}.p12").write_bytes(data)
    words = PASSWORD.decode()
    both = ("-destkeystore", "both.p12", "-deststoretype", "pkcs12", "-deststorepass", words, "-noprompt")
    for alias in ("one", "two"):
        _keytool(tmp_path, "-importkeystore", "-srckeystore", f"{alias}.p12", "-srcstorepass", words, *both)
    _keytool(tmp_path, "-genseckey", "-alias", "aes", "-keyalg", "AES", "-keysize", "256", "-keystore", "both.p12",
             "-storepass", words)  # fmt: skip
    return tmp_path / "both.p12"


def _keytool(folder: Path, *words: str) -> None:
    subprocess.run(["keytool", *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.system
def test_every_key_of_a_pkcs12_is_listed_by_its_name_and_none_is_taken(run: Run, new: New, store: Path) -> None:
    items = run("inspect", str(store), "--password-stdin", "--json", stdin=STDIN).json["files"][0]["items"]
    held = [item for item in items if item["kind"] == "private key"]
    made = new(domain="two.example.com")
    flags = ("--no-password", "--protect", "unprotected")
    refused = run("generate", made, *flags, "--key-file", str(store), "--key-password-stdin", stdin=STDIN)

    assert {item["fingerprint"] for item in held} == {identity.fingerprint(ONE), identity.fingerprint(TWO)}
    assert {item["fields"]["called"] for item in held} == {"one", "two"}
    assert [item["kind"] for item in items].count("secret key") == 1
    assert not any(item["problems"] for item in items)
    assert refused.status == 3
    assert "2 private keys: one (RSA 2048), two (RSA 2048)" in refused.err
    assert "-srcalias" in refused.err
    assert str(store) in refused.err


@pytest.mark.system
def test_doctor_counts_every_key_of_a_pkcs12(run: Run, store: Path) -> None:
    for path in store.parent.iterdir():
        if path.is_file() and path != store:
            path.unlink()

    found = run("doctor", str(store.parent), "--password-stdin", "--json", stdin=STDIN).json["folder"]

    assert {family["fingerprint"] for family in found["families"]} == {
        identity.fingerprint(ONE),
        identity.fingerprint(TWO),
    }


def test_of_a_pem_with_two_keys_none_is_taken_and_of_the_same_twice_the_one(run: Run, new: New, tmp_path: Path) -> None:
    two, twice = tmp_path / "two.pem", tmp_path / "twice.pem"
    two.write_text(encryption.to_plain_pem(ONE) + encryption.to_plain_pem(TWO))
    twice.write_text(encryption.to_plain_pem(ONE) * 2)

    refused = run("generate", new(), "--key-file", str(two))
    taken = run("generate", new(), "--key-file", str(twice), "--json")

    assert refused.status == 3
    assert "2 private keys: line 1 (RSA 2048), line 29 (RSA 2048)" in refused.err
    assert taken.json["key_fingerprint"] == identity.fingerprint(ONE)


def test_doctor_judges_each_file_by_itself(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a library raises over one of them."""

    def strange(*_: object) -> None:
        raise KeyError(99)

    monkeypatch.setattr("csr_tui.core.inspect.parsers.request", strange)
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "a.csr").write_text("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n")
    (folder / "b.key").write_text(encryption.to_plain_pem(ONE))
    for path in folder.iterdir():
        path.chmod(0o600)

    found = run("doctor", str(folder), "--json").json["folder"]

    assert [family["fingerprint"] for family in found["families"]] == [identity.fingerprint(ONE)]
    assert any("a.csr" in finding for finding in found["findings"])
