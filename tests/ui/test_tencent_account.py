"""The account at Tencent Cloud on the screens: its records, its key, and what is looked up there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import LOSE_REPLY, SUBJECT, Line, client_of, record
from textual.widgets import Button, DataTable
from ui.driver import drive
from ui.sandboxes import here

from csr_tui.core.custody import Custody
from csr_tui.core.record import Origin, State
from csr_tui.core.submission import Stage
from csr_tui.errors import UnknownOutcomeError
from csr_tui.lifecycle.tencent import account
from csr_tui.lifecycle.tencent import submit as submission
from csr_tui.lifecycle.tencent.account_requests import Listing
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.tencent.account import AccountScreen
from csr_tui.ui.screens.tencent.remote import RemoteScreen
from csr_tui.ui.screens.tencent.submission_results import ReconcileResults
from csr_tui.ui.screens.wizard.review import ReviewStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


async def test_the_accounts_records_are_listed_adopted_and_deleted(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, sandbox: Sandbox
) -> None:
    client = client_of(sandbox)
    ids = [
        client.create(record(subject=replace(SUBJECT, domain=f"r{number}.example.com")), remark="[/b] \x1b]0;x").csr_id
        for number in range(3)
    ]
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("b")
        await pilot.see(RemoteScreen)
        table = app.screen.query_one(DataTable)
        await pilot.until(lambda: table.row_count == 3)
        await pilot.press("space", "space", "d")
        await pilot.see(Confirm)
        assert "r2.example.com" in pilot.texts
        await pilot.click("#yes")
        await pilot.see(Text)
        assert pilot.texts.count(" deleted.") == 2
        await pilot.press("escape")
        await pilot.see(RemoteScreen)
        await pilot.until(lambda: app.screen.query_one(DataTable).row_count == 1)
        await pilot.press("a")
        await pilot.see(ReviewStep)

    assert [item.csr_id for item in client.inventory().items] == [ids[0]]
    (adopted,) = store.page()
    assert adopted.submission is not None
    assert (adopted.subject.domain, adopted.submission.csr_id) == ("r0.example.com", ids[0])


async def test_settings_keep_an_api_key_that_works_and_say_what_is_wrong_with_one_that_cannot(
    start: Callable[[dict[str, str]], CsrTui], vault: Vault, sandbox: Sandbox, keyring: MemoryKeyring
) -> None:
    app = start({})

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("i")
        screen = await pilot.see(AccountScreen)
        screen.site.focus()
        await pilot.pause()
        await pilot.press("up")
        screen.endpoint.value = sandbox.endpoint
        screen.secret_id.value = f"  {sandbox.secret_id} "
        await pilot.pause()
        screen.secret_key.focus()
        await pilot.press("enter")
        await pilot.until(lambda: "SecretKey is missing" in str(screen.problem.render()))
        screen.secret_key.value = f"{sandbox.secret_key}\t"
        await pilot.press("enter")
        await pilot.until(lambda: "saved in the keyring" in pilot.said)

    assert list(keyring.kept) == [account.REF]
    assert account.client(vault, {}).page().total == 0


async def test_looking_on_demand_shows_what_was_found(
    start: Callable[[dict[str, str]], CsrTui], store: RecordStore, vault: Vault, sandbox: Sandbox, line: Line
) -> None:
    app = start(here(sandbox))

    async with drive(app) as pilot:
        await pilot.settle()
        draft = store.add(record())
        line.plan["CreateCSR"] = [LOSE_REPLY]
        with pytest.raises(UnknownOutcomeError):
            submission.submit(store, vault, client_of(sandbox), draft, submission.SubmitOptions(Custody.RANDOM_KEYRING))
        (only,) = client_of(sandbox).inventory().items
        client_of(sandbox).create(draft, remark=only.remark)
        await pilot.press("l")
        await pilot.see(ReconcileResults)
        assert "found as CSR" in pilot.texts
        app.screen.query_one("#extras", Button).press()
        await pilot.see(Text)

    assert [item.csr_id for item in client_of(sandbox).inventory().items] == [only.csr_id]


async def test_the_pages_of_the_accounts_list_are_asked_for_one_at_a_time(
    start: Callable[[dict[str, str]], CsrTui],
) -> None:
    asked: list[tuple[int, int]] = []

    def page(offset: int, limit: int) -> Listing:
        asked.append((offset, limit))
        return Listing(120, ())

    app = start({})
    async with drive(app) as pilot:
        await pilot.settle()
        await app.push_screen(RemoteScreen(page, "sandbox", "the sandbox"))
        for key in ("n", "n", "n", "b"):
            await pilot.settle()
            await pilot.press(key)
        await pilot.settle()

    assert asked == [(0, 50), (50, 50), (100, 50), (50, 50)]


@pytest.mark.parametrize(
    ("endpoint", "where"),
    [
        ("http://127.0.0.1:4800", "SANDBOX"),
        ("http://localhost:1", "SANDBOX"),
        ("http://[::1]:1", "SANDBOX"),
        ("https://ssl.intl.tencentcloudapi.com", "TENCENT"),
        ("https://127.0.0.1.example.com", "TENCENT"),
    ],
)
def test_what_a_sandbox_made_is_not_called_tencents(endpoint: str, where: str) -> None:
    from csr_tui.cli import record_text as lines
    from csr_tui.core.record import Record
    from csr_tui.core.submission import Submission
    from csr_tui.ui.needs import state_name

    sent = Submission("r", Stage.CONFIRMED, endpoint, "account", "marker")
    made = Record("r", state=State.GENERATED, origin=Origin.TENCENT, submission=sent)

    assert state_name(made).upper() == f"CSR AT {where}"
    assert lines.key_origin(made) == where


@pytest.mark.parametrize(
    ("created", "day"),
    [
        ("2026-11-27 02:16:03", "2026-11-26"),
        ("2026-11-27 08:00:00", "2026-11-27"),
        ("soon\x1b[31m", "soon\\u{1b}"),
        ("", ""),
    ],
)
def test_the_day_of_a_record_there_is_that_of_utc(created: str, day: str) -> None:
    from csr_tui.ui.screens.tencent.remote import _day

    assert _day(created)[:10] == day
