"""How one key is encrypted at rest: a custody made real, with its password and the password's name in the vault."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from csr_tui.core.custody import Custody
from csr_tui.core.findings import Level
from csr_tui.core.record import ID_ALPHABET, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import Hint, PasswordError, UsageError
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys import encryption
    from csr_tui.core.keys.kinds import PrivateKey


@dataclass(frozen=True)
class KeyEncryption:
    """The password at rest (None: clear) and its name in the vault (None: not there)."""

    custody: Custody
    password: Secret | None
    ref: str | None

    def encrypt(self, key: PrivateKey) -> str:
        """The PKCS#8 PEM to keep at rest."""
        from csr_tui.core.keys import encryption

        return encryption.encrypt_with(self._derived, key) if self._derived else encryption.to_plain_pem(key)

    def store_password(self, vault: Vault) -> None:
        """Put it into the keyring, and read it back, where it belongs there; VaultError where that fails."""
        if self.ref is not None and self.password is not None:
            vault.put(self.ref, self.password)

    @cached_property
    def _derived(self) -> encryption.DerivedKey | None:
        """What all keys of a batch are encrypted with: the password goes through its rounds once, not for every key."""
        from csr_tui.core.keys import encryption

        return None if self.password is None else encryption.DerivedKey(self.password, typed=self.custody.is_typed)


def need_keyring(vault: Vault, custody: Custody) -> None:
    """VaultError, before anything is begun, where it needs a keyring and there is none. May block a second."""
    if custody.in_keyring:
        vault.require()


def prepare(record: Record, custody: Custody, typed: Secret | None, *, weak_ok: bool = False) -> KeyEncryption:
    """For the key of one record; PasswordError where a typed password is missing, impossible or too weak.

    UsageError for what no new key can have: nobody would know its password.
    """
    context = (record.subject.domain, record.subject.organization)
    return prepare_as(new_ref(record), custody, typed, context=context, weak_ok=weak_ok)


def prepare_as(
    ref: str, custody: Custody, typed: Secret | None, *, context: tuple[str, ...], weak_ok: bool = False
) -> KeyEncryption:
    """The same for any key, whose password has this name in the vault, and should not be made of these words."""
    from csr_tui.core import password

    if custody.refusal:
        raise UsageError.of(custody.refusal)
    if custody in {Custody.NONE_UNPROTECTED, Custody.TOKEN}:
        return KeyEncryption(custody, None, None)
    if not custody.is_typed:
        return KeyEncryption(custody, password.random_password(), ref)
    if typed is None:
        raise PasswordError("This request needs a password of your own.", hint=Hint.NEW_PASSWORD)
    finding = password.check(typed, context=context)
    if finding and not (weak_ok and finding.level is not Level.ERROR):
        raise PasswordError(finding.message)
    return KeyEncryption(custody, typed, ref if custody.in_keyring else None)


def new_ref(record: Record) -> str:
    """A name nobody used before; it begins with the record's id, so a person finds it in their keyring."""
    return ref_of(record.id)


def ref_of(owner: str) -> str:
    """The same for what is called so."""
    return f"{owner}-{''.join(secrets.choice(ID_ALPHABET) for _ in range(6))}"
