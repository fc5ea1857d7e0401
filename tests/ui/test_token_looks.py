"""How the keys on a real token, and the window that asks for its PIN, look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from soft_token import MODULE, SoftTokens, need
from ui.driver import drive
from ui.test_looks import ALL, ONE, SvgExtension, take
from ui.test_tokens import at_the_tokens

from csr_tui.token import Module, Tokens
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.token_pin import TokenPin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SoftTokens:
    """A token with two keys, one of them of a kind that is not used."""
    need()
    soft = SoftTokens(tmp_path_factory.mktemp("softhsm") / "office")
    soft.add("Office")
    soft.add_key("Office", "EC:prime256v1", "api", "02")
    soft.add_key("Office", "EC:secp256k1", "coins", "03")
    return soft


@pytest.mark.parametrize("colors", [True, False], ids=["colors", "no-color"])
async def test_tokens_look_as_they_did(
    colors: bool,
    snapshot: SnapshotAssertion,
    office: SoftTokens,
    store: RecordStore,
    vault: Vault,
    draft: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = snapshot.use_extension(SvgExtension)
    monkeypatch.setenv("SOFTHSM2_CONF", str(office.configuration))
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    draft()
    app = CsrTui(store, vault, exports=tmp_path, tokens=lambda: Tokens([Module("softhsm", MODULE)]))
    async with drive(app) as pilot:
        await at_the_tokens(pilot, "api")
        changed = await take(pilot, picture, "keys", ALL if colors else ONE)
        await pilot.press("ctrl+g")
        await pilot.see(TokenPin)
        changed += await take(pilot, picture, "pin", ONE)

    assert not changed
