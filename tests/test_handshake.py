"""A handshake in memory: it takes what a client takes, and tells everything else before a server sees it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from csr_tui.core.keys import encryption, kinds
from csr_tui.core.secret import Secret
from csr_tui.export.handshake import CLIENT, SERVER, HandshakeError, anonymous_files, verify

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ROOT = Authority("Example Root")
CA = Authority("Example Issuing CA", ROOT)
KEY = ec.generate_private_key(ec.SECP256R1())
LEAF = CA.issue(KEY.public_key(), "www.example.com", "*.example.net")
SECRET = Secret("correct horse battery staple")
DESCRIPTORS = Path("/proc/self/fd")
ANCHOR = pem(ROOT.certificate).decode()


def shaken(
    *served: Certificate,
    key: str = encryption.to_plain_pem(KEY),
    password: Secret | None = None,
    anchor: str = ANCHOR,
    host: str | None = "www.example.com",
    role: str = SERVER,
) -> str:
    with anonymous_files(pem(*served), key.encode()) as (certificate, private):
        return verify(certificate, private, password, anchor=anchor, host=host, role=role)


@pytest.mark.parametrize("host", ["www.example.com", "any.example.net", None])
def test_a_whole_chain_is_taken(host: str | None) -> None:
    assert shaken(LEAF, CA.certificate, host=host).startswith("TLSv1.3, TLS_")


def test_a_client_is_taken_by_a_server_that_sees_its_whole_chain_and_its_usage() -> None:
    client = CA.issue(KEY.public_key(), "Jane Doe", usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    other = encryption.to_plain_pem(ec.generate_private_key(ec.SECP256R1()))

    assert shaken(client, CA.certificate, role=CLIENT).startswith("TLSv1.3, TLS_")
    for served, key, reason in (
        ((client,), encryption.to_plain_pem(KEY), "A server rejects it: unable to get local issuer certificate"),
        ((LEAF, CA.certificate), encryption.to_plain_pem(KEY), "A server rejects it: un(supported|suitable)"),
        ((client, CA.certificate), other, "The key does not match"),
    ):
        with pytest.raises(HandshakeError, match=reason):
            shaken(*served, key=key, role=CLIENT)
    with pytest.raises(HandshakeError, match=r"A client rejects it: un(supported|suitable)"):
        shaken(client, CA.certificate, host=None)


@pytest.mark.parametrize("typed", [False, True])
def test_an_encrypted_key_opens_with_its_password(typed: bool) -> None:
    locked = encryption.encrypt(KEY, SECRET, typed=typed)

    assert shaken(LEAF, CA.certificate, key=locked, password=SECRET)


def test_one_file_may_hold_it_all_with_the_key_first_or_last() -> None:
    clear, chain = encryption.to_plain_pem(KEY).encode(), pem(LEAF, CA.certificate)

    for together in (clear + chain, chain + clear, b"# PRIVATE\n" + clear + chain):
        with anonymous_files(together) as (file,):
            assert verify(file, None, None, anchor=ANCHOR, host="www.example.com")


def test_where_the_root_is_not_here_an_intermediate_is_trusted() -> None:
    assert shaken(LEAF, CA.certificate, anchor=pem(CA.certificate).decode())


OTHERS = {
    "another EC key": ec.generate_private_key(ec.SECP256R1()),
    "an RSA key": rsa.generate_private_key(65537, 2048),
    "an Ed25519 key": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_key_of_another_certificate_is_told(other: kinds.PrivateKey) -> None:
    with pytest.raises(HandshakeError, match="does not match the first"):
        shaken(LEAF, CA.certificate, key=encryption.to_plain_pem(other))


@pytest.mark.parametrize("password", [None, Secret("wrong"), Secret("")], ids=["none", "wrong", "empty"])
@pytest.mark.parametrize("typed", [False, True])
def test_a_wrong_password_is_told_and_nobody_is_asked_for_another(password: Secret | None, typed: bool) -> None:
    with pytest.raises(HandshakeError, match="password does not decrypt"):
        shaken(LEAF, CA.certificate, key=encryption.encrypt(KEY, SECRET, typed=typed), password=password)


@pytest.mark.parametrize(
    ("served", "says"),
    [
        ((LEAF,), "unable to get local issuer certificate"),
        ((CA.certificate, LEAF), "does not match the first certificate"),
    ],
    ids=["missing intermediate", "wrong order"],
)
def test_a_chain_that_does_not_hold_is_told(served: tuple[Certificate, ...], says: str) -> None:
    with pytest.raises(HandshakeError, match=says):
        shaken(*served)


def test_another_root_and_another_name_are_told() -> None:
    with pytest.raises(HandshakeError, match="A client rejects it"):
        shaken(LEAF, CA.certificate, anchor=pem(Authority("Another Root").certificate).decode())
    with pytest.raises(HandshakeError, match="Hostname mismatch"):
        shaken(LEAF, CA.certificate, host="www.example.org")


def test_what_is_no_pem_is_told() -> None:
    hello = anonymous_files(b"hello", b"hello")
    with hello as (certificate, key), pytest.raises(HandshakeError, match="OpenSSL rejects it"):
        verify(certificate, key, None, anchor=ANCHOR, host=None)


def test_dates_are_left_to_who_judges_them_by_the_clock_given() -> None:
    ended = CA.issue(KEY.public_key(), "www.example.com", start=-100, days=10)

    assert shaken(ended, CA.certificate)


@pytest.mark.parametrize("memory", [True, False], ids=["in memory", "where memory files are not to be had"])
def test_the_files_are_private_and_leave_nothing_behind(
    memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if not memory:
        monkeypatch.delattr(os, "memfd_create")
    before = len(list(DESCRIPTORS.iterdir()))

    with anonymous_files(b"key") as (path,):
        assert path.read_bytes() == b"key"
        named = [found for found in tmp_path.rglob("*") if found.is_file()]
        assert [found.stat().st_mode & 0o777 for found in named] == ([] if memory else [0o600])
        assert [found.stat().st_mode & 0o777 for found in tmp_path.iterdir()] == ([] if memory else [0o700])

    assert list(tmp_path.iterdir()) == []
    assert len(list(DESCRIPTORS.iterdir())) == before
