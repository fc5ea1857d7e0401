"""Keys: made, locked, unlocked and named; what others read is judged in tests/system."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from csr_tui.core import password
from csr_tui.core.findings import InvalidError, Level
from csr_tui.core.keys import encryption, identity, kinds
from csr_tui.core.keys.kinds import KINDS, KeyKind
from csr_tui.core.record import KeySpec
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey

SECRET = Secret("correct horse battery staple")

OLDER = tuple(kind for kind in KINDS if not kind.algorithm.openssl_needed)
"""The kinds that every openssl knows; tests/system/test_ml_dsa.py has a judge of the others."""


def asn1(pem: str) -> str:
    """What OpenSSL shows of its parts."""
    return subprocess.run(["openssl", "asn1parse"], input=pem, capture_output=True, text=True, check=True).stdout


@cache
def generated(spec: KeySpec, number: int = 0) -> PrivateKey:
    """One of two keys of a kind, which the tests share: RSA 4096 takes a second."""
    del number
    return kinds.generate(spec)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
@pytest.mark.parametrize("typed", [False, True])
def test_a_locked_key_opens_with_its_password_alone(kind: KeyKind, typed: bool) -> None:
    key = generated(kind.spec)

    pem = encryption.encrypt(key, SECRET, typed=typed)

    assert pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert pem.endswith("-----END ENCRYPTED PRIVATE KEY-----\n")
    assert identity.fingerprint(encryption.decrypt(pem, SECRET, trusted=True)) == identity.fingerprint(key)
    with pytest.raises(PasswordError, match="does not decrypt"):
        encryption.decrypt(pem, Secret("wrong"))
    with pytest.raises(PasswordError, match="its password is required"):
        encryption.decrypt(pem, None)


def test_a_typed_password_gets_600_000_rounds_of_pbkdf2_sha256(require: Callable[..., None]) -> None:
    require("openssl")
    pem = encryption.encrypt(kinds.generate(KeySpec("ECC", "prime256v1")), SECRET, typed=True)

    shown = asn1(pem)

    assert f":{encryption.ITERATIONS_TYPED:06X}" in shown
    assert all(name in shown for name in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"))


@pytest.mark.parametrize("kind", OLDER, ids=lambda kind: kind.label)
@pytest.mark.parametrize("typed", [False, True])
def test_many_keys_are_locked_with_one_salt_and_openssl_opens_each(
    kind: KeyKind, typed: bool, require: Callable[..., None]
) -> None:
    require("openssl")
    made = [generated(kind.spec, number) for number in range(2)]
    password = encryption.DerivedKey(SECRET, typed=typed)
    pems = [encryption.encrypt_with(password, key) for key in made]
    opened = [
        subprocess.run(
            ["openssl", "pkey", "-passin", f"pass:{SECRET.reveal()}", "-pubout", "-outform", "DER"],
            input=pem.encode(),
            capture_output=True,
            check=True,
        ).stdout
        for pem in pems
    ]

    assert [hashlib.sha256(der).hexdigest() for der in opened] == [identity.fingerprint(key) for key in made]
    salts, ivs = zip(*(re.findall(r"\[HEX DUMP\]:([0-9A-F]{32})\n", asn1(pem)) for pem in pems), strict=True)
    assert len(set(salts)) == 1
    assert len(set(ivs)) == 2


@pytest.mark.parametrize("spec", [KeySpec("RSA", "2048"), KeySpec("ECC", "prime256v1"), KeySpec("ED25519", "ed25519")])
def test_keys_of_any_salt_are_opened_again_each_salt_stretched_once(
    spec: KeySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [kinds.generate(spec) for _ in range(4)]
    first, second = encryption.DerivedKey(SECRET, typed=True), encryption.DerivedKey(SECRET)
    pems = [
        encryption.encrypt_with(password, key)
        for key, password in zip(made, (first, first, second, second), strict=True)
    ]
    derived = []

    def counted(algorithm: HashAlgorithm, length: int, salt: bytes, iterations: int) -> PBKDF2HMAC:
        derived.append(iterations)
        return PBKDF2HMAC(algorithm, length, salt, iterations)

    monkeypatch.setattr(encryption, "PBKDF2HMAC", counted)
    opener = encryption.DerivedKey(SECRET)

    opened = [encryption.reopen(pem, opener) for pem in pems]

    assert [identity.fingerprint(key) for key in opened] == [identity.fingerprint(key) for key in made]
    assert sorted(derived) == [encryption.ITERATIONS_RANDOM, encryption.ITERATIONS_TYPED]
    for pem in pems:
        with pytest.raises(PasswordError, match="does not decrypt"):
            encryption.reopen(pem, encryption.DerivedKey(Secret("wrong")))


def test_a_key_that_another_program_locked_is_opened_again_too() -> None:
    key = kinds.generate(KeySpec("ECC", "prime256v1"))
    theirs = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(SECRET.reveal().encode()),
    ).decode()
    ours = encryption.encrypt(key, SECRET, typed=False).replace("\n", "\r\n")

    assert encryption.DerivedKey(SECRET).decrypt(theirs) is None
    assert encryption.DerivedKey(SECRET).decrypt(ours) is None
    for pem in (theirs, ours):
        assert identity.fingerprint(encryption.reopen(pem, encryption.DerivedKey(SECRET))) == identity.fingerprint(key)
        with pytest.raises(PasswordError, match="does not decrypt"):
            encryption.reopen(pem, encryption.DerivedKey(Secret("wrong")))


def test_the_fingerprint_is_the_sha256_of_the_spki(require: Callable[..., None]) -> None:
    require("openssl")
    key = kinds.generate(KeySpec("RSA", "2048"))

    der = subprocess.run(
        ["openssl", "pkey", "-pubout", "-outform", "DER"],
        input=encryption.to_plain_pem(key).encode(),
        capture_output=True,
        check=True,
    ).stdout
    digest = subprocess.run(["openssl", "dgst", "-sha256"], input=der, capture_output=True, check=True).stdout.decode()

    assert digest.split()[-1] == identity.fingerprint(key)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_the_public_key_says_what_was_asked_for(kind: KeyKind) -> None:
    assert identity.spec_of(generated(kind.spec).public_key()) == kind.spec


@pytest.mark.parametrize("spec", [KeySpec("RSA", "1024"), KeySpec("RSA", "prime256v1"), KeySpec("DSA", "2048")])
def test_a_kind_that_is_not_made_is_refused(spec: KeySpec) -> None:
    with pytest.raises(InvalidError):
        kinds.generate(spec)


@pytest.mark.parametrize("pem", ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_garbage_is_no_key(pem: str) -> None:
    with pytest.raises(InvalidError):
        encryption.decrypt(pem, None)


def test_a_clear_key_needs_no_password() -> None:
    key = kinds.generate(KeySpec("ED25519", "ed25519"))

    assert identity.fingerprint(encryption.decrypt(encryption.to_plain_pem(key), None)) == identity.fingerprint(key)
    assert serialization.load_pem_private_key(encryption.to_plain_pem(key).encode(), None)


def test_random_passwords_are_long_different_and_strong() -> None:
    made = {password.random_password().reveal() for _ in range(50)}

    assert len(made) == 50
    assert all(len(text) >= 24 and text.isalnum() and text.isascii() for text in made)
    assert all(password.check(Secret(text)) is None for text in made)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("", Level.ERROR),
        ("a\x00bcdefghijkl", Level.ERROR),
        ("line\nbreak password", Level.ERROR),
        ("x" * 1024, Level.ERROR),
        ("short", Level.WARNING),
        ("passwordpassword", Level.WARNING),
        ("aaaaaaaaaaaaaaaa", Level.WARNING),
        ("correct horse battery staple", None),
        ("x9!Lm" * 100, None),
    ],
)
def test_a_typed_password_is_weighed(text: str, level: Level | None) -> None:
    finding = password.check(Secret(text))

    assert (finding.level if finding else None) is level


def test_the_domain_is_no_good_password() -> None:
    assert password.check(Secret("shop.example.com"), context=("shop.example.com",)) is not None


def test_a_secret_shows_itself_nowhere() -> None:
    shown = f"{SECRET} {SECRET!r} {SECRET:>40} {[SECRET]} %s" % SECRET

    assert "horse" not in shown
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    with pytest.raises(TypeError):
        hash(SECRET)
