"""The key password of a record: opening the key with it, showing, changing and forgetting it, and who holds it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from csr_tui.core.custody import Custody, Protection
from csr_tui.core.keys import kinds
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import Hint, PasswordError, StateError
from csr_tui.lifecycle import key_encryption, recovery
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.storage import RecordStore


class PasswordNeed(Enum):
    """Which password a change of protection needs from the person."""

    NOTHING = "nothing"
    CURRENT = "current"
    NEW = "new"


def open_key(store: RecordStore, vault: Vault, record: Record, password: Secret | None = None) -> PrivateKey:
    """The record's private key; `password` is needed where the person holds it, and ignored where the vault does."""
    from csr_tui.core.keys import encryption

    return encryption.decrypt(key_pem(store, record), at_rest(vault, record, password), trusted=True)


def at_rest(vault: Vault, record: Record, password: Secret | None = None) -> Secret | None:
    """The password that opens the key as it is kept: from the vault or from the person; None for a clear key."""
    if record.custody.held_by_person and password is None:
        raise PasswordError("You hold the password of this key yourself.", hint=Hint.CURRENT_PASSWORD)
    if record.custody.held_by_person:
        return password
    return vault.get(record.secret_ref) if record.custody.in_keyring and record.secret_ref is not None else None


def prove(store: RecordStore, record: Record, password: Secret) -> None:
    """PasswordError unless it opens the key as it is kept."""
    from csr_tui.core.keys import encryption

    encryption.decrypt(key_pem(store, record), password, trusted=True)


def show(store: RecordStore, vault: Vault, record: Record) -> Secret:
    """The password of the exported key, from the keyring; of a keyless record, the one its key has elsewhere."""
    if record.state is State.DRAFT:
        key_pem(store, record)
    if record.custody.held_by_person:
        raise StateError("You hold the password of this key yourself; it is not stored on this machine.")
    if not record.custody.has_password or record.secret_ref is None:
        raise StateError("This key has no password of its own; its exports are not encrypted.")
    return vault.get(record.secret_ref)


def change(
    store: RecordStore,
    vault: Vault,
    record: Record,
    *,
    new: Secret | None,
    current: Secret | None = None,
    weak_ok: bool = False,
    reached: Reached = lambda _: None,
) -> Record:
    """Encrypt the key under another password: `new`, or a random one (kept in the keyring) for None."""
    key = open_key(store, vault, record, current)
    custody = Custody.TYPED_KEYRING if new is not None else Custody.RANDOM_KEYRING
    if record.custody.held_by_person and new is None:
        raise PasswordError("You hold the password of this key yourself, so it cannot become random: enter a new one.")
    if record.custody.held_by_person:
        custody = Custody.TYPED_PROMPT
    encryption = key_encryption.prepare(record, custody, new, weak_ok=weak_ok)
    return _keep(store, vault, record, encryption, encryption.encrypt(key), reached)


def forget(
    store: RecordStore, vault: Vault, record: Record, *, password: Secret, reached: Reached = lambda _: None
) -> Record:
    """Take the password out of the keyring, once `password` has proved that the person holds it."""
    if not record.custody.in_keyring:
        raise StateError("The keyring has no password for this key.")
    if not record.custody.has_password:
        raise StateError(
            "Only the keyring can decrypt this key, so it cannot forget the password.",
            hint=Hint.OWN_PASSWORD,
            record=record.id,
        )
    return protect(store, vault, record, "prompt", password=password, reached=reached)


def asked(record: Record, protection: Protection) -> PasswordNeed:
    """Which password `protect` needs to bring a record under this protection."""
    if record.state is State.DRAFT or protection == record.custody.protection:
        return PasswordNeed.NOTHING
    if record.custody.held_by_person:
        return PasswordNeed.CURRENT
    if protection != "prompt":
        return PasswordNeed.NOTHING
    return PasswordNeed.CURRENT if record.custody.has_password else PasswordNeed.NEW


def protect(
    store: RecordStore,
    vault: Vault,
    record: Record,
    protection: Protection,
    *,
    password: Secret | None = None,
    weak_ok: bool = False,
    reached: Reached = lambda _: None,
) -> Record:
    """Change who holds the key's password; `asked` says whether `password` is the current one or a new one."""
    if protection == record.custody.protection:
        return record
    if record.state is State.DRAFT:
        return store.save(replace(record, custody=record.custody.under(protection), token=None))

    if record.custody.has_password and protection != "unprotected":
        return _hand_over(store, vault, record, protection, password, reached)
    key = open_key(store, vault, record, password)
    encryption = key_encryption.prepare(record, record.custody.under(protection), password, weak_ok=weak_ok)
    return _keep(store, vault, record, encryption, encryption.encrypt(key), reached)


def _hand_over(
    store: RecordStore, vault: Vault, record: Record, protection: Protection, password: Secret | None, reached: Reached
) -> Record:
    """The same password changes hands between the person and the keyring; the key stays as it is."""
    from csr_tui.core.keys import encryption

    if password is None:
        raise PasswordError("Enter the key's password, to prove that you hold it.")
    pem = key_pem(store, record)
    encryption.decrypt(pem, password, trusted=True)
    custody = Custody.of(record.custody.password_choice, protection)
    ref = key_encryption.new_ref(record) if custody.in_keyring else None
    return _keep(store, vault, record, KeyEncryption(custody, password, ref), pem, reached)


def _keep(
    store: RecordStore, vault: Vault, record: Record, encryption: KeyEncryption, pem: str, reached: Reached
) -> Record:
    """New reference, read back, one commit that dooms the old one, and only then the old one goes."""
    key_encryption.need_keyring(vault, encryption.custody)
    intent = store.begin(record, "password", encryption.ref)
    try:
        reached(Point.INTENT)
        encryption.store_password(vault)
        reached(Point.PASSWORD_KEPT)
        kept = store.complete_key_change(
            intent, replace(record, custody=encryption.custody, secret_ref=encryption.ref), key_pem=pem
        )
    except BaseException:
        recovery.undo(store, vault, intent)
        raise
    reached(Point.COMMITTED)
    recovery.sweep(store, vault)
    reached(Point.OLD_PASSWORD_GONE)
    return kept


def key_pem(store: RecordStore, record: Record) -> str:
    """The key as it is kept; StateError where there is none, InvalidError where none of its kind can be opened here."""
    pem = store.key_pem(record.id)
    if record.token is not None:
        raise StateError(f"The key of this record is on {record.token.place}, and never leaves it.")
    if pem is None:
        raise StateError(
            "This record has no key yet. Generate the request first."
            if record.state is State.DRAFT
            else "The key of this record is not on this machine: it stayed where it was generated."
        )
    kinds.require(record.key)
    return pem
