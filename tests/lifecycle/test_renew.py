"""Renewing: from the original request, with a new key or the very same one, in crash-safe order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core import csr
from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody, PasswordChoice, Protection
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, identity, kinds
from csr_tui.core.record import KeySpec, Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError, StateError
from csr_tui.lifecycle import drafts, existing_key, generate, passwords, recovery
from csr_tui.lifecycle.tencent import submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

SECRET = Secret("correct horse battery staple")
OTHER = Secret("another strong battery, no horse")
RANDOM, TYPED, NONE = PASSWORD_CHOICES
KEYRING, PROMPT, UNPROTECTED = PROTECTIONS


class Stopped(BaseException):
    """What a kill is to the code that it passes through."""


@pytest.fixture
def made(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    """A generated record under this choice."""

    def make(password: PasswordChoice = RANDOM, protection: Protection = KEYRING, **fields: object) -> Record:
        typed = SECRET if password == TYPED else None
        return generate.generate(store, vault, draft(**fields), Custody.of(password, protection), password=typed)

    return make


def again(
    store: RecordStore,
    vault: Vault,
    old: Record,
    *,
    password: Secret | None = None,
    reached: Callable[[str], None] = lambda _: None,
) -> Record:
    """Renew with the same key, and generate with the choice that the draft has."""
    renewal = drafts.renew(store, old, same_key=True)
    opened = existing_key.of_record(store, vault, old, password)
    return generate.generate(store, vault, renewal, renewal.custody.choose(), existing=opened, reached=reached)


def test_a_renewal_asks_for_what_was_asked_for_with_a_new_key(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made(names=("example.com",), remark="ours")

    renewal = drafts.renew(store, old)
    done = generate.generate(store, vault, renewal, Custody.RANDOM_KEYRING)

    asked = ("subject", "names", "key", "purpose", "remark", "tags", "custody")
    assert [getattr(renewal, field) for field in asked] == [getattr(old, field) for field in asked]
    assert (renewal.state, renewal.csr, renewal.has_key) == (State.DRAFT, None, False)
    assert done.key_fingerprint != old.key_fingerprint


def test_both_records_know_of_each_other(store: RecordStore, made: Callable[..., Record]) -> None:
    old = made()

    first, second, copied = drafts.renew(store, old), drafts.renew(store, old), drafts.copy(store, old)

    assert (first.lineage.renews, copied.lineage.copied_from) == (old.id, old.id)
    assert sorted(store.get(old.id).lineage.renewed_by) == sorted([first.id, second.id])
    assert store.get(old.id).lineage.copies == (copied.id,)
    assert {one.id: one.lineage for one in store.page()}[old.id] == store.get(old.id).lineage


def test_a_draft_is_not_renewed_nor_a_key_that_is_elsewhere_used_again(
    store: RecordStore, draft: Callable[..., Record], made: Callable[..., Record]
) -> None:
    with pytest.raises(StateError, match="is not generated"):
        drafts.renew(store, draft())
    with pytest.raises(StateError, match="not on this machine"):
        drafts.renew(store, replace(made(), has_key=False), same_key=True)


@pytest.mark.parametrize(
    ("password", "protection"),
    [(RANDOM, KEYRING), (TYPED, KEYRING), (TYPED, PROMPT), (NONE, KEYRING), (NONE, UNPROTECTED)],
)
def test_the_same_key_is_kept_once_more_under_a_lock_of_its_own(
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    made: Callable[..., Record],
    password: PasswordChoice,
    protection: Protection,
) -> None:
    old = made(password, protection)
    known = SECRET if password == TYPED else None

    done = again(store, vault, old, password=known)

    assert (done.key_fingerprint, done.id != old.id) == (old.key_fingerprint, True)
    assert done.custody.words == (password, protection)
    assert csr.read(done.csr or "").fingerprint == old.key_fingerprint
    assert len(keyring.kept) == 2 * (protection == KEYRING)
    assert done.secret_ref is None or done.secret_ref != old.secret_ref
    for record in (old, done):
        assert identity.fingerprint(passwords.open_key(store, vault, record, known)) == old.key_fingerprint
    recovery.purge(store, vault, store.trash(old.id))
    assert identity.fingerprint(passwords.open_key(store, vault, done, known)) == old.key_fingerprint


def test_the_same_key_may_have_another_password(store: RecordStore, vault: Vault, made: Callable[..., Record]) -> None:
    old = made(TYPED, PROMPT)

    renewal = drafts.renew(store, old, same_key=True)
    opened = existing_key.of_record(store, vault, old, SECRET)
    done = generate.generate(store, vault, renewal, Custody.TYPED_PROMPT, password=OTHER, existing=opened)

    assert passwords.open_key(store, vault, done, OTHER)
    with pytest.raises(PasswordError):
        passwords.open_key(store, vault, done, SECRET)


def test_a_random_password_never_becomes_one_that_the_person_is_to_know(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    renewal = drafts.renew(store, old, same_key=True)

    with pytest.raises(PasswordError, match="a password of your own"):
        generate.generate(
            store, vault, renewal, Custody.TYPED_PROMPT, existing=existing_key.of_record(store, vault, old)
        )


def test_a_wrong_password_opens_nothing(store: RecordStore, vault: Vault, made: Callable[..., Record]) -> None:
    old = made(TYPED, PROMPT)

    with pytest.raises(PasswordError):
        existing_key.of_record(store, vault, old, OTHER)
    with pytest.raises(PasswordError, match="hold the password"):
        existing_key.of_record(store, vault, old)


def test_without_that_key_a_renewal_with_the_same_key_gets_no_other(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    renewal = drafts.renew(store, made(), same_key=True)

    with pytest.raises(StateError, match="must be decrypted first"):
        generate.generate(store, vault, renewal, Custody.RANDOM_KEYRING)
    with pytest.raises(StateError, match="Tencent Cloud generates a new one"):
        submit.check(renewal)


def test_another_kind_of_key_in_the_draft_is_an_error_in_its_field(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    renewal = store.save(replace(drafts.renew(store, old, same_key=True), key=KeySpec("RSA", "2048")))

    with pytest.raises(InvalidError, match="ECC P-256") as caught:
        generate.generate(
            store, vault, renewal, Custody.RANDOM_KEYRING, existing=existing_key.of_record(store, vault, old)
        )

    assert caught.value.field == "key_parameter"
    assert store.unfinished() == ()


@pytest.mark.parametrize("point", ["intent", "password kept", "key made", "CSR proved"])
def test_stopped_at_any_point_the_draft_and_the_old_record_are_as_they_were(
    point: str, store: RecordStore, vault: Vault, keyring: MemoryKeyring, made: Callable[..., Record]
) -> None:
    old = made()
    before = dict(keyring.kept)

    def reached(label: str) -> None:
        if label == point:
            raise Stopped

    with pytest.raises(Stopped):
        again(store, vault, old, reached=reached)

    (renewal,) = store.get(old.id).lineage.renewed_by
    assert store.get(renewal).state is State.DRAFT
    assert keyring.kept == before
    assert (store.unfinished(), store.orphaned_secrets()) == ((), ())
    assert identity.fingerprint(passwords.open_key(store, vault, old)) == old.key_fingerprint


def test_a_record_whose_key_a_draft_waits_for_is_not_purged(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    renewal = drafts.renew(store, old, same_key=True)

    with pytest.raises(StateError, match=renewal.id):
        recovery.purge(store, vault, old)

    recovery.purge(store, vault, renewal)
    recovery.purge(store, vault, store.get(old.id))
    assert store.count() == 0


def test_what_is_purged_leaves_no_trace_in_the_lineage_of_others(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    renewal = drafts.renew(store, old)
    copied = drafts.copy(store, renewal)

    recovery.purge(store, vault, old)
    recovery.purge(store, vault, copied)

    assert store.get(renewal.id).lineage == replace(renewal.lineage, renews=None)


def test_a_copy_of_a_record_that_is_gone_meanwhile_is_kept_without_its_origin(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    recovery.purge(store, vault, old)

    assert drafts.copy(store, old).lineage.copied_from is None


def test_the_age_of_a_key_goes_back_to_its_first_record(
    store: RecordStore, vault: Vault, made: Callable[..., Record]
) -> None:
    old = made()
    second = again(store, vault, old)

    third = drafts.renew(store, second, same_key=True)

    assert drafts.first_with_key(store, third) == drafts.first_with_key(store, second) == store.get(old.id)
    assert drafts.first_with_key(store, drafts.renew(store, second)) is None


def test_a_clear_file_makes_nobody_hold_a_password(store: RecordStore) -> None:
    key = kinds.generate(KeySpec("ECC", "prime256v1"))

    assert existing_key.from_file(store, encryption.to_plain_pem(key).encode(), SECRET).password is None
    assert (
        existing_key.from_file(store, encryption.encrypt(key, SECRET, typed=False).encode(), SECRET).password == SECRET
    )
