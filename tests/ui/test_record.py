"""The page of a record: what is next, what is read from CSR and certificate, and the texts to copy and save."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from authority import Authority, pem
from textual.widgets import Static
from textual.widgets._footer import FooterKey
from ui.driver import Driver, drive

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Origin, Record, State
from csr_tui.core.submission import Stage, Submission
from csr_tui.export.targets.target import Snippet
from csr_tui.lifecycle import attach, drafts, generate
from csr_tui.lifecycle.exporting import KeyForm
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.record import PlainText, RecordScreen
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.fact_sheet import FactSheet
from csr_tui.ui.widgets.texts import Sideways
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support import MemoryKeyring
    from textual.screen import Screen


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    with RecordStore(tmp_path / "data" / "records.db", clock=lambda: NOW) as store:
        yield store


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path) -> CsrTui:
    return CsrTui(store, vault, exports=tmp_path / "exports", now=lambda: NOW)


@pytest.fixture
def made(store: RecordStore, vault: Vault) -> Record:
    subject, key = Subject("www.example.com", "Example Ltd", country="DE"), KeySpec("ECC", "prime256v1")
    return generate.generate(store, vault, store.add(Record("made", subject=subject, key=key)), Custody.RANDOM_KEYRING)


@pytest.fixture
def issued(store: RecordStore, made: Record) -> Callable[..., Record]:
    """Its certificate, by an intermediate."""
    root = Authority("Trial Root", now=NOW)
    between = Authority("Trial CA", root, now=NOW)

    def issue(days: int, start: int = -30) -> Record:
        public = csr.read(made.csr or "").public_key
        leaf = between.issue(public, "www.example.com", start=start, days=days - start, organization="Example Ltd")
        chain = pem(leaf, between.certificate, root.certificate)
        return attach.keep(
            store, attach.look(store, (attach.Source("www.pem", chain),), NOW + timedelta(days=start + 1))
        )

    return issue


async def opened(pilot: Driver) -> RecordScreen:
    await pilot.settle()
    await pilot.press("enter")
    await pilot.until(lambda: isinstance(pilot.app.screen, RecordScreen) and "Request" in sheet(pilot.app.screen))
    screen = pilot.app.screen
    assert isinstance(screen, RecordScreen)
    return screen


def sheet(screen: Screen[Any]) -> str:
    return "".join(str(one.render()) for one in screen.query("#facts").results(FactSheet))


def shown_lines(screen: Screen[Any]) -> str:
    """What can be seen without scrolling."""
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


def following(screen: Screen[Any]) -> str:
    return str(screen.query_one("#next", FactSheet).render())


async def test_a_damaged_certificate_hides_nothing_of_the_request(
    app: CsrTui, store: RecordStore, issued: Callable[..., Record]
) -> None:
    record = replace(issued(40), certificate="-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n")
    store.attach(record, root=None)
    async with drive(app, size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.until(lambda: "Attach its certificate again" in following(screen))
        shown, keys = sheet(screen), [key.description for key in screen.query(FooterKey) if key.display]

    assert ("damaged" in shown, "Example Ltd" in shown, "Earlier" in shown) == (True, True, False)
    assert {"Password", "Key", "Remark", "Duplicate", "Delete", "Desk", "Quit"} < set(keys)


async def test_the_certificate_is_shown_beside_the_request(app: CsrTui, issued: Callable[..., Record]) -> None:
    issued(40)
    async with drive(app, size=(80, 40)) as pilot:
        screen = await opened(pilot)
        lines = sheet(screen).splitlines()

    assert ("Certificate" in lines[0], "Request" in lines[0]) == (True, True)
    for fact in (
        "Trial CA",
        "2027-01-04 12:00 UTC",
        "in 40 days",
        "1 intermediate: Trial CA",
        "root Trial Root left out",
    ):
        assert fact in " ".join(sheet(screen).split()) or any(fact in line for line in lines), fact


@pytest.mark.parametrize(
    ("days", "state", "step"),
    [
        (-2, "✗ issued, expired 2 days ago", "x Renew it: it expired on 2026-11-23 12:00 UTC"),
        (3, "! issued, expires in 3 days", "x Renew it: it expires on 2026-11-28 12:00 UTC"),
        (60, "issued, expires in 60 days", "e Export the files that your server loads."),
    ],
)
async def test_the_next_step_of_a_certificate_is_on_top(
    app: CsrTui, issued: Callable[..., Record], days: int, state: str, step: str
) -> None:
    issued(days)
    async with drive(app, size=(120, 40)) as pilot:
        screen = await opened(pilot)

        assert str(screen.query_one("#kept").render()) == state
        assert step in " ".join(following(screen).split())
        assert "expired expired" not in " ".join(sheet(screen).split())


async def test_a_renewal_is_named_in_words_and_counts_once_it_has_a_certificate(
    app: CsrTui, store: RecordStore, issued: Callable[..., Record]
) -> None:
    drafts.renew(store, issued(3))
    async with drive(app, size=(120, 60)) as pilot:
        await pilot.settle()
        app._show(store.get("made"))
        await pilot.until(lambda: "a draft" in sheet(app.screen))
        screen = app.screen

        assert "a draft of 2026-11-25 12:00 UTC" in " ".join(sheet(screen).split())
        assert "Its renewal has no certificate yet." in following(screen)


async def test_the_holder_of_the_password_is_named_as_it_is_now(
    app: CsrTui, made: Record, keyring: MemoryKeyring
) -> None:
    async with drive(app, size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.until(lambda: "random, in the keyring" in sheet(screen))

        async def look_again(words: str) -> None:
            await pilot.press("z")
            await pilot.see(PlainText)
            await pilot.press("escape")
            await pilot.until(lambda: words in " ".join(sheet(screen).split()))

        keyring.kept.clear()
        await look_again("random, but missing in the keyring")
        keyring.broken = True
        await look_again("in a keyring that is not available now")


async def test_c_copies_the_text_that_is_shown(app: CsrTui, store: RecordStore, issued: Callable[..., Record]) -> None:
    record = issued(40)
    certificate = record.certificate or ""
    async with drive(app) as pilot:
        screen = await opened(pilot)
        copied = {}
        for _ in range(4):
            app.copy_to_clipboard("")
            await pilot.press("c")
            await pilot.until(lambda: bool(app.clipboard))
            copied[screen.texts.chosen] = app.clipboard
            await pilot.press("right")
            await pilot.settle()

    assert copied["CSR"] == record.csr
    assert copied["chain"] == certificate
    assert certificate.startswith(copied["certificate"])
    assert copied["certificate"].count("BEGIN") == 1
    assert "csr-tui show made --csr | openssl req" in copied["openssl"]


async def test_s_saves_the_text_that_is_shown(app: CsrTui, issued: Callable[..., Record], tmp_path: Path) -> None:
    record = issued(40)
    async with drive(app) as pilot:
        await opened(pilot)
        for _ in range(4):
            before = len(list((tmp_path / "exports").glob("*")))
            await pilot.press("s")
            await pilot.until(lambda: len(list((tmp_path / "exports").glob("*"))) > before)  # noqa: B023  # at once
            await pilot.press("right")
            await pilot.settle()

    assert (tmp_path / "exports" / "www.example.com.csr").read_text() == record.csr
    assert (tmp_path / "exports" / "www.example.com.chain.pem").read_text() == record.certificate


async def test_every_line_is_reached_by_key_at_80x24(app: CsrTui, issued: Callable[..., Record]) -> None:
    issued(40)
    async with drive(app) as pilot:
        screen = await opened(pilot)
        await pilot.press("end")
        await pilot.settle()

        text = screen.texts.query_one("#text")
        assert screen.find_widget(text).visible_region.bottom == screen.find_widget(text).region.bottom


async def test_the_texts_of_a_certificate_are_one_key_away_at_80x24(app: CsrTui, issued: Callable[..., Record]) -> None:
    issued(90)
    async with drive(app) as pilot:
        screen = await opened(pilot)
        await pilot.until(lambda: "issuer" in sheet(screen))
        assert "[certificate]" in shown_lines(screen)
        await pilot.press("right")
        await pilot.settle()
        await pilot.until(lambda: "BEGIN CERTIFICATE" in shown_lines(screen))
        assert "[chain]" in shown_lines(screen)
        await pilot.click("#titles-below", offset=(3, 0))
        await pilot.until(lambda: "[CSR]" in shown_lines(screen) and "BEGIN CERTIFICATE REQUEST" in shown_lines(screen))


async def test_a_long_line_is_not_broken_but_scrolls(app: CsrTui, store: RecordStore, made: Record) -> None:
    async with drive(app, size=(60, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("right")
        await pilot.settle()
        assert screen.texts.chosen == "openssl"
        shown = screen.texts.query_one("#text")
        assert shown.size.height == len(screen.texts.text.splitlines())
        await pilot.press("shift+right")
        await pilot.settle()
        assert screen.texts.query_one(Sideways).scroll_offset.x > 0


async def test_n_starts_a_request_and_d_deletes_from_the_page(app: CsrTui, store: RecordStore, made: Record) -> None:
    async with drive(app) as pilot:
        await opened(pilot)
        await pilot.press("n")
        await pilot.see(SubjectStep)
        await pilot.press("escape")
        await pilot.see(RecordScreen)
        await pilot.press("d")
        await pilot.see(Desk)
        await pilot.settle()

    assert store.get(made.id).trashed_at is not None


async def test_what_the_sandbox_generated_is_called_so(app: CsrTui, store: RecordStore, made: Record) -> None:
    sent = Submission("made", Stage.CONFIRMED, "http://127.0.0.1:4800", "account", "marker", csr_id=7, status=1)
    record = replace(made, origin=Origin.TENCENT, submission=sent)
    assert record.state is State.GENERATED
    async with drive(app, size=(80, 40)) as pilot:
        await pilot.settle()
        app._show(record)
        await pilot.settle()
        await pilot.until(lambda: "Sandbox" in sheet(app.screen))

        assert str(app.screen.query_one("#kept").render()) == "CSR at SANDBOX"
        assert "Tencent Cloud" not in sheet(app.screen)


async def test_c_copies_the_lines_of_an_export_which_are_not_broken(app: CsrTui) -> None:
    lines = ("ssl_certificate /srv/" + "a" * 120 + ".pem;", "ssl_certificate_key /srv/a.key;")
    snippet = Snippet(lines, (), (("Create the password file", "cat > /srv/" + "b" * 120),))
    async with drive(app) as pilot:
        await pilot.settle()
        await app.push_screen(ExportResult(["In /srv:"], snippet, ["✓ it loads"]))
        await pilot.settle()
        shown, command = app.screen.query(Sideways)
        assert [one.children[0].size.height for one in (shown, command)] == [2, 1]
        await pilot.press("right")
        await pilot.settle()
        assert shown.scroll_offset.x > 0
        await pilot.press("c")
        await pilot.until(lambda: app.clipboard == "".join(f"{line}\n" for line in lines))
        await pilot.press("m")
        await pilot.until(lambda: app.clipboard == f"cat > /srv/{'b' * 120}\n")


async def test_the_lines_to_paste_are_whole_before_an_export_and_name_what_it_does_not_write(
    app: CsrTui, issued: Callable[..., Record], tmp_path: Path
) -> None:
    issued(90)
    folder = tmp_path / ("a" * 100)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("e")
        screen = await pilot.see(ExportScreen)
        screen.folder.input.value = str(folder)
        await pilot.choose("#target", "nginx")
        await pilot.settle()
        lines, command = (one.query_one(Static) for one in screen.query(Sideways))
        assert lines.size.height == 4
        assert f"ssl_certificate {folder}/www.example.com.fullchain.pem;" in str(lines.render())
        assert "Create the password file, which is not exported" in pilot.texts
        assert command.size.height == 1
        await pilot.press("alt+right")
        await pilot.settle()
        assert screen.query(Sideways).first().scroll_offset.x > 0


async def test_an_export_that_no_client_would_trust_asks_for_no_password(
    app: CsrTui, store: RecordStore, issued: Callable[..., Record]
) -> None:
    issued(-1)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("e")
        await pilot.see(ExportScreen)
        await pilot.choose("#form-of-key", KeyForm.ENCRYPTED)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "No client would trust" in pilot.text("#problem"))


async def test_a_domain_that_is_too_long_for_a_title_ends_in_an_ellipsis(
    app: CsrTui, store: RecordStore, made: Record
) -> None:
    long = replace(made, subject=replace(made.subject, domain="a" * 3000))
    async with drive(app) as pilot:
        await pilot.settle()
        for screen, title in ((ExportScreen(store, Vault(), long, Path("/srv")), ".dialog-title"),):
            await app.push_screen(screen)
            await pilot.settle()
            assert screen.query_one(title).region.height == 1
            assert "aaa…" in shown_lines(screen)


async def test_the_key_that_scrolls_shows_where_lines_go_on_to_the_right(
    app: CsrTui, issued: Callable[..., Record]
) -> None:
    issued(40)
    async with drive(app, size=(60, 15)) as pilot:
        await opened(pilot)
        assert "Shift+←→ scroll" in pilot.text("#titles-below")

        await pilot.resize_terminal(80, 24)
        await pilot.settle()
        assert "Shift+←→ scroll" not in pilot.text("#titles-below")
