"""The export of a record whose key is on a token, on the screens; what is written is judged in tests/cli."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from ui.driver import drive

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.keys import kinds
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.token_uri import TokenUri
from csr_tui.lifecycle import attach, existing_key, generate
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.export_result import ExportResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

CA = Authority("Example CA", Authority("Example Root", now=datetime.now(UTC)), now=datetime.now(UTC))
URI = TokenUri("Office", "1a2b", "web", "01")


@pytest.fixture
def generated(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Record:
    """Signed by a key of this process that stands for one on a token: no token is needed to export."""
    key = ExistingKey(kinds.generate(KeySpec("ECC", "prime256v1")), None, strength_accepted=True, token=URI)
    record = existing_key.with_key_type(draft(), key)
    return generate.generate(store, vault, record, Custody.TOKEN, existing=key)


async def test_the_files_without_a_key_are_shown_and_written(
    app: CsrTui, store: RecordStore, generated: Record, tmp_path: Path
) -> None:
    leaf = CA.issue(csr.read(generated.csr or "").public_key, "www.example.com")
    chain = (attach.Source("www.pem", pem(leaf, CA.certificate)),)
    attach.keep(store, attach.look(store, chain, datetime.now(UTC)))
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("e")
        screen = await pilot.see(ExportScreen)
        assert screen.aim.name == "nginx"
        assert "www.example.com.fullchain.pem" in pilot.text("#files")
        assert ".key" not in pilot.text("#files")
        assert f'ssl_certificate_key "engine:pkcs11:{URI};type=private";' in pilot.texts
        assert "No key: it is on its token" in "\n".join(one.title for one in screen.form._options)
        refused = {one.value: one.refusal for one in screen.target._options}
        assert refused["java"] == refused["haproxy"] == "not from a token"
        await pilot.press("ctrl+s")
        await pilot.see(ExportResult)
        assert "not proven: TLS handshake: the key is on token Office, serial 1a2b" in pilot.texts
    assert not list((tmp_path / "exports").glob("*.key"))


async def test_no_key_is_said_to_decrypt_that_is_not_here(app: CsrTui, generated: Record) -> None:
    assert generated.token == URI
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("e")
        await pilot.see(ExportScreen)
        await pilot.press("ctrl+s")
        await pilot.see(ExportResult)
        assert "not proven: key: it is on token Office, serial 1a2b, and is not exported" in pilot.texts
        assert "decrypts" not in pilot.texts
