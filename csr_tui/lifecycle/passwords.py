"""The key password of a record: opening the key with it, showing, changing and forgetting it, and who holds it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from csr_tui.core.record import PasswordChoice, Protection, Record, State
from csr_tui.errors import PasswordError, StateError
from csr_tui.lifecycle import locks, recovery
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from csr_tui.core.keys.identity import PrivateKey
    from csr_tui.core.secret import Secret
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


class Asked(Enum):
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
    match record.protection:
        case Protection.KEYRING if record.secret_ref is not None:
            return vault.get(record.secret_ref)
        case Protection.PROMPT if password is None:
            raise PasswordError(
                "You hold the password of this key yourself: type it, or give it with --password-stdin."
            )
        case Protection.PROMPT:
            return password
        case _:
            return None


def show(store: RecordStore, vault: Vault, record: Record) -> Secret:
    """The password of the exported key, from the keyring; of a keyless record, the one its key has elsewhere."""
    if record.state is State.DRAFT:
        key_pem(store, record)
    if record.protection is Protection.PROMPT:
        raise StateError("You hold the password of this key yourself; it is kept nowhere on this machine.")
    if record.password_choice is PasswordChoice.NONE or record.secret_ref is None:
        raise StateError("This key was made without a password of its own; its exports are clear.")
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
    wanted = PasswordChoice.TYPED if new is not None else PasswordChoice.RANDOM
    kept = record.protection if record.protection is not Protection.UNPROTECTED else Protection.KEYRING
    if kept is Protection.PROMPT and new is None:
        raise PasswordError(
            "You hold the password of this key yourself, so it cannot become a random one: type the new one."
        )
    lock = locks.make(record, locks.Choice(wanted, kept), new, weak_ok=weak_ok)
    return _keep(store, vault, record, lock, lock.close(key), reached)


def forget(
    store: RecordStore, vault: Vault, record: Record, *, password: Secret, reached: Reached = lambda _: None
) -> Record:
    """Take the password out of the keyring, once `password` has proved that the person holds it."""
    if record.protection is not Protection.KEYRING:
        raise StateError("The keyring holds no password for this key.")
    if record.password_choice is PasswordChoice.NONE:
        raise StateError(
            "Only the keyring can open this key, so its password there cannot be forgotten. "
            "Give the key a password of its own first: csr-tui password ID --change."
        )
    return protect(store, vault, record, Protection.PROMPT, password=password, reached=reached)


def held_by_person(record: Record) -> bool:
    """Whether nobody but the person holds the key's password, so that it has to be typed."""
    return record.protection is Protection.PROMPT


def asked(record: Record, protection: Protection) -> Asked:
    """Which password `protect` needs to bring a record under this protection."""
    if record.state is State.DRAFT or protection is record.protection:
        return Asked.NOTHING
    if record.protection is Protection.PROMPT:
        return Asked.CURRENT
    if protection is not Protection.PROMPT:
        return Asked.NOTHING
    return Asked.NEW if record.password_choice is PasswordChoice.NONE else Asked.CURRENT


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
    if protection is record.protection:
        return record
    if record.state is State.DRAFT:
        return store.save(replace(record, protection=protection, password_choice=_fitting(record, protection)))

    own = record.password_choice is not PasswordChoice.NONE
    if own and protection is not Protection.UNPROTECTED:
        return _hand_over(store, vault, record, protection, password, reached)
    key = open_key(store, vault, record, password)
    wanted = PasswordChoice.TYPED if protection is Protection.PROMPT else PasswordChoice.NONE
    lock = locks.make(record, locks.Choice(wanted, protection), password, weak_ok=weak_ok)
    return _keep(store, vault, record, lock, lock.close(key), reached)


def _hand_over(
    store: RecordStore,
    vault: Vault,
    record: Record,
    protection: Protection,
    password: Secret | None,
    reached: Reached,
) -> Record:
    """The same password changes hands between the person and the keyring; the key stays as it is."""
    from csr_tui.core.keys import encryption

    if password is None:
        raise PasswordError("Type the key's password once, to prove that you hold it.")
    pem = key_pem(store, record)
    encryption.decrypt(pem, password, trusted=True)
    choice = locks.Choice(record.password_choice, protection)
    ref = locks.new_ref(record) if protection is Protection.KEYRING else None
    return _keep(store, vault, record, locks.Lock(choice, password, ref), pem, reached)


def _keep(store: RecordStore, vault: Vault, record: Record, lock: locks.Lock, pem: str, reached: Reached) -> Record:
    """New reference, read back, one commit that dooms the old one, and only then the old one goes."""
    locks.need_keyring(vault, lock.choice)
    intent = store.begin(record, "password", lock.ref)
    try:
        reached(Point.INTENT)
        if lock.ref is not None and lock.password is not None:
            vault.put(lock.ref, lock.password)
        reached(Point.PASSWORD_KEPT)
        kept = store.complete_key_change(
            intent,
            replace(
                record,
                password_choice=lock.choice.password,
                protection=lock.choice.protection,
                secret_ref=lock.ref,
            ),
            key_pem=pem,
        )
    except BaseException:
        recovery.undo(store, vault, intent)
        raise
    reached(Point.COMMITTED)
    recovery.sweep(store, vault)
    reached(Point.OLD_PASSWORD_GONE)
    return kept


def _fitting(record: Record, protection: Protection) -> PasswordChoice:
    match protection:
        case Protection.KEYRING:
            return record.password_choice
        case Protection.PROMPT:
            return PasswordChoice.TYPED
        case Protection.UNPROTECTED:
            return PasswordChoice.NONE


def key_pem(store: RecordStore, record: Record) -> str:
    """The key as it is kept; StateError where there is none."""
    pem = store.key_pem(record.id)
    if pem is None:
        raise StateError(
            "There is no key here yet. Generate the request first."
            if record.state is State.DRAFT
            else "The key of this record is not on this machine: it stayed at Tencent Cloud."
        )
    return pem
