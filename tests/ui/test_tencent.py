"""The way to Tencent Cloud on the screens, against a real sandbox: a process of its own, or one whose line is cut."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import LOSE_REPLY, LOSE_REQUEST, SUBJECT, Line, client_of, record
from ui.driver import Driver, drive
from ui.sandboxes import environ_of, here

from csr_tui.core.custody import Custody
from csr_tui.core.record import Origin, State
from csr_tui.core.submission import Stage
from csr_tui.errors import UnknownOutcomeError
from csr_tui.lifecycle.tencent import submit as submission
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.tencent.account import AccountScreen
from csr_tui.ui.screens.tencent.submission_progress import SubmissionProgress
from csr_tui.ui.screens.tencent.submission_results import Differences, OutcomeUnknown
from csr_tui.ui.screens.tencent.submit import SubmitScreen
from csr_tui.ui.screens.wizard.review import ReviewStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


@pytest.fixture(params=[()], ids=["faithful"])
def environ(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """`csr-tui sandbox` as a person starts it."""
    command = [sys.executable, "-m", "csr_tui", "sandbox", "--json", *request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield environ_of(json.loads(process.stdout.readline()))
        process.terminate()


quirky = pytest.mark.parametrize("environ", [("--quirks",)], ids=["quirks"], indirect=True)


async def to_submit(pilot: Driver) -> None:
    await pilot.settle()
    await pilot.press("t")
    await pilot.see(SubmitScreen)


async def test_a_request_is_submitted_from_the_review_and_comes_home_with_its_key(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, environ: dict[str, str]
) -> None:
    draft = store.add(record())
    app = start(environ)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter", "alt+r")
        await pilot.see(ReviewStep)
        await pilot.press("ctrl+t")
        await pilot.see(SubmitScreen)
        assert "stores the key's password unencrypted" in pilot.texts
        assert "KeyPassword   a random one" in pilot.texts
        await pilot.press("ctrl+t")
        await pilot.see(RecordScreen)

    done = store.get(draft.id)
    assert (done.state, done.origin, done.has_key) == (State.GENERATED, Origin.TENCENT, True)
    assert done.submission is not None
    assert done.submission.stage is Stage.CONFIRMED
    assert done.submission.request_id


async def test_enter_alone_never_runs_into_submitting(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, environ: dict[str, str]
) -> None:
    draft = store.add(record())
    app = start(environ)

    async with drive(app, size=(100, 30)) as pilot:
        await to_submit(pilot)
        await pilot.press("enter")
        assert app.focused is app.screen.query_one("#cancel")
        await pilot.press("enter")
        await pilot.see(Desk)

    assert store.get(draft.id) == draft


async def test_names_that_the_api_cannot_carry_are_refused_with_the_way_out(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, sandbox: Sandbox, line: Line
) -> None:
    store.add(record(names=("example.com",)))
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("t")
        await pilot.see(ReviewStep)
        assert "generate here, or remove the other name" in pilot.said
        await pilot.press("ctrl+t")
        await pilot.settle()
        assert isinstance(app.screen, ReviewStep)

    assert not line.calls


@quirky
async def test_what_differs_is_shown_and_a_copy_offered_to_generate_here(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, environ: dict[str, str]
) -> None:
    draft = store.add(record())
    app = start(environ)

    async with drive(app) as pilot:
        await to_submit(pilot)
        await pilot.press("ctrl+t")
        await pilot.see(Differences)
        told = pilot.texts
        await pilot.click("#copy")
        copy = (await pilot.see(ReviewStep)).record

    assert "asked IT" in told
    assert "got   SHA-1" in told
    assert copy.id != draft.id
    assert (copy.state, copy.subject) == (State.DRAFT, SUBJECT)
    assert store.get(draft.id).has_key is False


@quirky
async def test_a_keyless_record_says_where_its_key_is_and_is_not_exported(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, environ: dict[str, str]
) -> None:
    store.add(record())
    app = start(environ)

    async with drive(app) as pilot:
        await to_submit(pilot)
        await pilot.press("ctrl+t")
        await pilot.see(Differences)
        await pilot.press("escape")
        await pilot.see(RecordScreen)
        await pilot.settle()
        told = pilot.texts

    assert "The private key stayed there." in told
    assert "by the sandbox, not here" in told
    assert "CSR differs from the draft" in told
    assert "The private key stayed at the sandbox" in told


async def test_a_draft_there_is_let_go_and_generated_here(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, sandbox: Sandbox, line: Line
) -> None:
    draft = store.add(record())
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await to_submit(pilot)
        await pilot.press("down", "ctrl+t")
        await pilot.until(lambda: store.get(draft.id).submission is not None)
        await pilot.until(lambda: "is its draft at the sandbox" in pilot.said)
        assert line.calls["ModifyCSR"] == 0
        await pilot.press("g")
        await pilot.until(lambda: "detach it first" in pilot.said)
        await pilot.press("t")
        await pilot.see(SubmitScreen)
        assert "is the draft of this request" in pilot.texts
        await pilot.press("f4")
        await pilot.see(Confirm)
        await pilot.click("#yes")
        await pilot.until(lambda: store.get(draft.id).submission is None)
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(RecordScreen)

    assert store.get(draft.id).origin is Origin.LOCAL
    assert line.applied["CreateCSR"] == 1


async def test_a_rehearsal_touches_neither_the_record_nor_the_keyring_nor_the_account(
    start: Callable[[dict[str, str]], CsrTui],
    store: RecordStore,
    sandbox: Sandbox,
    line: Line,
    keyring: MemoryKeyring,
) -> None:
    draft = store.add(record())
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await to_submit(pilot)
        await pilot.press("ctrl+r")
        await pilot.see(Text)
        told = pilot.texts
        await pilot.press("escape")
        await pilot.see(SubmitScreen)

    assert "SANDBOX" in told
    assert "✓ The key decrypts with its password" in told
    assert store.get(draft.id) == draft
    assert keyring.kept == {}
    assert not line.calls
    assert len(store.page()) == 1


async def test_a_rehearsal_needs_no_api_key_and_submitting_without_one_asks_for_it(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore
) -> None:
    store.add(record())
    app = start({})

    async with drive(app) as pilot:
        await to_submit(pilot)
        assert "No Tencent Cloud API key is stored here" in pilot.texts
        await pilot.press("ctrl+r")
        await pilot.see(Text)
        await pilot.press("escape")
        await pilot.see(SubmitScreen)
        await pilot.press("ctrl+t")
        await pilot.see(AccountScreen)


@pytest.mark.parametrize("fate", [LOSE_REPLY, LOSE_REQUEST])
async def test_a_lost_answer_is_never_sent_again_and_is_looked_for_at_the_next_start(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, sandbox: Sandbox, line: Line, fate: str
) -> None:
    draft = store.add(record())
    line.plan["CreateCSR"] = [fate]
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await to_submit(pilot)
        await pilot.press("ctrl+t")
        await pilot.until(lambda: "It is not sent again automatically" in pilot.said)
        await pilot.settle()
        assert "SANDBOX no reply" in app.export_screenshot().replace("&#160;", " ")
        await pilot.press("t")
        await pilot.see(OutcomeUnknown)
        assert not app.screen.query("#again")

    again = start(here(sandbox))
    async with drive(again) as pilot:
        await pilot.until(lambda: "www.example.com: " in pilot.said)

    assert line.calls["CreateCSR"] == 1
    sent = store.get(draft.id).submission
    assert sent is not None
    assert sent.stage is (Stage.CREATED if fate == LOSE_REPLY else Stage.UNKNOWN)


async def test_extra_drafts_with_our_marker_are_said_at_the_start_and_not_touched(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, vault: Vault, sandbox: Sandbox, line: Line
) -> None:
    draft = store.add(record())
    client = client_of(sandbox)
    line.plan["CreateCSR"] = [LOSE_REPLY]
    with pytest.raises(UnknownOutcomeError):
        submission.submit(store, vault, client, draft, submission.SubmitOptions(Custody.RANDOM_KEYRING))
    (only,) = client.inventory().items
    client.create(draft, remark=only.remark)
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await pilot.settle()  # the look at the start has found it
        assert "Duplicates that you can delete there" in pilot.said

    assert len(list(client.inventory().items)) == 2
    kept = store.get(draft.id).submission
    assert kept is not None
    assert kept.stage is Stage.CREATED


async def test_several_are_submitted_at_once_and_each_has_its_result(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, sandbox: Sandbox
) -> None:
    for number in range(3):
        store.add(record(subject=replace(SUBJECT, domain=f"w{number}.example.com")))
    store.add(record(subject=replace(SUBJECT, domain="bad.example.com", city="")))
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("home", "space", "space", "space", "space", "t")
        await pilot.see(SubmitScreen)
        assert "Submit 4 requests" in pilot.texts
        await pilot.press("ctrl+t")
        await pilot.see(SubmissionProgress)
        await pilot.until(lambda: "3 of 4 are done" in pilot.texts)
        told = pilot.texts
        await pilot.press("escape")
        await pilot.see(Desk)

    assert "✗ bad.example.com: " in told
    states = sorted((one.subject.domain, str(one.state)) for one in store.page())
    assert states == [("bad.example.com", "draft"), *((f"w{number}.example.com", "generated") for number in range(3))]
