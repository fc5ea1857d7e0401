"""Submitting to a real sandbox over real sockets: what is kept there and here, and what is refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import (
    LOSE_REQUEST,
    SUBJECT,
    Line,
    client_of,
    record,
    refusal,
    remote_rows,
)

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import identity
from csr_tui.core.record import KeySpec, Origin, Purpose, Record, State, Tag
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage
from csr_tui.errors import Hint, RefusedError, StateError, UnknownOutcomeError, UnreachableError, VaultError
from csr_tui.lifecycle import exporting, generate, passwords
from csr_tui.lifecycle.exporting import ExportRequest
from csr_tui.lifecycle.tencent import account_requests, submit, submit_many
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.tencent.client import Client
    from csr_tui.vault import Vault

TYPED = Secret("correct horse battery staple")
RANDOM = SubmitOptions(Custody.RANDOM_KEYRING)
DRAFT_ONLY = SubmitOptions(Custody.RANDOM_KEYRING, draft_only=True)


def test_a_submitted_record_comes_home_with_its_csr_and_its_key(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    draft = store.add(record(tags=(Tag("team", "web"),)))

    done = submit.submit(store, vault, client, draft, RANDOM)

    assert (done.state, done.origin, done.has_key) == (State.GENERATED, Origin.TENCENT, True)
    assert done.submission is not None
    assert (done.submission.stage, done.submission.status) == (Stage.CONFIRMED, 1)
    assert csr.differences(done, csr.read(done.csr or "")) == ()
    assert identity.fingerprint(passwords.open_key(store, vault, done)) == done.key_fingerprint
    assert "ENCRYPTED" in (store.key_pem(done.id) or "")
    assert list(keyring.kept) == [done.secret_ref]
    assert remote_rows(client) == [(done.submission.csr_id, "mine", 1)]
    assert client.describe(done.submission.csr_id or 0).key_password == vault.get(done.secret_ref or "")
    assert line.applied["CreateCSR"] == line.applied["ModifyCSR"] == 1
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert store.journal.unsettled() == ()


@pytest.mark.parametrize(
    ("choice", "password"),
    [
        (Custody.TYPED_KEYRING, TYPED),
        (Custody.TYPED_PROMPT, TYPED),
        (Custody.NONE_KEYRING, None),
        (Custody.NONE_UNPROTECTED, None),
    ],
)
def test_the_key_is_kept_as_it_was_asked_for(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, choice: Custody, password: Secret | None
) -> None:
    done = submit.submit(store, vault, client, store.add(record()), SubmitOptions(choice, password))

    pem = store.key_pem(done.id) or ""
    there = client.describe(done.submission.csr_id if done.submission and done.submission.csr_id else 0)
    assert done.custody.words == choice.words
    assert ("ENCRYPTED" in pem) == (choice.protection != "unprotected")
    assert there.key_password == password
    assert len(keyring.kept) == (choice.in_keyring)
    assert identity.fingerprint(passwords.open_key(store, vault, done, password)) == done.key_fingerprint


def test_what_tencent_left_out_is_told_and_a_key_that_stayed_there_is_keyless(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, tmp_path: Path
) -> None:
    with Sandbox(quirks=True) as quirky:
        done = submit.submit(store, vault, client_of(quirky), store.add(record(key=KeySpec("RSA", "2048"))), RANDOM)

    told = {one.field: (one.asked, one.got) for one in csr.differences(done, csr.read(done.csr or ""))}
    assert told == {
        "department": ("IT", ""),
        "email": ("pki@example.com", ""),
        "sans": ("www.example.com", ""),
        "signature": ("SHA-256", "SHA-1"),
    }
    assert "\r" not in (done.csr or "")
    assert not done.has_key
    assert passwords.show(store, vault, done) == Secret(keyring.kept[done.secret_ref or ""])
    with pytest.raises(StateError, match="not on this machine"):
        exporting.export(store, vault, done, ExportRequest(tmp_path))


def test_a_keyless_record_without_a_password_leaves_nothing_in_the_keyring(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    with Sandbox(quirks=True) as quirky:
        none = SubmitOptions(Custody.NONE_KEYRING)
        done = submit.submit(store, vault, client_of(quirky), store.add(record()), none)

    assert (done.has_key, done.secret_ref, keyring.kept) == (False, None, {})


def test_a_draft_there_can_be_edited_here_and_there_and_finalised_later(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    assert created.submission is not None
    assert (created.state, created.submission.stage, keyring.kept) == (State.DRAFT, Stage.CREATED, {})
    csr_id = created.submission.csr_id or 0

    edited = store.save(replace(created, subject=replace(SUBJECT, city="Zhuzhou")))
    updated = submit.submit(store, vault, client, edited, DRAFT_ONLY)
    assert client.describe(csr_id).subject.city == "Zhuzhou"
    assert created.submission.marker in client.describe(csr_id).remark

    done = submit.submit(store, vault, client, store.save(replace(updated, remark="final")), RANDOM)

    assert done.submission is not None
    assert (done.submission.csr_id, done.state) == (csr_id, State.GENERATED)
    assert remote_rows(client) == [(csr_id, "final", 1)]
    assert line.applied["CreateCSR"] == 1


def test_a_tied_draft_is_not_generated_here_until_it_is_detached(
    store: RecordStore, vault: Vault, client: Client
) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)

    with pytest.raises(StateError) as refused:
        generate.generate(store, vault, created, Custody.RANDOM_KEYRING)
    with pytest.raises(StateError) as kept:
        store.purge(store.trash(created.id).id)
    assert [refused.value.hint, kept.value.hint] == [Hint.SUBMIT_OR_DETACH, Hint.DETACH]
    free = submit.detach(store, None, store.restore(created.id))

    assert free.submission is None
    assert len(remote_rows(client)) == 1
    assert generate.generate(store, vault, free, Custody.RANDOM_KEYRING).origin is Origin.LOCAL


def test_detaching_can_delete_the_draft_there(store: RecordStore, vault: Vault, client: Client) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)

    submit.detach(store, client, created)

    assert remote_rows(client) == []
    with pytest.raises(StateError):
        submit.detach(store, client, store.get(created.id))


def test_a_draft_that_was_generated_there_meanwhile_is_fetched(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    there = replace(created, subject=replace(SUBJECT, city="Zhuzhou"))
    assert created.submission is not None
    client.modify(created.submission.csr_id or 0, there, remark="x", generate=True)

    done = submit.submit(store, vault, client, created, RANDOM)

    assert line.applied["ModifyCSR"] == 1
    assert [(one.field, one.got) for one in csr.differences(done, csr.read(done.csr or ""))] == [("city", "Zhuzhou")]
    assert passwords.open_key(store, vault, done)


def test_a_stranger_under_our_id_is_not_finalised(store: RecordStore, vault: Vault, client: Client) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    stranger = replace(created, subject=replace(SUBJECT, domain="other.example.org"))
    assert created.submission is not None
    client.modify(created.submission.csr_id or 0, stranger, remark="theirs")

    with pytest.raises(StateError, match="not the draft"):
        submit.submit(store, vault, client, created, RANDOM)

    assert [status for _, _, status in remote_rows(client)] == [0]


@pytest.mark.parametrize(
    ("asked", "field", "way_out"),
    [
        (record(names=("example.com",)), "sans", "generate here"),
        (record(key=KeySpec("ECC", "secp384r1")), "key_parameter", "generate here"),
        (record(key=KeySpec("ED25519", "ed25519"), purpose=Purpose.PRIVATE), "key_parameter", "generate here"),
        *(
            (record(subject=replace(SUBJECT, **{field: ""})), field, "nter ")
            for field in ("domain", "organization", "department", "email", "province", "city", "country")
        ),
    ],
)
def test_what_the_api_cannot_carry_is_refused_before_anything_is_sent(
    store: RecordStore, vault: Vault, client: Client, line: Line, asked: Record, field: str, way_out: str
) -> None:
    draft = store.add(asked)

    with pytest.raises(InvalidError) as refused:
        submit.submit(store, vault, client, draft, RANDOM)

    assert refused.value.field == field
    assert way_out in str(refused.value)
    assert (sum(line.calls.values()), store.get(draft.id)) == (0, draft)


def test_after_a_refusal_it_is_a_draft_still_and_can_be_submitted(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, sandbox: Sandbox
) -> None:
    draft = store.add(record())

    with pytest.raises(RefusedError) as refused:
        submit.submit(store, vault, client_of(sandbox, secret_id="AKIDelsewhere"), draft, RANDOM)

    after = store.get(draft.id)
    assert after.submission is not None
    assert (refused.value.code, after.state) == ("AuthFailure.SecretIdNotFound", State.DRAFT)
    assert (after.submission.stage, after.submission.csr_id, after.has_remote_draft) == (Stage.REFUSED, None, False)
    assert after.submission.request_id == refused.value.request_id
    assert keyring.kept == {}
    assert submit.submit(store, vault, client, after, RANDOM).state is State.GENERATED
    assert len(remote_rows(client)) == 1


def test_where_nobody_answers_nothing_happened(store: RecordStore, vault: Vault, keyring: MemoryKeyring) -> None:
    with Sandbox() as gone:
        nobody = client_of(gone)
    draft = store.add(record())

    with pytest.raises(UnreachableError):
        submit.submit(store, vault, nobody, draft, RANDOM)

    assert (store.get(draft.id).has_remote_draft, keyring.kept) == (False, {})
    assert generate.generate(store, vault, store.get(draft.id), Custody.RANDOM_KEYRING).state is State.GENERATED


def test_a_refused_finalising_leaves_the_draft_there_and_no_password(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    draft = store.add(record())
    line.plan["ModifyCSR"] = [refusal("FailedOperation.CAMAuthorizedFail")]

    with pytest.raises(RefusedError):
        submit.submit(store, vault, client, draft, RANDOM)

    after = store.get(draft.id)
    assert after.submission is not None
    assert (after.submission.stage, after.has_remote_draft, keyring.kept) == (Stage.REFUSED, True, {})
    assert "has no permission for that" in after.submission.message
    assert submit.submit(store, vault, client, after, RANDOM).state is State.GENERATED
    assert len(remote_rows(client)) == 1


def test_without_a_keyring_nothing_is_sent(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    keyring.broken = True
    draft = store.add(record())

    with pytest.raises(VaultError):
        submit.submit(store, vault, client, draft, RANDOM)

    assert sum(line.calls.values()) == 0
    assert store.get(draft.id).submission is None


def test_a_generated_record_is_never_submitted_again(store: RecordStore, vault: Vault, client: Client) -> None:
    done = submit.submit(store, vault, client, store.add(record()), RANDOM)

    with pytest.raises(StateError, match="cannot be modified"):
        submit.submit(store, vault, client, done, RANDOM)


def test_a_remote_draft_and_a_generated_record_are_adopted_once(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client
) -> None:
    made = client.create(record(), remark="by hand").csr_id
    final = client.create(record(), remark="final").csr_id
    client.modify(final, record(), remark="final", generate=True, password=Secret("theirs"))

    draft = account_requests.adopt(store, vault, client, made, Custody.RANDOM_KEYRING)
    done = account_requests.adopt(store, vault, client, final, Custody.RANDOM_KEYRING)

    assert (draft.state, draft.subject, draft.remark, draft.has_remote_draft) == (State.DRAFT, SUBJECT, "by hand", True)
    assert (done.state, done.origin, done.has_key, done.remark) == (State.GENERATED, Origin.TENCENT, True, "final")
    assert passwords.open_key(store, vault, done)
    assert list(keyring.kept) == [done.secret_ref]
    with pytest.raises(StateError, match="already here"):
        account_requests.adopt(store, vault, client, made, Custody.RANDOM_KEYRING)
    listing = account_requests.page(store, client, 0, 1)
    assert (listing.total, listing.rows[0].record_id) == (2, done.id)
    assert submit.submit(store, vault, client, draft, RANDOM).state is State.GENERATED


def test_many_records_each_get_their_own_result_and_going_on_passes_over_what_is_done(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    drafts = [store.add(record(subject=replace(SUBJECT, domain=f"n{n}.example.com"))) for n in range(6)]
    drafts[2] = store.save(replace(drafts[2], names=("b.example.com",)))
    line.plan["CreateCSR"] = [LOSE_REQUEST]
    seen: list[submit_many.SubmitResult] = []

    def one(draft: Record) -> Record:
        return submit.submit(store, vault, client, draft, RANDOM)

    ended = submit_many.submit_all(drafts, one, ended=seen.append)

    assert [each.before.id for each in ended] == [draft.id for draft in drafts]
    assert len(seen) == 6
    assert isinstance(ended[2].error, InvalidError)
    assert sum(isinstance(each.error, UnknownOutcomeError) for each in ended) == 1
    assert sum(each.after is not None for each in ended) == 4
    again = submit_many.submit_all([store.get(draft.id) for draft in drafts], one)
    assert sum(each.after is not None for each in again) == 4
    assert line.applied["CreateCSR"] == 4


def test_many_stop_where_they_are_told_to_and_begin_nothing_more(store: RecordStore) -> None:
    stop = threading.Event()
    begun: list[str] = []

    def one(draft: Record) -> Record:
        begun.append(draft.id)
        stop.set()
        return draft

    ended = submit_many.submit_all([record() for _ in range(50)], one, stop=stop, at_once=1)

    assert len(begun) == 1
    assert sum(each.after is None and each.error is None for each in ended) == 49


def test_a_fault_in_one_of_many_is_not_swallowed() -> None:
    def one(_: Record) -> Record:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_many.submit_all([record()], one)
