"""Submitting to a real sandbox over real sockets: what is kept, what is refused, and what a lost reply leaves."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lifecycle.cloud import (
    DELAY,
    LOSE_REPLY,
    LOSE_REQUEST,
    SUBJECT,
    Clock,
    Line,
    client_of,
    record,
    refusal,
    remote_rows,
)

from csr_tui.core import csr, keys
from csr_tui.core.record import KeySpec, Origin, PasswordChoice, Protection, Record, State, Subject, Tag
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage
from csr_tui.errors import (
    InvalidError,
    PasswordError,
    RefusedError,
    StateError,
    UnknownOutcomeError,
    UnreachableError,
    VaultError,
)
from csr_tui.lifecycle import exporting, generate, passwords, reconcile, recovery, remote, submit, submit_many
from csr_tui.lifecycle.locks import Choice
from csr_tui.lifecycle.submit import WAIT, Wish
from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support import MemoryKeyring

    from csr_tui.tencent.client import Client
    from csr_tui.vault import Vault

TYPED = Secret("correct horse battery staple")
RANDOM = Wish(Choice())
DRAFT_ONLY = Wish(Choice(), draft_only=True)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def sandbox(line: Line) -> Iterator[Sandbox]:
    with Sandbox(deliver=line) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return client_of(sandbox)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[RecordStore]:
    with RecordStore(tmp_path / "data" / "records.db", clock=clock) as store:
        yield store


# All goes well


def test_a_submitted_record_comes_home_with_its_csr_and_its_key(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    draft = store.add(record(tags=(Tag("team", "web"),)))

    done = submit.submit(store, vault, client, draft, RANDOM)

    assert (done.state, done.origin, done.has_key) == (State.GENERATED, Origin.TENCENT, True)
    assert done.submission is not None
    assert (done.submission.stage, done.submission.status) == (Stage.CONFIRMED, 1)
    assert csr.differences(done, csr.read(done.csr or "")) == ()
    assert keys.fingerprint(passwords.open_key(store, vault, done)) == done.key_fingerprint
    assert "ENCRYPTED" in (store.key_pem(done.id) or "")
    assert list(keyring.kept) == [done.secret_ref]
    assert remote_rows(client) == [(done.submission.csr_id, "mine", 1)]
    assert client.describe(done.submission.csr_id or 0).key_password == vault.get(done.secret_ref or "")
    assert line.applied["CreateCSR"] == line.applied["ModifyCSR"] == 1
    assert store.unfinished() == store.doomed() == store.journal.open() == ()


@pytest.mark.parametrize(
    ("choice", "password"),
    [
        (Choice(PasswordChoice.TYPED, Protection.KEYRING), TYPED),
        (Choice(PasswordChoice.TYPED, Protection.PROMPT), TYPED),
        (Choice(PasswordChoice.NONE, Protection.KEYRING), None),
        (Choice(PasswordChoice.NONE, Protection.UNPROTECTED), None),
    ],
)
def test_the_key_is_kept_as_it_was_asked_for(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, choice: Choice, password: Secret | None
) -> None:
    done = submit.submit(store, vault, client, store.add(record()), Wish(choice, password))

    pem = store.key_pem(done.id) or ""
    there = client.describe(done.submission.csr_id if done.submission and done.submission.csr_id else 0)
    assert (done.password_choice, done.protection) == (choice.password, choice.protection)
    assert ("ENCRYPTED" in pem) == (choice.protection is not Protection.UNPROTECTED)
    assert there.key_password == password
    assert len(keyring.kept) == (choice.protection is Protection.KEYRING)
    assert keys.fingerprint(passwords.open_key(store, vault, done, password)) == done.key_fingerprint


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
        exporting.export(store, vault, done, tmp_path)


def test_a_keyless_record_without_a_password_leaves_nothing_in_the_keyring(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    with Sandbox(quirks=True) as quirky:
        none = Wish(Choice(PasswordChoice.NONE, Protection.KEYRING))
        done = submit.submit(store, vault, client_of(quirky), store.add(record()), none)

    assert (done.has_key, done.secret_ref, keyring.kept) == (False, None, {})


# Drafts there


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

    with pytest.raises(StateError, match="detach"):
        generate.generate(store, vault, created, Choice())
    with pytest.raises(StateError, match="detach"):
        store.purge(store.trash(created.id).id)
    free = submit.detach(store, None, store.restore(created.id))

    assert free.submission is None
    assert len(remote_rows(client)) == 1
    assert generate.generate(store, vault, free, Choice()).origin is Origin.LOCAL


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
    client.modify(created.submission.csr_id or 0, there, remark="x", generate=True)  # type: ignore[union-attr]

    done = submit.submit(store, vault, client, created, RANDOM)

    assert line.applied["ModifyCSR"] == 1
    assert [(one.field, one.got) for one in csr.differences(done, csr.read(done.csr or ""))] == [("city", "Zhuzhou")]
    assert passwords.open_key(store, vault, done)


def test_a_stranger_under_our_id_is_not_finalised(store: RecordStore, vault: Vault, client: Client) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    stranger = replace(created, subject=replace(SUBJECT, domain="other.example.org"))
    client.modify(created.submission.csr_id or 0, stranger, remark="theirs")  # type: ignore[union-attr]

    with pytest.raises(StateError, match="not the draft"):
        submit.submit(store, vault, client, created, RANDOM)

    assert [status for _, _, status in remote_rows(client)] == [0]


# Refused


@pytest.mark.parametrize(
    ("fields", "field", "way_out"),
    [
        ({"names": ("example.com",)}, "sans", "generate here"),
        ({"key": KeySpec("ECC", "secp384r1")}, "key_parameter", "generate here"),
        ({"key": KeySpec("ED25519", "ed25519"), "purpose": "private"}, "key_parameter", "generate here"),
        *(
            ({"subject": replace(SUBJECT, **{field: ""})}, field, "ype")
            for field in ("domain", "organization", "department", "email", "province", "city", "country")
        ),
    ],
)
def test_what_the_api_cannot_carry_is_refused_before_anything_is_sent(
    store: RecordStore, vault: Vault, client: Client, line: Line, fields: dict[str, object], field: str, way_out: str
) -> None:
    draft = store.add(record(**fields))

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
    assert (after.submission.stage, after.submission.csr_id, after.tied) == (Stage.REFUSED, None, False)
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

    assert (store.get(draft.id).tied, keyring.kept) == (False, {})
    assert generate.generate(store, vault, store.get(draft.id), Choice()).state is State.GENERATED


def test_a_refused_finalising_leaves_the_draft_there_and_no_password(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    draft = store.add(record())
    line.plan["ModifyCSR"] = [refusal("FailedOperation.CAMAuthorizedFail")]

    with pytest.raises(RefusedError):
        submit.submit(store, vault, client, draft, RANDOM)

    after = store.get(draft.id)
    assert after.submission is not None
    assert (after.submission.stage, after.tied, keyring.kept) == (Stage.REFUSED, True, {})
    assert "may not do that" in after.submission.message
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

    with pytest.raises(StateError, match="never be modified"):
        submit.submit(store, vault, client, done, RANDOM)


# Lost


def lose(line: Line, action: str, fate: str, store: RecordStore, vault: Vault, client: Client) -> Record:
    """A submission whose call of this action meets this fate."""
    draft = store.add(record())
    line.plan[action] = [fate]
    with pytest.raises(UnknownOutcomeError, match="csr-tui reconcile"):
        submit.submit(store, vault, client, draft, RANDOM)
    lost = store.get(draft.id)
    assert lost.submission is not None
    assert lost.submission.stage is Stage.UNKNOWN
    return lost


def test_a_lost_reply_of_creating_is_found_by_its_marker(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    lost = lose(line, "CreateCSR", LOSE_REPLY, store, vault, client)
    assert keyring.kept == {}
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, lost, RANDOM)
    assert line.calls["CreateCSR"] == 1

    (settled,) = reconcile.reconcile(store, vault, client)

    assert settled.error is None
    assert settled.record.submission is not None
    assert settled.record.submission.stage is Stage.CREATED
    done = submit.submit(store, vault, client, settled.record, RANDOM)
    assert remote_rows(client) == [(done.submission.csr_id, "mine", 1)]  # type: ignore[union-attr]
    assert line.calls["CreateCSR"] == 1


def test_a_lost_reply_of_finalising_is_settled_by_its_id_with_the_password_that_was_sent(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line
) -> None:
    lost = lose(line, "ModifyCSR", LOSE_REPLY, store, vault, client)
    assert lost.submission is not None
    assert list(keyring.kept) == [lost.submission.secret_ref]
    assert recovery.recover(store, vault) == ()
    assert list(keyring.kept) == [lost.submission.secret_ref]

    (settled,) = reconcile.reconcile(store, vault, client)

    assert (settled.error, settled.record.state) == (None, State.GENERATED)
    assert keys.fingerprint(passwords.open_key(store, vault, settled.record)) == settled.record.key_fingerprint
    assert list(keyring.kept) == [settled.record.secret_ref]
    assert line.calls["ModifyCSR"] == 1


def test_what_never_arrived_is_sent_again_only_by_a_person_and_only_after_the_wait(
    store: RecordStore, vault: Vault, client: Client, line: Line, clock: Clock
) -> None:
    lost = lose(line, "CreateCSR", LOSE_REQUEST, store, vault, client)
    again = replace(RANDOM, send_again=True)

    (settled,) = reconcile.reconcile(store, vault, client)
    assert isinstance(settled.error, UnknownOutcomeError)
    assert "may still arrive" in settled.sentence
    for wish in (RANDOM, again):
        with pytest.raises(UnknownOutcomeError):
            submit.submit(store, vault, client, store.get(lost.id), wish)
    with pytest.raises(UnknownOutcomeError):
        submit.detach(store, None, store.get(lost.id))

    clock.ahead = WAIT + timedelta(seconds=1)
    with pytest.raises(UnknownOutcomeError):  # nobody has looked since
        submit.submit(store, vault, client, store.get(lost.id), again)
    (settled,) = reconcile.reconcile(store, vault, client)
    assert "--send-again" in settled.sentence
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, store.get(lost.id), RANDOM)
    done = submit.submit(store, vault, client, store.get(lost.id), again)

    assert done.state is State.GENERATED
    assert len(remote_rows(client)) == 1


def test_what_arrives_late_is_found_late_and_not_doubled(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    lose(line, "CreateCSR", DELAY, store, vault, client)
    assert reconcile.reconcile(store, vault, client)[0].error is not None

    line.deliver_late()

    (settled,) = reconcile.reconcile(store, vault, client)
    assert settled.error is None
    assert len(remote_rows(client)) == 1


def test_a_finalising_that_never_arrived_is_a_draft_there_again_after_the_wait(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client, line: Line, clock: Clock
) -> None:
    lose(line, "ModifyCSR", LOSE_REQUEST, store, vault, client)
    (settled,) = reconcile.reconcile(store, vault, client)
    assert "not generated yet" in str(settled.error)

    clock.ahead = WAIT + timedelta(seconds=1)
    (settled,) = reconcile.reconcile(store, vault, client)

    assert settled.record.submission is not None
    assert settled.record.submission.stage is Stage.CREATED
    sent_before = dict(keyring.kept)
    done = submit.submit(store, vault, client, settled.record, RANDOM)
    assert keyring.kept == sent_before
    assert passwords.open_key(store, vault, done)


def test_a_finalising_that_arrives_after_the_wait_opens_with_the_password_that_was_sent(
    store: RecordStore, vault: Vault, client: Client, line: Line, clock: Clock
) -> None:
    lost = lose(line, "ModifyCSR", DELAY, store, vault, client)
    clock.ahead = WAIT + timedelta(seconds=1)
    reconcile.reconcile(store, vault, client)

    line.deliver_late()

    done = submit.submit(store, vault, client, store.get(lost.id), RANDOM)
    assert passwords.open_key(store, vault, done)
    assert line.applied["ModifyCSR"] == 0


def test_the_request_cannot_be_edited_while_its_outcome_is_open_but_its_notes_can(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    lost = lose(line, "ModifyCSR", LOSE_REPLY, store, vault, client)

    with pytest.raises(StateError, match="Tencent Cloud; csr-tui reconcile"):
        store.save(replace(lost, subject=Subject("other.example.com")))
    noted = store.save(replace(lost, remark="noted"))

    (settled,) = reconcile.reconcile(store, vault, client)
    assert (noted.remark, settled.record.remark, settled.record.state) == ("noted", "noted", State.GENERATED)


def test_a_result_that_cannot_be_read_back_is_fetched_by_reconciling(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    lose(line, "DescribeCSR", "", store, vault, client_that_cannot_read_back(client, line))

    (settled,) = reconcile.reconcile(store, vault, client)

    assert settled.record.state is State.GENERATED


def client_that_cannot_read_back(client: Client, line: Line) -> Client:
    """The first look at the draft succeeds, every one after it is lost."""
    line.plan["DescribeCSR"] = [""]

    class Deaf(type(client)):  # type: ignore[misc]
        def modify(self, *arguments: object, **options: object) -> object:
            done = client.modify(*arguments, **options)  # type: ignore[arg-type]
            line.plan["DescribeCSR"] = [LOSE_REPLY] * 4
            return done

        def __init__(self) -> None:
            self.__dict__.update(client.__dict__)

    return Deaf()


def test_several_matches_are_all_told_and_the_extra_ones_can_be_deleted(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    lost = lose(line, "CreateCSR", LOSE_REPLY, store, vault, client)
    assert lost.submission is not None
    twin = client.create(lost, remark=submit.marked(lost, lost.submission)).csr_id

    (settled,) = reconcile.reconcile(store, vault, client)

    assert [item.csr_id for item in settled.extras] == [twin]
    assert str(twin) in settled.sentence
    assert remote.delete(store, client, (twin,)) == ((twin,), ())
    assert [row[0] for row in remote_rows(client)] == [settled.record.submission.csr_id]  # type: ignore[union-attr]


def test_another_account_and_another_endpoint_settle_nothing(
    store: RecordStore, vault: Vault, client: Client, sandbox: Sandbox, line: Line
) -> None:
    lost = lose(line, "CreateCSR", LOSE_REPLY, store, vault, client)

    with Sandbox(secret_id=sandbox.secret_id, secret_key=sandbox.secret_key) as elsewhere:
        for other in (client_of(sandbox, secret_id="AKIDother"), client_of(elsewhere)):
            (settled,) = reconcile.reconcile(store, vault, other)
            assert isinstance(settled.error, StateError)

    assert store.get(lost.id) == lost


def test_a_password_that_the_person_holds_is_asked_for_only_where_it_is_needed(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    line.plan["ModifyCSR"] = [LOSE_REPLY]
    draft = store.add(record())
    wish = Wish(Choice(PasswordChoice.TYPED, Protection.PROMPT), TYPED)
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, draft, wish)

    silent = type("Silent", (type(client),), {"describe": lambda _, n: replace(client.describe(n), key_password=None)})
    mute = silent.__new__(silent)
    mute.__dict__.update(client.__dict__)
    (settled,) = reconcile.reconcile(store, vault, mute)
    assert isinstance(settled.error, PasswordError)

    (settled,) = reconcile.reconcile(store, vault, mute, ask=lambda _: TYPED)

    assert settled.record.protection is Protection.PROMPT
    assert passwords.open_key(store, vault, settled.record, TYPED)


# The account's own list


def test_a_remote_draft_and_a_generated_record_are_adopted_once(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, client: Client
) -> None:
    made = client.create(record(), remark="by hand").csr_id
    final = client.create(record(), remark="final").csr_id
    client.modify(final, record(), remark="final", generate=True, password=Secret("theirs"))

    draft = remote.adopt(store, vault, client, made, Choice())
    done = remote.adopt(store, vault, client, final, Choice())

    assert (draft.state, draft.subject, draft.remark, draft.tied) == (State.DRAFT, SUBJECT, "by hand", True)
    assert (done.state, done.origin, done.has_key, done.remark) == (State.GENERATED, Origin.TENCENT, True, "final")
    assert passwords.open_key(store, vault, done)
    assert list(keyring.kept) == [done.secret_ref]
    with pytest.raises(StateError, match="here already"):
        remote.adopt(store, vault, client, made, Choice())
    listing = remote.page(store, client, 0, 1)
    assert (listing.total, listing.rows[0].record_id) == (2, done.id)
    assert submit.submit(store, vault, client, draft, RANDOM).state is State.GENERATED


def test_what_the_reply_does_not_name_as_deleted_is_told(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    csr_id = created.submission.csr_id if created.submission and created.submission.csr_id else 0

    gone, kept = remote.delete(store, client, (csr_id, 5))

    assert (gone, kept) == ((csr_id,), (5,))
    assert not store.get(created.id).tied
    lost = lose(line, "ModifyCSR", LOSE_REPLY, store, vault, client)
    with pytest.raises(StateError, match="reconcile"):
        remote.delete(store, client, (lost.submission.csr_id or 0,))  # type: ignore[union-attr]


# Many


def test_many_records_each_get_their_own_result_and_going_on_passes_over_what_is_done(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    drafts = [store.add(record(subject=replace(SUBJECT, domain=f"n{n}.example.com"))) for n in range(6)]
    drafts[2] = store.save(replace(drafts[2], names=("b.example.com",)))
    line.plan["CreateCSR"] = [LOSE_REQUEST]
    seen: list[submit_many.Ended] = []

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
