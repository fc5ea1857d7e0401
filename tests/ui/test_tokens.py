"""Keys on tokens in the wizard, with real tokens of SoftHSM."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from soft_token import MODULE, PIN, SoftTokens, need
from textual import events
from ui.driver import Driver, drive

from csr_tui.core import csr, rules
from csr_tui.core.custody import Custody
from csr_tui.core.record import KeySpec, Origin, Record, State
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.lifecycle import token_options
from csr_tui.lifecycle.tokens import open_tokens
from csr_tui.paths import Paths
from csr_tui.storage import Query
from csr_tui.token import Key, Module, Pin, Token, TokenList, Tokens
from csr_tui.ui import key_gate
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.token_pin import TokenPin
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.review import ReviewStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

pytestmark = pytest.mark.system

TYPED = ["minus" if letter == "-" else letter for letter in PIN]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SoftTokens:
    """Two tokens, one with keys, which no test changes."""
    need()
    soft = SoftTokens(tmp_path_factory.mktemp("softhsm") / "office")
    soft.add("Office")
    soft.add("Lab")
    soft.add_key("Office", "rsa:2048", "web", "01")
    soft.add_key("Office", "EC:prime256v1", "api", "02")
    soft.add_key("Office", "EC:secp256k1", "coins", "03")
    return soft


@pytest.fixture
def app(
    store: RecordStore, vault: Vault, office: SoftTokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CsrTui:
    """On these tokens."""
    monkeypatch.setenv("SOFTHSM2_CONF", str(office.configuration))
    return CsrTui(store, vault, exports=tmp_path, tokens=lambda: Tokens([Module("softhsm", MODULE)]))


def files_with_pin(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and PIN.encode() in path.read_bytes()]


async def at_the_tokens(pilot: Driver, key: str | None = None) -> KeyStep:
    """Open the draft's fourth step, choose a token, and a key on it by its label."""
    await pilot.settle()
    await pilot.press("enter")
    await pilot.settle()
    await pilot.press("f8")
    step = await pilot.see(KeyStep)
    await pilot.until(lambda: not step._no_tokens)
    await pilot.choose("#password_choice", Custody.TOKEN)
    await pilot.until(lambda: step.tokens.display)
    if key is not None:
        await pilot.press("enter")
        while (chosen := step.tokens.value) is None or chosen.uri.object != key:
            await pilot.press("down")
    return step


async def test_a_request_is_signed_on_a_token_after_a_wrong_pin_and_a_right_one(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], tmp_path: Path
) -> None:
    twin = draft("twin.example.com", custody=Custody.TOKEN, token=TokenUri("Office", object="api"))
    record = draft()
    async with drive(app) as pilot:
        await at_the_tokens(pilot, "api")
        await pilot.press("ctrl+g")
        window = await pilot.see(TokenPin)
        await pilot.press(*"00000000", "enter")
        await pilot.until(lambda: "The PIN is wrong." in pilot.text("#problem"))
        assert (window.pin.value, store.get(record.id).state) == ("", State.DRAFT)
        await pilot.press("enter")
        assert "Type the PIN" in pilot.text("#problem")
        await pilot.press(*TYPED, "enter")
        await pilot.see(RecordScreen)
        assert "CSR generated, verified and saved. The private key is on its token." in pilot.texts
        assert not {"w", "k"} & app.screen.active_bindings.keys()
        await pilot.press("escape", "down")
        assert pilot.current.id == twin.id
        await pilot.press("g")
        await pilot.until(lambda: f"Record {record.id} already has this key." in pilot.said)

    done = store.get(record.id)
    assert (done.state, done.origin, done.custody) == (State.GENERATED, Origin.TOKEN, Custody.TOKEN)
    assert (done.key, done.has_key, done.token and done.token.object) == (KeySpec("ECC", "prime256v1"), False, "api")
    assert csr.read(done.csr or "").signature_valid
    assert files_with_pin(tmp_path) == []


