"""Drives the real app on a store of its own and writes the pictures that the README shows.

Run `make screenshots`. SVG is what the app itself exports; PNG is that SVG drawn by headless Chromium
where there is one (other renderers misplace the letters), and left as it is where there is none.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = Path(tempfile.mkdtemp(prefix="csr-tui-pictures-"))
os.environ |= {"CSR_TUI_HOME": str(HOME), "TEXTUAL_ANIMATIONS": "none"}
os.environ.pop("NO_COLOR", None)

sys.path.insert(0, str(HERE.parent / "tests"))

import dns.message  # noqa: E402
import dns.rrset  # noqa: E402
from authority import Authority, pem  # noqa: E402  # the CA of the tests answers here too
from keyring.backend import KeyringBackend  # noqa: E402  # the environment comes first
from rich.cells import cell_len  # noqa: E402
from soft_token import MODULE, SoftTokens  # noqa: E402
from textual.widgets import Button  # noqa: E402

from csr_tui.core import csr  # noqa: E402
from csr_tui.core.custody import Custody  # noqa: E402
from csr_tui.core.fields import Subject  # noqa: E402
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage  # noqa: E402
from csr_tui.core.record import KeySpec, Purpose, Record, Tag  # noqa: E402
from csr_tui.core.token_uri import TokenUri  # noqa: E402
from csr_tui.lifecycle import attach, generate  # noqa: E402
from csr_tui.storage import RecordStore  # noqa: E402
from csr_tui.token import Module, Tokens  # noqa: E402
from csr_tui.ui.app import CsrTui  # noqa: E402
from csr_tui.ui.widgets.field import Field  # noqa: E402
from csr_tui.ui.widgets.text_input import TextInput  # noqa: E402
from csr_tui.vault import Vault  # noqa: E402

ACCOUNT = {"TENCENTCLOUD_SECRET_ID": "AKIDexample", "TENCENTCLOUD_SECRET_KEY": "example"}
"""Enough to show where a request would go; nothing is sent."""

CELL = 12.2
"""Width of one character cell in the SVG that Textual exports."""


class PictureKeyring(KeyringBackend):
    """Stands in for the desktop's keyring while the pictures are taken, and keeps nothing after that."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._kept.pop((service, username), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, its size, the keys that lead there from the desk, and a file to type there."""

    name: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (100, 30)
    theme: str = "csr-dark"
    find: str = ""
    file: str = ""


PICTURES = (
    Picture("desk", (), size=(124, 30)),
    Picture("subject", ("enter", "alt+1"), find="draft0shop"),
    Picture("names", ("enter", "alt+2"), find="draft0shop"),
    Picture("algorithm", ("enter", "alt+3"), find="draft0lab1"),
    Picture("key", ("enter", "alt+4"), find="draft0shop"),
    Picture("review", ("enter", "alt+5"), find="draft0shop"),
    Picture("record", ("enter",), size=(124, 40), find="made0wild1"),
    Picture("export", ("enter", "e"), find="made0mail1"),
    Picture("submit", ("t",), find="draft0mail"),
    Picture("order", ("ctrl+o",), find="made0order"),
    Picture("attach", ("a",), find="made0wild1", file="answer.pem"),
    Picture("renew", ("x",), find="made0mail1"),
    Picture("profiles", ("p",)),
    Picture("many", ("m",), size=(110, 30), file="hosts.csv"),
    Picture("desk-light", (), size=(124, 30), theme="csr-light"),
    Picture("token", ("enter", "alt+4", "tab"), find="draft0code"),
    Picture("usage", ("enter", "alt+1", "shift+tab", "shift+tab", "down"), find="draft0lab1"),
)

ACME = Subject(
    domain="shop.example.com",
    organization="Example Trading Ltd",
    email="pki@example.com",
    province="Guangdong",
    city="Shenzhen",
    country="CN",
)


