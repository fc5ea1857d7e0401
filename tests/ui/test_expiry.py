"""What the desk says of certificates that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from certificates import issue
from ui.driver import Driver, drive

from csr_tui.core.custody import Custody
from csr_tui.core.record import KeySpec, Record
from csr_tui.lifecycle import drafts, generate
from csr_tui.storage import Sort
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path / "exports", now=lambda: NOW)


@pytest.fixture
def issued(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    """A record whose certificate ends so long from now."""

    def make(domain: str, left: timedelta) -> Record:
        done = generate.generate(store, vault, draft(domain, key=KeySpec("ECC", "prime256v1")), Custody.RANDOM_KEYRING)
        return store.attach(replace(done, certificate=issue(domain).pem, not_after=NOW + left), root=None)

    return make


def row(pilot: Driver, number: int) -> str:
    return pilot.records.draw_line(number, 79).text


async def test_what_ends_soon_is_marked_in_words_and_first_when_ordered_by_it(
    app: CsrTui, issued: Callable[..., Record]
) -> None:
    for domain, days in (("far.example.com", 150), ("soon.example.com", 12), ("gone.example.com", -2)):
        issued(domain, timedelta(days=days, hours=1))

    async with drive(app) as pilot:
        await pilot.settle()
        assert [row(pilot, number).split()[0] for number in range(3)] == ["✗", "!", "~"]
        await pilot.press("o", "o")
        await pilot.settle()

        assert pilot.on(Desk)._listed.query.sort is Sort.EXPIRY
        rows = [row(pilot, number) for number in range(3)]
        assert [text.split()[1] for text in rows] == ["gone.example.com", "soon.example.com", "far.example.com"]
        assert ("1 d ago" in rows[0], "in 12 d " in rows[1], "in 150 d " in rows[2]) == (True, True, True)
        step = pilot.text("#step")
        assert step.startswith("x  Renew it: it expired on 2026-11-23 13:00 UTC (1 day ago)")


async def test_the_desk_shows_what_renews_what(app: CsrTui, issued: Callable[..., Record], store: RecordStore) -> None:
    old = issued("www.example.com", timedelta(days=5))
    renewal = drafts.renew(store, old, same_key=True)

    async with drive(app, size=(140, 30)) as pilot:
        await pilot.settle()
        assert f"{old.id}, with the same key" in " ".join(str(pilot.on(Desk).detail.content).split())
        await pilot.press("down")
        await pilot.settle()
        assert renewal.id in str(pilot.on(Desk).detail.content)