async def test_the_key_on_a_token_decides_the_type_and_the_review_names_it(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    record = draft(key_file="/gone.key")
    async with drive(app) as pilot:
        step = await at_the_tokens(pilot, "api")
        titles = {option.title: option.refusal for option in step.tokens._options}
        assert titles["coins, ECC secp256k1, on Office"] == "This type of key is not supported."
        assert [title for title, why in titles.items() if not why] == [
            "New key, on Lab",
            "api, ECC P-256, on Office",
            "web, RSA 2048, on Office",
            "New key, on Office",
        ]
        assert not step.own.display
        await pilot.press("f7")
        kinds = (await pilot.see(AlgorithmStep)).kind
        assert kinds.value == KeySpec("ECC", "prime256v1")
        assert {option.value for option in kinds._options if not option.refusal} == {kinds.value}
        await pilot.press("f9")
        await pilot.see(ReviewStep)
        assert "The token signs it, with its PIN." in pilot.text("#lead")
        assert "not with a key on a token" in pilot.text("#ways")
        await pilot.press("f8")
        again = await pilot.see(KeyStep)
        await pilot.until(lambda: again.tokens.display)
        assert again.read() == again.record
        assert again.tokens.value is not None
        assert again.tokens.value.uri.object == "api"
        await pilot.choose("#password_choice", Custody.TYPED_PROMPT)
        await pilot.press("ctrl+s")
        await pilot.see(Desk)

    kept = store.get(record.id)
    assert (kept.token, kept.custody, kept.key_file) == (None, Custody.TYPED_PROMPT, "")


async def test_a_token_without_a_chosen_key_is_an_error_that_is_kept_in_the_draft(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    record = draft()
    async with drive(app) as pilot:
        step = await at_the_tokens(pilot)
        await pilot.press("ctrl+g", *"4711")
        assert app.focused is step.tokens
        await pilot.press("f4", "ctrl+n")
        await pilot.see(ReviewStep)
        await pilot.until(lambda: "Fix 1 error" in pilot.text("#lead"))

    kept = store.get(record.id)
    assert (kept.token, kept.custody, kept.state) == (TokenUri(), Custody.TOKEN, State.DRAFT)
    assert [finding.code for finding in rules.check(kept) if finding.field == "token"] == ["token-missing"]


async def test_keys_typed_ahead_choose_the_key_and_the_pin_lands_in_its_window_alone(
    app: CsrTui, store: RecordStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_gate, "PATIENCE", 60.0)  # a busy machine reads a token more slowly
    async with drive(app) as pilot:
        await pilot.settle()
        letters = [events.Key("full_stop" if letter == "." else letter, letter) for letter in "nwww.example.com"]
        steps = [
            events.Key(key, None) for key in ("ctrl+n", "ctrl+n", "ctrl+n", "up", "enter", "down", "down", "ctrl+g")
        ]
        pin = [events.Key(key, letter) for key, letter in zip(TYPED, PIN, strict=True)]
        for key in (*letters, *steps, *pin, events.Key("enter", "\r")):
            app.post_message(key)
        await pilot.see(RecordScreen)
        await pilot.press("escape")
        (record,) = store.page(Query(), limit=9)

    assert (record.subject.domain, record.state, record.names) == ("www.example.com", State.GENERATED, ())
    assert record.token is not None
    assert record.token.object == "api"
    assert files_with_pin(tmp_path) == []


NO_TOKENS = {
    "library": "Tokens need the Python package python-pkcs11, which is missing. "
    "Install it in the environment of csr-tui: pip install python-pkcs11.",
    "module": "This machine has no PKCS #11 module.",
}


@pytest.mark.parametrize("missing", NO_TOKENS)
async def test_without_the_library_or_a_module_the_way_is_dimmed_with_its_reason(
    missing: str, store: RecordStore, vault: Vault, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft()
    if missing == "library":
        monkeypatch.setitem(sys.modules, "pkcs11", None)
        app = CsrTui(store, vault, exports=Path(), tokens=lambda: open_tokens(Paths(Path(), Path(), Path())))
    else:
        app = CsrTui(store, vault, exports=Path())
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("f8")
        step = await pilot.see(KeyStep)
        await pilot.settle()
        refusal = next(option.refusal for option in step.password._options if option.value is Custody.TOKEN)
        await pilot.press("up")
        assert step.password.value is not Custody.TOKEN

    assert refusal == NO_TOKENS[missing]


def test_a_locked_token_is_dimmed_and_a_drafted_key_that_is_not_there_stays_chosen() -> None:
    uri = TokenUri("Office", "1a")
    web = Key(replace(uri, object="web\x1b[2J\n"), None)
    locked = TokenList((Token(uri, Module("m", Path("m.so")), Pin.LOCKED, False, True, (web,)),), ())
    gone = Record("r", token=TokenUri("Home", "2b", "old"), key=KeySpec("ECC", "secp521r1"))

    first, second, third = token_options.options(locked, gone)

    assert (first.title, first.refusal, token_options.find((first, second), gone.token)) == ("old", "", first.value)
    assert second.refusal == third.refusal == "Token Office, serial 1a. The PIN is locked."
    assert [option.title for option in token_options.options(locked, replace(gone, token=uri))][1:] == [
        "New key, on Office"
    ]
    assert second.title == "web\\u{1b}[2J\\u{a}, unknown type, on Office"
    unlocked = TokenList(tuple(replace(token, pin=Pin.OK) for token in locked.tokens), ())
    assert token_options.options(unlocked, gone)[2].refusal == "csr-tui does not generate ECC P-521 keys on a token."


async def test_a_new_key_is_made_on_the_token_that_is_chosen(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], office: SoftTokens
) -> None:
    office.add("Spare")
    record = draft(key=KeySpec("ECC", "secp384r1"))
    async with drive(app) as pilot:
        step = await at_the_tokens(pilot)
        await pilot.press("enter")
        while (chosen := step.tokens.value) is None or chosen.uri.token != "Spare":
            await pilot.press("down")
        await pilot.press("ctrl+g")
        await pilot.see(TokenPin)
        await pilot.press(*TYPED, "enter")
        await pilot.see(RecordScreen)

    done = store.get(record.id)
    assert done.token is not None
    assert (done.key, done.token.object, done.origin) == (KeySpec("ECC", "secp384r1"), record.id, Origin.TOKEN)
    assert csr.read(done.csr or "").signature_valid
    assert record.id.encode() in office.tool("Spare", "--list-objects", "--type", "privkey")


@dataclass
class Pad:
    """Tokens as those of a device with keys of its own for the PIN, which SoftHSM has not: a stand-in."""

    real: Tokens
    asked: list[Secret | None]

    @property
    def modules(self) -> tuple[Module, ...]:
        return self.real.modules

    def list(self) -> TokenList:
        return self.real.list()

    def find(self, uri: TokenUri) -> Token:
        return replace(self.real.find(uri), needs_pin=False, pin_pad=True)

    def key(self, token: Token, uri: TokenUri, pin: Secret | None) -> Key:
        return self.real.key(token, uri, pin)

    def private(self, token: Token, key: Key, pin: Secret | None) -> object:
        self.asked.append(pin)
        return self.real.private(token, key, Secret(PIN))


async def test_a_pin_pad_asks_nothing_here(
    app: CsrTui, store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    pad = Pad(app._desk_context.tokens(), [])
    uri = next(token.uri for token in pad.list().tokens if token.uri.token == "Office")
    record = draft(custody=Custody.TOKEN, token=replace(uri, object="web"))
    device = CsrTui(store, vault, exports=Path(), tokens=lambda: pad)  # type: ignore[arg-type, return-value]
    async with drive(device) as pilot:
        await pilot.settle()
        await pilot.press("g")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.GENERATED
    assert pad.asked
    assert not any(pad.asked)
