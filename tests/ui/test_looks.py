"""How the screens look: compare with `git diff`, accept with `--snapshot-update` (CONTRIBUTING.md says how)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from authority import Authority, pem
from support import MemoryKeyring, settle, until
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from csr_tui.core import csr
from csr_tui.core.csr import Difference
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Purpose, Record, State, Tag
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage, Submission
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.tencent import account
from csr_tui.lifecycle.tencent.account_requests import Listed, Listing
from csr_tui.storage import RecordStore
from csr_tui.tencent.inventory import RemoteRequest
from csr_tui.ui import advice
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.keyring import KeyringScreen, WithoutKeyring
from csr_tui.ui.screens.profiles import Edit, Profiles
from csr_tui.ui.screens.protect import ProtectScreen
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.renew import Renew
from csr_tui.ui.screens.shown_password import ShownPassword
from csr_tui.ui.screens.tencent.account import AccountScreen
from csr_tui.ui.screens.tencent.remote import RemoteScreen
from csr_tui.ui.screens.tencent.submission_results import Differences, Lost
from csr_tui.ui.screens.tencent.submit import SubmitScreen
from csr_tui.ui.widgets.text_input import TextInput
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from syrupy.assertion import SnapshotAssertion
    from textual.pilot import Pilot
    from textual.screen import Screen

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

RECORDS = (
    Record(
        "mail000000",
        subject=Subject("mail.example.com", "Example Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN"),
        key=KeySpec("ECC", "prime256v1"),
    ),
    Record(
        "lab0000000",
        purpose=Purpose.PRIVATE,
        subject=Subject("printer.lab.local", department="IT"),
        key=KeySpec("ED25519", "ed25519"),
    ),
    Record(
        "cafe000000",
        subject=Subject("xn--caf-dma.example.org", "示例科技有限公司", country="China"),
        key=KeySpec("RSA", "4096"),
    ),
    Record(
        "shop000000",
        subject=Subject("shop.example.com", "Example Trading Ltd", "", "", "Guangdong", "Shenzhen", "CN"),
        names=("example.com", "*.example.com", "xn--bcher-kva.example.com"),
        key=KeySpec("ECC", "prime256v1"),
        remark="For the new shop",
        tags=(Tag("team", "web"),),
    ),
)


class SvgExtension(SingleFileSnapshotExtension):
    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(SvgExtension)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    hours = count(step=14)
    with RecordStore(tmp_path / "data" / "records.db", clock=lambda: START + timedelta(hours=next(hours))) as store:
        yield store


@pytest.fixture
def app(store: RecordStore, vault: Vault, tmp_path: Path) -> CsrTui:
    for record in RECORDS:
        store.add(record)
    return CsrTui(store, vault, exports=tmp_path / "exports", now=lambda: NOW)


@dataclass(frozen=True)
class Look:
    """A picture: what to search for, the keys from there, the size, the theme."""

    find: str = ""
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (80, 24)
    theme: str = "csr-dark"


LOOKS = {
    "desk": Look(),
    "desk-wide": Look(size=(132, 30)),
    "desk-light": Look(size=(132, 30), theme="csr-light"),
    "desk-nothing-found": Look(find="nothing"),
    "desk-selected": Look(keys=("space", "down", "space", "o")),
    "desk-narrow": Look(keys=("f",)),
    "subject": Look("shop", ("enter", "alt+s")),
    "subject-findings": Look("xn--caf", ("enter", "alt+s", "alt+n", "alt+s")),
    "names": Look("shop", ("enter", "alt+n")),
    "algorithm-own-ca": Look("printer", ("enter", "alt+a")),
    "key": Look("shop", ("enter", "alt+k"), size=(80, 30)),
    "review": Look("shop", ("enter", "alt+r"), size=(100, 36)),
    "review-findings": Look("xn--caf", ("enter", "alt+r")),
    "review-light": Look("shop", ("enter", "alt+r"), size=(100, 36), theme="csr-light"),
    "help": Look("shop", ("enter", "alt+s", "f1"), size=(100, 36)),
}


MADE = Record(
    "made000000",
    state=State.GENERATED,
    subject=Subject("www.example.com"),
    has_key=True,
    custody=Custody.RANDOM_KEYRING,
)
LOST = Submission(
    "mail000000",
    Stage.UNKNOWN,
    "https://ssl.intl.tencentcloudapi.com",
    "account",
    "[csr-tui mail]",
    message="No answer.",
)
LISTING = Listing(
    120,
    tuple(
        Listed(
            RemoteRequest(
                7000 + number,
                replace(RECORDS[0].subject, domain=domain),
                RECORDS[0].key,
                "For the shop",
                status,
                "2026-11-20 08:00:00",
                "request",
            ),
            here,
        )
        for number, (domain, status, here) in enumerate(
            (("mail.example.com", 0, "mail000000"), ("xn--caf-dma.example.org", 1, None), ("shop.example.com", 1, None))
        )
    ),
)

WINDOWS: dict[str, Callable[[], Screen[Any]]] = {
    "profiles": lambda: Profiles(
        {"acme": "public, Acme GmbH, Bonn, DE, ECC, prime256v1", "lab": "private, ED25519"}, "acme", "mail.example.com"
    ),
    "profile": lambda: Edit("acme", {"organization": "Acme GmbH", "country": "DE"}),
    "renew": lambda: Renew(RECORDS[0], "was made on 2026-05-11 (196 days ago)"),
    "submit": lambda: SubmitScreen((RECORDS[0],), "international", ""),
    "submit-no-key": lambda: SubmitScreen(RECORDS, "", advice.sentence(account.MISSING)),
    "account": lambda: AccountScreen(Vault(), "in the keyring"),
    "differences": lambda: Differences(
        (
            Difference("department", "IT", ""),
            Difference("sans", "mail.example.com", ""),
            Difference("signature", "SHA-256", "SHA-1"),
        )
    ),
    "lost": lambda: Lost(
        replace(RECORDS[0], submission=LOST), "It may still arrive. Look again later.", may_decide=True
    ),
    "remote": lambda: RemoteScreen(lambda _offset, _limit: LISTING, "international"),
    "keyring": lambda: KeyringScreen(Vault(backend=MemoryKeyring())),
    "without-keyring": lambda: WithoutKeyring(
        "There is no OS keyring here that can be reached (no Secret Service on this D-Bus session).",
        Custody.RANDOM_KEYRING,
    ),
    "protect": lambda: ProtectScreen(MADE),
    "shown-password": lambda: ShownPassword("www.example.com", Secret("shown to whoever looks"), clock=lambda: 0),
}
"""What only an answer of Tencent Cloud or a keyring brings up, shown as if there were one."""


@pytest.mark.parametrize("name", WINDOWS)
async def test_the_window_looks_as_it_did(app: CsrTui, picture: SnapshotAssertion, name: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.push_screen(WINDOWS[name]())
        await settle(pilot)
        for field in app.screen.query(TextInput):
            field.cursor_blink = False
        await pilot.pause()
        drawn = re.sub(r"terminal-\d+", "terminal-X", app.export_screenshot())

    assert drawn == picture(name=name)


@pytest.mark.parametrize("name", LOOKS)
async def test_the_screen_looks_as_it_did(app: CsrTui, picture: SnapshotAssertion, name: str) -> None:
    look = LOOKS[name]

    async with app.run_test(size=look.size) as pilot:
        app.theme = look.theme
        await pilot.pause()
        await app.workers.wait_for_complete()
        app.screen.query_one("#search", TextInput).value = look.find
        await pilot.pause()
        for key in look.keys:
            await pilot.press(key)
            await pilot.pause()
            await app.workers.wait_for_complete()
        for field in app.screen.query(TextInput):
            field.cursor_blink = False
        await pilot.pause()
        drawn = re.sub(r"terminal-\d+", "terminal-X", app.export_screenshot())

    assert drawn == picture(name=name)


def issue(record: Record) -> Path:
    """What a CA that changed a little sends."""
    issuer = Authority("Example Issuing CA", Authority("Example Root", now=NOW), now=NOW)
    public = csr.read(record.csr or "").public_key
    leaf = issuer.issue(public, "shop.example.com", "example.com", "www.shop.example.com", organization="Example Ltd")
    Path("shop.pem").write_bytes(pem(leaf, issuer.certificate))
    return Path("shop.pem")


async def open_attach(app: CsrTui, pilot: Pilot[int], sent: Path) -> None:
    await pilot.press("a")
    await until(pilot, lambda: isinstance(app.screen, AttachScreen))
    await pilot.pause()
    app.screen.file.input.value = str(sent)  # type: ignore[attr-defined]
    await until(pilot, lambda: app.screen.query_one("#found").display)


async def open_export(app: CsrTui, pilot: Pilot[int], sent: Path) -> None:
    await open_attach(app, pilot, sent)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, RecordScreen))
    await settle(pilot)
    await pilot.press("e")
    await until(pilot, lambda: isinstance(app.screen, ExportScreen))


@pytest.mark.parametrize(("size", "theme"), [((80, 24), "csr-dark"), ((80, 24), "csr-light")])
@pytest.mark.parametrize("way", [open_attach, open_export])
async def test_the_windows_for_certificates_look_as_they_did(
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: SnapshotAssertion,
    way: Callable[[CsrTui, Pilot[int], Path], Awaitable[None]],
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.setattr(store, "now", lambda: NOW)
    monkeypatch.chdir(tmp_path)
    asked = next(one for one in RECORDS if one.id == "shop000000")
    record = generate.generate(store, vault, store.add(asked), Custody.RANDOM_KEYRING)
    sent = issue(record)
    app = CsrTui(store, vault, exports=Path("/srv/tls"), now=lambda: NOW)

    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await settle(pilot)
        await way(app, pilot, sent)
        for field in app.screen.query(TextInput):
            field.cursor_blink = False
        app.clear_notifications()
        await pilot.pause()
        drawn = re.sub(r"terminal-\d+", "terminal-X", app.export_screenshot())

    assert drawn == picture


TABLE = """Domain;Organization;City;Province;Country;EncryptAlgo;KeyParameter;SAN
www.example.com;Example Trading Ltd;Shenzhen;Guangdong;CN;ECC;;example.com
shop_1.example.com;Example Trading Ltd;Shenzhen;Guangdong;Chinaa;ECC;;
bücher.example.com;示例科技有限公司;深圳;广东;CN;RSA;4096;
db1.local;Example Trading Ltd;;;CN;ECC;;
shop.example.com;Example Trading Ltd;Shenzhen;Guangdong;CN;RSA;1024;
"""

ROWS = {"many": ("home",), "many-mend": ("enter",), "many-make": ("g",)}


@pytest.mark.parametrize("name", ROWS)
async def test_the_rows_of_a_table_look_as_they_did(
    app: CsrTui, picture: SnapshotAssertion, tmp_path: Path, name: str
) -> None:
    from ui.tables import opened, rewrite

    rewrite(tmp_path / "hosts.csv", TABLE)

    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, tmp_path / "hosts.csv")
        for key in ROWS[name]:
            await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        for field in app.screen.query(TextInput):
            field.cursor_blink = False
        await pilot.pause()
        drawn = re.sub(r"terminal-\d+", "terminal-X", app.export_screenshot())

    assert drawn == picture(name=name)