def records() -> tuple[Record, ...]:
    """What the pictures show; the first is the oldest."""
    return (
        Record(
            "draft0shop",
            subject=ACME,
            names=("example.com", "*.example.com", "xn--bcher-kva.example.com"),
            key=KeySpec("ECC", "prime256v1"),
            remark="For the new shop",
            tags=(Tag("team", "web"),),
        ),
        Record(
            "draft0lab1",
            purpose=Purpose.PRIVATE,
            subject=Subject(domain="printer.lab.local", department="IT"),
            names=("10.20.0.7",),
            key=KeySpec("ED25519", "ed25519"),
            remark="Own CA",
        ),
        Record(
            "draft0cafe", subject=Subject(domain="xn--caf-dma.example.org", country="FR"), key=KeySpec("RSA", "4096")
        ),
        Record(
            "draft0mail",
            subject=Subject(
                "mail.example.com", "Example Trading Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN"
            ),
            key=KeySpec("ECC", "prime256v1"),
        ),
        Record(
            "draft0code",
            usage="code",
            purpose=Purpose.PRIVATE,
            subject=Subject(domain="Example Trading Ltd", organization="Example Trading Ltd", country="CN"),
            key=KeySpec("RSA", "3072"),
            custody=Custody.TOKEN,
            token=TokenUri("Code signing", object="release"),
        ),
        Record("draft0none", subject=Subject(organization="Example Trading Ltd")),
        Record("made0mail1", subject=Subject(domain="mail.example.com", country="CN"), key=KeySpec("RSA", "2048")),
        Record(
            "made0wild1",
            subject=Subject(
                domain="example.com",
                organization="示例科技有限公司",
                province="Guangdong",
                city="Shenzhen",
                country="CN",
            ),
            names=("*.example.com",),
            key=KeySpec("ECC", "prime256v1"),
        ),
        Record(
            "made0order",
            subject=Subject("www.example.com", "Example Trading Ltd", province="Guangdong", country="CN"),
            names=("example.com",),
            key=KeySpec("ECC", "prime256v1"),
        ),
    )


TABLE = """Domain;Organization;City;Province;Country;EncryptAlgo;KeyParameter;SAN
www.example.com;Example Trading Ltd;Shenzhen;Guangdong;CN;ECC;;example.com
shop_1.example.com;Example Trading Ltd;Shenzhen;Guangdong;China;ECC;;
bücher.example.com;示例科技有限公司;深圳;广东;CN;RSA;4096;
db1.local;Example Trading Ltd;;;CN;ECC;;
shop.example.com;Example Trading Ltd;Shenzhen;Guangdong;CN;RSA;1024;
"""

PROFILES = """[web]
organization = "Example Trading Ltd"
city = "Shenzhen"
province = "Guangdong"
country = "CN"
algorithm = "ECC"
key_parameter = "prime256v1"

[lab]
purpose = "private"
algorithm = "ED25519"
key_parameter = "ed25519"
"""


def answer(record: Record) -> bytes:
    """What a CA sends for a record: its certificate and the intermediate's."""
    now = datetime.now(UTC)
    issuer = Authority("Example Issuing CA", Authority("Example Root", now=now), now=now)
    names = (record.subject.domain, *record.names)
    return pem(issuer.issue(csr.read(record.csr or "").public_key, *names), issuer.certificate)


PROOFS = tuple(
    NameProof(name, "dns-01", f"_acme-challenge.{name}", value, f"https://ca.example/{name}")
    for name, value in (
        ("www.example.com", "5Tx9WRk0ukxRuYFuGfVg97TldHVIAhdS2mdHPNoQIlU"),
        ("example.com", "gW2C1eS9kq0sO3x0b8mZr4LZt1xN5mA7yqP0dHc9JtU"),
    )
)


def order(store: RecordStore, record: Record) -> None:
    """Place an order for a record, as far as the journal goes."""
    now = datetime.now(UTC)
    new = CertificateOrder(record.id, OrderStage.INTENT, "staging", directory="https://ca.example", account="1")
    placed = store.orders.put(store.orders.put(new).ordering(now)).ordered("https://ca.example/1")
    until = now + timedelta(days=7)
    placed = placed.looked(finalize_url="https://ca.example/2", expires=until, at=now, again_at=None)
    store.orders.put(placed.to_prove(PROOFS))


