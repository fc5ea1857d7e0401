"""How the screens look: compare with `git diff`, accept with `--snapshot-update` (CONTRIBUTING.md says how)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lifecycle.tencent.cloud import LOSE_REQUEST, Line, client_of
from support import MemoryKeyring
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from ui.driver import Driver, drive
from ui.orders import place_order

from csr_tui import profiles
from csr_tui.core import csr
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys import kinds
from csr_tui.core.record import KeySpec, Purpose, Record, Tag
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.ui.app import CsrTui
from csr_tui.ui.flows import obtain, orders
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.obtain.ca_list import CAList
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.order_page import OrderPage
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=60)

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


class Around(Enum):
    """What is amiss around the app."""

    NOTHING = auto()
    NO_API_KEY = auto()
    NO_KEYRING = auto()
    LOST_REPLY = auto()


@dataclass(frozen=True)
class Look:
    """A picture: what to search for, the keys from there (`#` for a button), the size, the theme."""

    find: str = ""
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (80, 24)
    theme: str = "csr-dark"
    around: Around = Around.NOTHING

    async def taken(self, app: CsrTui) -> str:
        async with drive(app, size=self.size) as pilot:
            app.theme = self.theme
            await pilot.settle()
            pilot.on(Desk).search.value = self.find
            await pilot.settle()
            for key in self.keys:
                await (pilot.click(key) if key.startswith("#") else pilot.press(key))
                await pilot.settle()
            return await pilot.picture()


ONE = ("80x24",)
ALL = ("60x15", "120x40", "light", *ONE)
"""The sizes of a picture; what is light is 80 by 24."""


@dataclass(frozen=True)
class Stop:
    """Where a walk through the program takes pictures: the keys from the last stop, or from the desk with `find`."""

    name: str
    keys: tuple[str, ...] = ()
    find: str | None = None
    looks: tuple[str, ...] = ONE


WALK = (
    Stop("desk", looks=ALL),
    Stop("desk-nothing-found", find="nothing"),
    Stop("subject", ("enter", "alt+s"), "shop", ALL),
    Stop("names", ("alt+n",), looks=ALL),
    Stop("algorithm", ("alt+a",), looks=ALL),
    Stop("key", ("alt+k",), looks=ALL),
    Stop("review", ("alt+r",), looks=ALL),
    Stop("help", ("f1",), looks=ALL),
    Stop("subject-findings", ("enter", "alt+s", "alt+n", "alt+s"), "xn--caf"),
    Stop("review-findings", ("alt+r",)),
    Stop("desk-filter", ("f",), ""),
    Stop("desk-selected", ("space", "down", "space", "o"), ""),
    Stop("algorithm-own-ca", ("enter", "alt+a"), "printer"),
    Stop("extra-lines", ("alt+n", "tab", "tab", "tab")),
    Stop("usage", ("alt+s", "shift+tab", "shift+tab", "down"), looks=(*ONE, "60x15")),
)


async def take(pilot: Driver, picture: SnapshotAssertion, name: str, looks: tuple[str, ...]) -> list[str]:
    """Picture this screen in each look, and come back to 80 by 24; those that are others than before."""
    changed = []
    for look in looks:
        width, _, height = ("80x24" if look == "light" else look).partition("x")
        pilot.app.theme = "csr-light" if look == "light" else "csr-dark"
        await pilot.resize_terminal(int(width), int(height))
        await pilot.settle()
        await pilot.still()
        full = name if look in ONE else f"{name}-{look}"
        if await pilot.picture() != picture(name=full):
            changed.append(full)
    pilot.app.theme = "csr-dark"
    await pilot.resize_terminal(80, 24)
    await pilot.settle()
    return changed


async def to_the_desk(pilot: Driver) -> None:
    while not isinstance(pilot.app.screen, Desk):
        await pilot.press("escape")
        await pilot.settle()


@pytest.mark.parametrize("colors", [True, False], ids=["colors", "no-color"])
async def test_the_screens_look_as_they_did(
    request: pytest.FixtureRequest, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, colors: bool
) -> None:
    """One walk with colours in each look, and one without, where the screens that have all looks are pictured once."""
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    changed = []
    async with drive(request.getfixturevalue("app")) as pilot:
        await pilot.settle()
        for stop in WALK:
            if stop.find is not None:
                await to_the_desk(pilot)
                pilot.on(Desk).search.value = stop.find
                await pilot.settle()
            for key in stop.keys:
                await pilot.press(key)
                await pilot.settle()
            if colors:
                changed += await take(pilot, picture, stop.name, stop.looks)
            elif stop.looks == ALL:
                changed += await take(pilot, picture, f"no-color-{stop.name}", ONE)

    assert not changed


WINDOWS = {
    "profiles": Look("mail", ("p",)),
    "profile": Look("mail", ("p", "#edit")),
    "renew": Look("www", ("x",)),
    "submit": Look("mail", ("t",)),
    "submit-no-key": Look("", ("ctrl+a", "t"), around=Around.NO_API_KEY),
    "account": Look("", ("i",), around=Around.NO_API_KEY),
    "differences": Look("mail", ("t", "ctrl+t")),
    "lost": Look("mail", ("t", "ctrl+t", "t"), around=Around.LOST_REPLY),
    "remote": Look("", ("b",)),
    "keyring": Look("", ("v",)),
    "without-keyring": Look("mail", ("g",), around=Around.NO_KEYRING),
    "challenge": Look("mail", ("h",)),
    "protect": Look("www", ("enter", "k")),
    "reveal-password": Look("www", ("enter", "w")),
}


@pytest.mark.parametrize("name", WINDOWS)
async def test_the_window_looks_as_it_did(
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: SnapshotAssertion,
    name: str,
) -> None:
    look, line = WINDOWS[name], Line()
    monkeypatch.setattr(store, "now", lambda: LATER)
    www = replace(RECORDS[1], id="www0000000", subject=Subject("www.example.com"))
    for record in RECORDS:
        store.add(record)
    password = Secret("shown to whoever looks")
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "generate", lambda _: Ed25519PrivateKey.from_private_bytes(bytes(32)))
        generate.generate(store, vault, store.add(www), Custody.TYPED_KEYRING, password=password)
    path = tmp_path / "profiles.toml"
    profiles.save(path, "acme", {"organization": "Acme GmbH", "city": "Bonn", "country": "DE"})
    profiles.save(path, "lab", {"purpose": "private"})
    profiles.set_default(path, "acme")
    keyring.broken = look.around is Around.NO_KEYRING

    with Sandbox(quirks=True, deliver=line) as sandbox:
        sandbox._account._next, sandbox._account._clock = 7000, START.timestamp
        for domain in ("mail.example.com", "shop.example.com"):
            there = replace(RECORDS[0], subject=replace(RECORDS[0].subject, domain=domain))
            client_of(sandbox).create(there, remark="For the shop")
        line.plan["CreateCSR"] = [LOSE_REQUEST] if look.around is Around.LOST_REPLY else []
        account = {
            "CSR_TUI_ENDPOINT": sandbox.endpoint,
            "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
            "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
        }
        environ = {} if look.around is Around.NO_API_KEY else account
        app = CsrTui(store, vault, exports=tmp_path, profiles=path, environ=environ, now=lambda: LATER)
        assert await look.taken(app) == picture(name=name)


def issue(record: Record) -> Path:
    """What a CA that changed a little sends."""
    issuer = Authority("Example Issuing CA", Authority("Example Root", now=NOW), now=NOW)
    public = csr.read(record.csr or "").public_key
    leaf = issuer.issue(public, "shop.example.com", "example.com", "www.shop.example.com", organization="Example Ltd")
    Path("shop.pem").write_bytes(pem(leaf, issuer.certificate))
    return Path("shop.pem")


@pytest.mark.parametrize("colors", [True, False], ids=["colors", "no-color"])
async def test_what_becomes_of_a_certificate_looks_as_it_did(
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: SnapshotAssertion,
    colors: bool,
) -> None:
    prefix, looks = ("", ALL) if colors else ("no-color-", ONE)
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(store, "now", lambda: NOW)
    monkeypatch.chdir(tmp_path)
    asked = replace(RECORDS[3], purpose=Purpose.PRIVATE, key=RECORDS[1].key)  # its signature is the same each time
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "generate", lambda _: Ed25519PrivateKey.from_private_bytes(bytes(32)))
        record = generate.generate(store, vault, store.add(asked), Custody.RANDOM_KEYRING)
    sent = issue(record)
    app = CsrTui(store, vault, exports=Path("/srv/tls"), now=lambda: NOW)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
        await pilot.settle()
        changed = await take(pilot, picture, f"{prefix}record", looks)
        await pilot.press("a")
        screen = await pilot.see(AttachScreen)
        screen.file.input.value = str(sent)
        await pilot.until(lambda: screen.found.display)
        changed += await take(pilot, picture, f"{prefix}attach", looks)
        await pilot.press("ctrl+s")
        await pilot.see(RecordScreen)
        await to_the_desk(pilot)  # the serial number on the page is another each time
        await pilot.press("e")
        await pilot.see(ExportScreen)
        changed += await take(pilot, picture, f"{prefix}export", ("60x15", "light", *ONE) if colors else ONE)

    assert not changed


@pytest.mark.parametrize("colors", [True, False], ids=["colors", "no-color"])
async def test_the_way_to_a_ca_looks_as_it_did(
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: SnapshotAssertion,
    colors: bool,
) -> None:
    """An order as a directory left it; what is seen of its proofs stands in for name servers."""
    prefix, looks = ("", ("60x15", "120x40", *ONE)) if colors else ("no-color-", ONE)
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(store, "now", lambda: NOW)
    store.cas.add(CA("corp", command="step ca sign {csr} {out}"))
    there = CA("staging", "https://ca.example/dir", email="pki@example.com", account_url="https://ca.example/1")
    store.cas.add(replace(there, custody=Custody.NONE_UNPROTECTED), account_key="KEY")
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "generate", lambda _: Ed25519PrivateKey.from_private_bytes(bytes(32)))
        asked = replace(RECORDS[3], purpose=Purpose.PRIVATE, key=RECORDS[1].key)
        record = generate.generate(store, vault, store.add(asked), Custody.RANDOM_KEYRING)
    monkeypatch.setattr(obtain, "look", lambda *_: store.get(record.id))
    monkeypatch.setattr(orders, "look_at_all", lambda _: ())
    app = CsrTui(store, vault, exports=tmp_path, now=lambda: NOW)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("f4")
        await pilot.see(CAList)
        changed = await take(pilot, picture, "cas", ONE if colors else ())
        await pilot.press("escape", "ctrl+o")
        await pilot.see(ChooseCA)
        changed += await take(pilot, picture, "choose-ca", ONE if colors else ())
        await pilot.press("escape")
        place_order(store, record, NOW, LATER)
        await pilot.press("f5", "ctrl+o")
        await pilot.see(OrderPage)
        await pilot.until(lambda: "Looked at" in pilot.texts)
        changed += await take(pilot, picture, f"{prefix}order", looks)

    assert not changed


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

    async with drive(app, size=(80, 24)) as pilot:
        app.theme = "csr-dark"
        await opened(pilot, tmp_path / "hosts.csv")
        for key in ROWS[name]:
            await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        drawn = await pilot.picture()

    assert drawn == picture(name=name)
