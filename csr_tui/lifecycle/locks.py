"""How a key is kept at rest: under which password, and who holds it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from csr_tui.core.findings import Level
from csr_tui.core.record import ID_ALPHABET, PasswordChoice, Protection, Record
from csr_tui.errors import PasswordError, UsageError

if TYPE_CHECKING:
    from csr_tui.core.keys import encryption
    from csr_tui.core.keys.identity import PrivateKey
    from csr_tui.core.secret import Secret
    from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person wants: which key password, and who is to hold it."""

    password: PasswordChoice = PasswordChoice.RANDOM
    protection: Protection = Protection.KEYRING


@dataclass(frozen=True)
class Lock:
    """A choice made real: the password at rest (None: clear) and its name in the vault (None: not there)."""

    choice: Choice
    password: Secret | None
    ref: str | None

    def close(self, key: PrivateKey) -> str:
        """The PKCS#8 PEM to keep at rest."""
        from csr_tui.core.keys import encryption

        return (
            encryption.to_plain_pem(key) if self._stretched is None else encryption.encrypt_with(self._stretched, key)
        )

    @cached_property
    def _stretched(self) -> encryption.DerivedKey | None:
        """What a batch's keys are all closed with: the password goes through its rounds once, not for every key."""
        from csr_tui.core.keys import encryption

        if self.password is None:
            return None
        return encryption.DerivedKey(self.password, typed=self.choice.password is PasswordChoice.TYPED)


def choose(record: Record, *, password: PasswordChoice | None = None, protection: Protection | None = None) -> Choice:
    """What the flags mean together with the draft's own choice; UsageError for what does not fit."""
    if password is None:
        password = _implied(record.password_choice, protection)
    if protection is None:
        protection = record.protection if _fits(password, record.protection) else Protection.KEYRING
    if _fits(password, protection):
        return Choice(password, protection)
    if protection is Protection.UNPROTECTED:
        raise UsageError("An unprotected key has no password: say --no-password with --protect unprotected.")
    if password is PasswordChoice.RANDOM:
        raise UsageError(
            "With --protect prompt you hold the password yourself, so it cannot be a random one: give --password-stdin."
        )
    raise UsageError("With --protect prompt there has to be a password: leave out --no-password.")


def _implied(wanted: PasswordChoice, protection: Protection | None) -> PasswordChoice:
    """`--protect prompt` alone means a typed password; the others leave the draft's choice as it is."""
    return PasswordChoice.TYPED if protection is Protection.PROMPT else wanted


def _fits(password: PasswordChoice, protection: Protection) -> bool:
    match protection:
        case Protection.KEYRING:
            return True
        case Protection.PROMPT:
            return password is PasswordChoice.TYPED
        case Protection.UNPROTECTED:
            return password is PasswordChoice.NONE


def need_keyring(vault: Vault, choice: Choice) -> None:
    """VaultError, before anything is begun, where the choice needs a keyring and there is none. May block a second."""
    if choice.protection is Protection.KEYRING:
        vault.require()


def make(record: Record, choice: Choice, typed: Secret | None, *, weak_ok: bool = False) -> Lock:
    """The lock for one record; PasswordError where a typed password is missing, impossible or too weak."""
    from csr_tui.core import password

    if choice.protection is Protection.UNPROTECTED:
        return Lock(choice, None, None)
    if choice.password is not PasswordChoice.TYPED:
        return Lock(choice, password.random_password(), new_ref(record))
    if typed is None:
        raise PasswordError(
            "This request asks for a password of your own: give it with --password-stdin, or say --random-password."
        )
    finding = password.check(typed, context=(record.subject.domain, record.subject.organization))
    if finding and not (weak_ok and finding.level is not Level.ERROR):
        raise PasswordError(finding.message)
    return Lock(choice, typed, new_ref(record) if choice.protection is Protection.KEYRING else None)


def new_ref(record: Record) -> str:
    """A name nobody used before; it begins with the record's id, so a person finds it in their keyring."""
    return f"{record.id}-{''.join(secrets.choice(ID_ALPHABET) for _ in range(6))}"
