"""Passwords after generating: shown, changed, forgotten, and handed between the keyring and the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody, PasswordChoice, Protection
from csr_tui.core.keys import encryption, identity
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError, StateError, VaultError
from csr_tui.lifecycle import generate, passwords
from csr_tui.lifecycle.passwords import PasswordNeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

OLD, NEW = Secret("correct horse battery staple"), Secret("another fine long password 1")
RANDOM, TYPED, NONE = PASSWORD_CHOICES
KEYRING, PROMPT, UNPROTECTED = PROTECTIONS


@pytest.fixture
def made(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    def make(password: PasswordChoice, protection: Protection) -> Record:
        typed = OLD if password == TYPED else None
        return generate.generate(store, vault, draft(), Custody.of(password, protection), password=typed)

    return make


STATES = [(RANDOM, KEYRING), (TYPED, KEYRING), (TYPED, PROMPT), (NONE, KEYRING), (NONE, UNPROTECTED)]


@pytest.mark.parametrize(("password", "protection"), STATES)
@pytest.mark.parametrize("wanted", PROTECTIONS)
def test_every_protection_can_become_every_other_and_the_key_stays(
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    made: Callable[..., Record],
    password: PasswordChoice,
    protection: Protection,
    wanted: Protection,
) -> None:
    record = made(password, protection)
    asked = passwords.asked(record, wanted)
    current = passwords.show(store, vault, record) if (password, protection) == (RANDOM, KEYRING) else OLD
    given = {PasswordNeed.NOTHING: None, PasswordNeed.CURRENT: current, PasswordNeed.NEW: NEW}[asked]

    changed = passwords.protect(store, vault, record, wanted, password=given)

    held = given if wanted == PROMPT and given is not None else OLD
    assert changed.custody.protection == wanted
    assert identity.fingerprint(passwords.open_key(store, vault, changed, held)) == record.key_fingerprint
    assert len(keyring.kept) == (wanted == KEYRING)
    assert store.orphaned_secrets() == ()
    assert store.unfinished() == ()
    assert ("ENCRYPTED" in (store.key_pem(record.id) or "")) == (wanted != UNPROTECTED)


@pytest.mark.parametrize("wanted", [KEYRING, UNPROTECTED])
def test_a_wrong_password_changes_nothing(
    store: RecordStore, vault: Vault, made: Callable[..., Record], wanted: Protection
) -> None:
    record = made(TYPED, PROMPT)

    with pytest.raises(PasswordError):
        passwords.protect(store, vault, record, wanted, password=NEW)
    with pytest.raises(PasswordError):
        passwords.protect(store, vault, record, wanted, password=None)

    assert store.get(record.id) == record
    assert passwords.open_key(store, vault, record, OLD)


def test_changing_gives_the_key_another_password_and_the_old_one_goes(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, made: Callable[..., Record]
) -> None:
    record = made(RANDOM, KEYRING)
    old = passwords.show(store, vault, record)

    changed = passwords.change(store, vault, record, new=NEW)

    assert passwords.show(store, vault, changed) == NEW
    assert changed.custody.password_choice == TYPED
    assert list(keyring.kept.values()) == [NEW.reveal()]
    with pytest.raises(PasswordError):
        encryption.decrypt(store.key_pem(record.id) or "", old)
    assert encryption.decrypt(store.key_pem(record.id) or "", NEW)


def test_changing_what_the_person_holds_needs_what_they_hold(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    record = made(TYPED, PROMPT)

    with pytest.raises(PasswordError):
        passwords.change(store, vault, record, new=NEW, current=None)
    with pytest.raises(PasswordError, match="random"):
        passwords.change(store, vault, record, new=None, current=OLD)
    changed = passwords.change(store, vault, record, new=NEW, current=OLD)

    assert passwords.open_key(store, vault, changed, NEW)


def test_a_keyring_that_fails_in_the_middle_of_a_change_leaves_the_old_password_good(
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    made: Callable[..., Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = made(RANDOM, KEYRING)
    old = passwords.show(store, vault, record)
    monkeypatch.setattr(keyring, "set_password", lambda *_: None)

    with pytest.raises(VaultError, match="did not store"):
        passwords.change(store, vault, record, new=NEW)

    assert store.get(record.id) == record
    assert passwords.show(store, vault, record) == old
    assert passwords.open_key(store, vault, record)


def test_forgetting_needs_proof_and_is_refused_where_only_the_keyring_can_open_the_key(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, made: Callable[..., Record]
) -> None:
    record = made(TYPED, KEYRING)
    with pytest.raises(PasswordError):
        passwords.forget(store, vault, record, password=NEW)
    forgotten = passwords.forget(store, vault, record, password=OLD)

    assert forgotten.custody.protection == PROMPT
    assert keyring.kept == {}
    with pytest.raises(StateError, match="Only the keyring"):
        passwords.forget(store, vault, made(NONE, KEYRING), password=OLD)
    with pytest.raises(StateError, match="has no password"):
        passwords.forget(store, vault, forgotten, password=OLD)


@pytest.mark.parametrize(("password", "protection"), [(TYPED, PROMPT), (NONE, KEYRING), (NONE, UNPROTECTED)])
def test_there_is_nothing_to_show_where_nothing_of_its_own_is_kept(
    store: RecordStore, vault: Vault, made: Callable[..., Record], password: PasswordChoice, protection: Protection
) -> None:
    with pytest.raises(StateError):
        passwords.show(store, vault, made(password, protection))


def test_a_draft_keeps_its_choice_and_no_password(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, draft: Callable[..., Record]
) -> None:
    changed = passwords.protect(store, vault, draft(), PROMPT)

    assert changed.custody.words == (TYPED, PROMPT)
    assert keyring.kept == {}
    with pytest.raises(StateError, match="has no key yet"):
        passwords.show(store, vault, changed)
