"""Passwords under a passphrase: opened by it alone, and told when they are damaged; another program is the judge."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from csr_tui.core import backup_passwords
from csr_tui.core.backup_passwords import SealedPasswords
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

PASSPHRASE = Secret("correct horse battery staple")
PASSWORDS = {"4m7-abcdef": Secret("one"), "batch-0123456789": Secret("zwölf")}
MADE = backup_passwords.seal(PASSWORDS, PASSPHRASE)


def test_the_passphrase_gives_every_password_back() -> None:
    assert backup_passwords.unseal(MADE, PASSPHRASE) == PASSWORDS


def test_another_passphrase_gives_nothing() -> None:
    with pytest.raises(PasswordError):
        backup_passwords.unseal(MADE, Secret("correct horse battery stable"))


@pytest.mark.parametrize(
    "changed",
    [
        replace(MADE, text=MADE.text[:-1] + bytes([MADE.text[-1] ^ 1])),
        replace(MADE, salt=bytes(16)),
        replace(MADE, nonce=bytes(12)),
        replace(MADE, cost=1 << 14),
        replace(MADE, parallel=2),
    ],
    ids=["text", "salt", "nonce", "cost", "parallel"],
)
def test_nothing_in_it_can_be_changed(changed: SealedPasswords) -> None:
    with pytest.raises(PasswordError):
        backup_passwords.unseal(changed, PASSPHRASE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(MADE, format=2),
        replace(MADE, cost=1 << 40),
        replace(MADE, cost=3),
        replace(MADE, nonce=b""),
        replace(MADE, parallel=0),
    ],
)
def test_what_nobody_wrote_is_refused_before_it_costs_anything(changed: SealedPasswords) -> None:
    with pytest.raises(InvalidError):
        backup_passwords.unseal(changed, PASSPHRASE)


def test_it_is_what_the_documentation_says_scrypt_and_aes_gcm() -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.scrypt(PASSPHRASE.reveal().encode(), salt=MADE.salt, n=131072, r=8, p=1, dklen=32, maxmem=256 << 20)
    text, tag = MADE.text[:-16], MADE.text[-16:]
    decryptor = Cipher(algorithms.AES256(key), modes.GCM(MADE.nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(b"csr-tui passwords 1 131072 8 1")

    assert json.loads(decryptor.update(text) + decryptor.finalize())["4m7-abcdef"] == "one"


def test_neither_it_nor_its_repr_holds_a_password() -> None:
    assert b"one" not in MADE.text
    assert "one" not in repr(PASSWORDS)