def resolver() -> str:
    """The address of a name server that has the first proof, and an old value in place of the second."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    values = {PROOFS[0].place: PROOFS[0].value, PROOFS[1].place: "oCg1zXJQh3vPZq9nB0kH5tYc7RrWmUe2LsDf8Ga4VbM"}

    def serve() -> None:
        while True:
            data, sender = server.recvfrom(4096)
            question = dns.message.from_wire(data)
            name = question.question[0].name
            answer = dns.message.make_response(question)
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", values[name.to_text(omit_final_dot=True)]))
            server.sendto(answer.to_wire(), sender)

    threading.Thread(target=serve, daemon=True).start()
    return "{}:{}".format(*server.getsockname())


async def take(picture: Picture, store: RecordStore, vault: Vault) -> str:
    """The SVG of one picture."""
    app = CsrTui(
        store,
        vault,
        exports=Path("/srv/tls"),
        environ=ACCOUNT | {"CSR_TUI_RESOLVER": resolver()},
        profiles=Path("config/profiles.toml"),
        tokens=lambda: Tokens([Module("softhsm", MODULE)]),
    )
    async with app.run_test(size=picture.size) as pilot:
        app.theme = picture.theme
        await pilot.pause()
        await app.workers.wait_for_complete()
        app.screen.query_one("#search", TextInput).value = picture.find
        await pilot.pause()
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause(0.4)  # what a person is asked for keeps its worker waiting
        if picture.file:
            app.screen.query(Field).first().input.value = picture.file
            await pilot.pause(0.4)
            for button in app.screen.query("#read").results(Button):
                button.press()
        await pilot.pause(0.6)
        return app.export_screenshot(title="csr-tui")


def straighten(svg: str) -> str:
    """Textual squashes wide characters: give every text the width of its cells (and one name for all ids)."""

    def widen(match: re.Match[str]) -> str:
        text = html.unescape(match.group(3))
        return f'{match.group(1)}textLength="{cell_len(text) * CELL:g}"{match.group(2)}>{match.group(3)}</text>'

    svg = re.sub(r"terminal-\d+", "terminal-csr-tui", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r'(<text[^>]*?)textLength="[\d.]+"([^>]*)>([^<]*)</text>', widen, svg)


def draw(svg: Path) -> None:
    """The PNG beside an SVG."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium here: the PNG pictures stay as they are.", file=sys.stderr)
        return
    width, height = (
        round(float(part))
        for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text()).groups()  # type: ignore[union-attr]
    )
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={HOME / 'chromium'}",
            "--default-background-color=00000000",
            f"--window-size={width},{height}",
            f"--screenshot={svg.with_suffix('.png')}",
            svg.as_uri(),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )


def main() -> None:
    clock = iter(
        datetime.now(UTC) - timedelta(hours=hours) for hours in (200, 120, 50, 30, 28, 26, 5, 4, 3, 2, 1, 0.9, 0.8)
    )
    vault = Vault(backend=PictureKeyring())
    os.chdir(HOME)
    Path("hosts.csv").write_text(TABLE)
    Path("config").mkdir()
    Path("config/profiles.toml").write_text(PROFILES)
    softhsm = SoftTokens(HOME / "softhsm")
    softhsm.add("Code signing")
    softhsm.add_key("Code signing", "rsa:3072", "release", "01")
    softhsm.add_key("Code signing", "EC:prime256v1", "nightly", "02")
    os.environ["SOFTHSM2_CONF"] = str(softhsm.configuration)
    with RecordStore(HOME / "data" / "records.db", clock=lambda: next(clock, datetime.now(UTC))) as store:
        for record in records():
            kept = store.add(record)
            if record.id.startswith("made"):
                made = generate.generate(store, vault, kept, kept.custody.choose())
                if record.id == "made0mail1":
                    source = attach.Source("answer.pem", answer(made))
                    attach.keep(store, attach.look(store, (source,), datetime.now(UTC)))
                elif record.id == "made0order":
                    order(store, made)
                else:
                    Path("answer.pem").write_bytes(answer(made))
        wanted = sys.argv[1:]
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            path = HERE / f"{picture.name}.svg"
            path.write_text(straighten(asyncio.run(take(picture, store, vault))))
            draw(path)
            print(path.relative_to(HERE.parent))
    shutil.rmtree(HOME)


if __name__ == "__main__":
    main()
