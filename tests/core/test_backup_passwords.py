"""Passwords under a passphrase: opened by it alone, and told when they are damaged; another program is the judge."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from csr_tui.core import backup_passwords
from csr_tui.core.backup_passwords import SealedPasswords
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    from collections.abc import Callable

PASSPHRASE = Secret("correct horse battery staple")
PASSWORDS = {"4m7-abcdef": Secret("one"), "batch-0123456789": Secret("zwölf")}


@pytest.fixture(scope="module")
def made() -> SealedPasswords:
    return backup_passwords.seal(PASSWORDS, PASSPHRASE)


def test_the_passphrase_gives_every_password_back(made: SealedPasswords) -> None:
    assert backup_passwords.unseal(made, PASSPHRASE) == PASSWORDS


def test_another_passphrase_gives_nothing(made: SealedPasswords) -> None:
    with pytest.raises(PasswordError):
        backup_passwords.unseal(made, Secret("correct horse battery stable"))


@pytest.mark.parametrize(
    "change",
    [
        lambda made: {"text": made.text[:-1] + bytes([made.text[-1] ^ 1])},
        lambda _: {"salt": bytes(16)},
        lambda _: {"nonce": bytes(12)},
        lambda _: {"cost": 1 << 14},
        lambda _: {"parallel": 2},
    ],
    ids=["text", "salt", "nonce", "cost", "parallel"],
)
def test_nothing_in_it_can_be_changed(
    made: SealedPasswords, change: Callable[[SealedPasswords], dict[str, Any]]
) -> None:
    with pytest.raises(PasswordError):
        backup_passwords.unseal(replace(made, **change(made)), PASSPHRASE)


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"cost": 1 << 40}, {"cost": 3}, {"nonce": b""}, {"parallel": 0}], ids=str
)
def test_what_nobody_wrote_is_refused_before_it_costs_anything(made: SealedPasswords, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        backup_passwords.unseal(replace(made, **change), PASSPHRASE)


def test_it_is_what_the_documentation_says_scrypt_and_aes_gcm(made: SealedPasswords) -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.scrypt(PASSPHRASE.reveal().encode(), salt=made.salt, n=131072, r=8, p=1, dklen=32, maxmem=256 << 20)
    text, tag = made.text[:-16], made.text[-16:]
    decryptor = Cipher(algorithms.AES256(key), modes.GCM(made.nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(b"csr-tui passwords 1 131072 8 1")

    assert json.loads(decryptor.update(text) + decryptor.finalize())["4m7-abcdef"] == "one"


def test_neither_it_nor_its_repr_holds_a_password(made: SealedPasswords) -> None:
    assert b"one" not in made.text
    assert "one" not in repr(PASSWORDS)
