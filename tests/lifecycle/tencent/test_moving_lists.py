"""Looking for a lost request in a list that others change: it is found, or not called missing, and never sent twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from lifecycle.tencent.cloud import LOSE_REPLY, LOSE_REQUEST, Clock, Line, record

from csr_tui.core.custody import Custody
from csr_tui.core.record import State
from csr_tui.core.submission import Stage
from csr_tui.errors import Hint, UnknownOutcomeError
from csr_tui.lifecycle.tencent import reconcile, submit
from csr_tui.lifecycle.tencent.submit import WAIT, SubmitOptions
from csr_tui.tencent import client as clients
from csr_tui.tencent import inventory
from csr_tui.tencent.sandbox import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.tencent.client import Client
    from csr_tui.tencent.sandbox import Sandbox
    from csr_tui.vault import Vault

WISH = SubmitOptions(Custody.RANDOM_KEYRING)
AGAIN = replace(WISH, send_again=True)


def act(sandbox: Sandbox, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out an action as a colleague in the console would: unsigned, unpaced, at any moment."""
    gate.check_parameters(action, parameters)
    return sandbox._account.act(action, parameters)


class Colleague:
    """Somebody with the same account, who does something whenever a page of the list was read."""

    def __init__(self, sandbox: Sandbox, line: Line) -> None:
        self.sandbox = sandbox
        self.made: list[int] = []
        self.between: Callable[[], object] = lambda: None
        sandbox._deliver = self._deliver
        self._line = line

    def create(self, **changes: Any) -> int:
        wanted = {**clients.fields(record()), "Generate": False, **changes}
        self.made.append(act(self.sandbox, "CreateCSR", wanted)["Id"])
        return self.made[-1]

    def delete(self, *csr_ids: int) -> None:
        act(self.sandbox, "BatchDeleteCSR", {"CSRIds": list(csr_ids)})

    def _deliver(self, action: str, answer: Callable[[], bytes]) -> bytes | None:
        body = self._line(action, answer)
        if action == "DescribeCSRSet":
            self.between()
        return body


@pytest.fixture
def colleague(sandbox: Sandbox, line: Line) -> Colleague:
    return Colleague(sandbox, line)


def lost(fate: str, store: RecordStore, vault: Vault, client: Client, line: Line) -> Record:
    draft = store.add(record())
    line.plan["CreateCSR"] = [fate]
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, draft, WISH)
    return store.get(draft.id)


def in_account(sandbox: Sandbox) -> int:
    return int(act(sandbox, "DescribeCSRSet", {"Limit": 1})["Total"])


def test_a_record_deleted_between_two_pages_does_not_hide_ours(
    store: RecordStore, vault: Vault, client: Client, line: Line, clock: Clock, sandbox: Sandbox, colleague: Colleague
) -> None:
    ours = lost(LOSE_REPLY, store, vault, client, line)
    for _ in range(100):
        colleague.create()

    def once() -> None:
        colleague.between = lambda: None
        colleague.delete(colleague.made.pop())

    colleague.between = once
    clock.ahead = 2 * WAIT

    (settled,) = reconcile.reconcile(store, vault, client)

    assert settled.error is None
    assert submit.submit(store, vault, client, store.get(ours.id), WISH).state is State.GENERATED
    colleague.delete(*colleague.made)
    assert in_account(sandbox) == 1


def test_in_a_list_that_never_rests_nothing_is_called_missing(
    store: RecordStore,
    vault: Vault,
    client: Client,
    line: Line,
    clock: Clock,
    sandbox: Sandbox,
    colleague: Colleague,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = lost(LOSE_REQUEST, store, vault, client, line)
    for _ in range(120):
        colleague.create()
    clock.ahead = 2 * WAIT
    assert reconcile.reconcile(store, vault, client)[0].outcome.hint is Hint.SEND_AGAIN

    colleague.between = colleague.create
    monkeypatch.setattr(inventory, "PASSES", 3)

    (settled,) = reconcile.reconcile(store, vault, client)

    assert "could not be read reliably" in str(settled.outcome)
    assert settled.record.submission is not None
    assert settled.record.submission.stage is Stage.UNKNOWN
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, store.get(ours.id), AGAIN)
    assert in_account(sandbox) == len(colleague.made)


@pytest.mark.parametrize("strange", [{"Domain": "other.example.com"}, {"Generate": True}])
def test_what_only_has_our_marker_is_neither_adopted_nor_called_missing(
    strange: dict[str, Any],
    store: RecordStore,
    vault: Vault,
    client: Client,
    line: Line,
    clock: Clock,
    sandbox: Sandbox,
    colleague: Colleague,
) -> None:
    ours = lost(LOSE_REQUEST, store, vault, client, line)
    assert ours.submission is not None
    forged = colleague.create(Remark=submit.marked(ours, ours.submission), **strange)
    clock.ahead = 2 * WAIT

    (settled,) = reconcile.reconcile(store, vault, client)

    assert f"CSR {forged}" in str(settled.outcome)
    assert isinstance(settled.error, UnknownOutcomeError)
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, store.get(ours.id), AGAIN)

    colleague.delete(forged)
    assert reconcile.reconcile(store, vault, client)[0].outcome.hint is Hint.SEND_AGAIN
    assert submit.submit(store, vault, client, store.get(ours.id), AGAIN).state is State.GENERATED
    assert in_account(sandbox) == 1


def test_ours_is_adopted_beside_another_with_its_marker(
    store: RecordStore, vault: Vault, client: Client, line: Line, colleague: Colleague
) -> None:
    draft = store.add(record())
    line.plan["CreateCSR"] = [LOSE_REPLY]
    with pytest.raises(UnknownOutcomeError):
        submit.submit(store, vault, client, draft, WISH)
    ours = store.get(draft.id)
    assert ours.submission is not None
    colleague.create(Remark=submit.marked(ours, ours.submission), Domain="other.example.com")

    (settled,) = reconcile.reconcile(store, vault, client)

    assert (settled.error, settled.extras) == (None, ())
