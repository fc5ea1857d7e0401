"""Submitting over a line that loses requests and replies: what came of it is found, and nothing is sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import (
    DELAY,
    LOSE_REPLY,
    LOSE_REQUEST,
    Clock,
    Line,
    client_of,
    record,
    remote_rows,
)

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys import identity
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage
from csr_tui.errors import (
    Hint,
    PasswordError,
    StateError,
    UnknownOutcomeError,
)
from csr_tui.lifecycle import passwords, recovery
from csr_tui.lifecycle.tencent import account_requests, reconcile, submit
from csr_tui.lifecycle.tencent.submit import WAIT, SubmitOptions
from csr_tui.tencent.client import Client
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.tencent.client import Done
    from csr_tui.tencent.inventory import RemoteRequest
    from csr_tui.vault import Vault

TYPED = Secret("correct horse battery staple")
RANDOM = SubmitOptions(Custody.RANDOM_KEYRING)
DRAFT_ONLY = SubmitOptions(Custody.RANDOM_KEYRING, draft_only=True)


def lose(line: Line, action: str, fate: str, store: RecordStore, vault: Vault, client: Client) -> Record:
    """A submission whose call of this action meets this fate."""
    draft = store.add(record())
    line.plan[action] = [fate]
    with pytest.raises(UnknownOutcomeError, match="not sent again automatically") as caught:
        submit.submit(store, vault, client, draft, RANDOM)
    assert caught.value.hint is Hint.RECONCILE
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
    assert done.submission is not None
    assert remote_rows(client) == [(done.submission.csr_id, "mine", 1)]
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
    assert identity.fingerprint(passwords.open_key(store, vault, settled.record)) == settled.record.key_fingerprint
    assert list(keyring.kept) == [settled.record.secret_ref]
    assert line.calls["ModifyCSR"] == 1


def test_what_never_arrived_is_sent_again_only_by_a_person_and_only_after_the_wait(
    store: RecordStore, vault: Vault, client: Client, line: Line, clock: Clock
) -> None:
    lost = lose(line, "CreateCSR", LOSE_REQUEST, store, vault, client)
    again = replace(RANDOM, send_again=True)

    (settled,) = reconcile.reconcile(store, vault, client)
    assert isinstance(settled.error, UnknownOutcomeError)
    assert "may still arrive" in str(settled.outcome)
    for options in (RANDOM, again):
        with pytest.raises(UnknownOutcomeError):
            submit.submit(store, vault, client, store.get(lost.id), options)
    with pytest.raises(UnknownOutcomeError):
        submit.detach(store, None, store.get(lost.id))

    clock.ahead = WAIT + timedelta(seconds=1)
    with pytest.raises(UnknownOutcomeError):  # nobody has looked since
        submit.submit(store, vault, client, store.get(lost.id), again)
    (settled,) = reconcile.reconcile(store, vault, client)
    assert settled.outcome.hint is Hint.SEND_AGAIN
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

    with pytest.raises(StateError, match=r"on its way to Tencent Cloud\.$") as caught:
        store.save(replace(lost, subject=Subject("other.example.com")))
    assert caught.value.hint is Hint.RECONCILE
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

    class Deaf(Client):
        def modify(
            self, csr_id: int, record: Record, *, remark: str, generate: bool = False, password: Secret | None = None
        ) -> Done:
            done = client.modify(csr_id, record, remark=remark, generate=generate, password=password)
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
    assert str(twin) in str(settled.outcome)
    assert account_requests.delete(store, client, (twin,)) == ((twin,), ())
    assert settled.record.submission is not None
    assert [row[0] for row in remote_rows(client)] == [settled.record.submission.csr_id]


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
    options = SubmitOptions(Custody.TYPED_PROMPT, TYPED)
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, draft, options)

    class Silent(Client):
        def __init__(self) -> None:
            self.__dict__.update(client.__dict__)

        def describe(self, csr_id: int) -> RemoteRequest:
            return replace(client.describe(csr_id), key_password=None)

    mute = Silent()
    (settled,) = reconcile.reconcile(store, vault, mute)
    assert isinstance(settled.error, PasswordError)

    (settled,) = reconcile.reconcile(store, vault, mute, ask=lambda _: TYPED)

    assert settled.record.custody.held_by_person
    assert passwords.open_key(store, vault, settled.record, TYPED)


def test_what_the_reply_does_not_name_as_deleted_is_told(
    store: RecordStore, vault: Vault, client: Client, line: Line
) -> None:
    created = submit.submit(store, vault, client, store.add(record()), DRAFT_ONLY)
    csr_id = created.submission.csr_id if created.submission and created.submission.csr_id else 0

    gone, kept = account_requests.delete(store, client, (csr_id, 5))

    assert (gone, kept) == ((csr_id,), (5,))
    assert not store.get(created.id).has_remote_draft
    lost = lose(line, "ModifyCSR", LOSE_REPLY, store, vault, client)
    assert lost.submission is not None
    with pytest.raises(StateError) as caught:
        account_requests.delete(store, client, (lost.submission.csr_id or 0,))
    assert caught.value.hint is Hint.RECONCILE
