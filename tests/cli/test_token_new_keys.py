"""Keys that `generate --token` makes on a token: what they are, and what is known of one that a dead process left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from soft_token import MODULE, PIN, SoftTokens

from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import StorageError
from csr_tui.lifecycle import generate, tokens
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore
from csr_tui.token import Module, Tokens
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from cli.conftest import New, Run

    from csr_tui.paths import Paths

pytestmark = pytest.mark.system

STDIN = f"{PIN}\n".encode()
ON_OFFICE = ("--token", "pkcs11:token=Office", "--password-stdin")
LEFT = (Point.KEY_MADE, Point.CSR_SIGNED, Point.CSR_PROVED)
"""The points at which the token has a key, and no record has it."""

POINTS = (Point.INTENT, Point.PASSWORD_KEPT, Point.TOKEN_KEY_NOTED, *LEFT, Point.COMMITTED)


@pytest.fixture
def office(own: SoftTokens) -> SoftTokens:
    """A token without keys."""
    own.add("Office")
    return own


@pytest.mark.parametrize(
    ("algorithm", "parameter"), [("RSA", "2048"), ("ECC", "prime256v1"), ("ECC", "secp384r1"), ("ED25519", "ed25519")]
)
def test_a_new_key_never_leaves_its_token_and_has_the_id_of_the_record_as_its_label(
    algorithm: str, parameter: str, office: SoftTokens, run: Run, new: New
) -> None:
    draft = new("--purpose", "private", "--algorithm", algorithm, "--key-parameter", parameter)

    result = run("generate", draft, *ON_OFFICE, "--json", stdin=STDIN)

    assert result.status == 0, result.err
    record = result.json
    assert (record["algorithm"], record["key_parameter"], record["differences"]) == (algorithm, parameter, [])
    assert (record["origin"], record["has_key"]) == ("token", False)
    judge = ["openssl", "req", "-noout", "-verify"]
    assert "verify OK" in subprocess.run(judge, input=record["csr"], text=True, capture_output=True).stderr
    shown = office.tool("Office", "--list-objects", "--type", "privkey").decode()
    assert f"label:      {draft}" in shown
    assert "sensitive, always sensitive, never extractable, local" in shown
    assert "sign" in shown
    assert "decrypt" not in shown
    (key,) = run("token", "--json").json["tokens"][0]["keys"]
    assert key["uri"] == record["token"]["uri"]
    assert run("doctor", "--json").json["leftovers"] == []


@pytest.mark.parametrize("point", POINTS)
def test_a_key_that_a_killed_process_left_is_named_at_the_next_start_and_by_doctor(
    point: Point, office: SoftTokens, run: Run, new: New, paths: Paths
) -> None:
    draft = new()

    _kill_at(point, draft, paths, office)

    restored = run("list", "--state", "draft", "--json")
    report = run("doctor", "--json").json["leftovers"]
    there = run("token", "--json").json["tokens"][0]["keys"]
    said = run("generate", draft, "--json", "--token", "pkcs11:token=Nowhere").err + restored.err
    if point is Point.COMMITTED:
        assert (report, len(there), run("show", draft, "--json").json["state"]) == ([], 1, "generated")
        return
    assert run("show", draft, "--json").json["state"] == "draft"
    assert ("may be on token Office" in said) is (point not in {Point.INTENT, Point.PASSWORD_KEPT})
    if point in LEFT:
        (key,) = there
        assert any(key["uri"] in one and "token Office, serial" in one for one in report)
        assert run("generate", draft, "--token", key["uri"], "--password-stdin", stdin=STDIN).status == 0
    else:
        assert there == []
        run("doctor", "--mend")
    assert run("doctor", "--json").json["leftovers"] == []


def _kill_at(point: Point, record_id: str, paths: Paths, office: SoftTokens) -> None:
    """Generate on the token in a process that kills itself at this point."""
    code = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from cli import test_token_new_keys
from pathlib import Path
test_token_new_keys.generate_until({point.value!r}, {record_id!r}, Path({str(paths.store)!r}))
"""
    ended = subprocess.run([sys.executable, "-c", code], env=office.environment, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def generate_until(point: str, record_id: str, path: Path) -> None:
    """What the process does that is killed."""

    def reached(label: str) -> None:
        if label == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with RecordStore(path) as store:
        record = store.get(record_id)
        there = Tokens([Module("softhsm2", MODULE)])
        key = tokens.new_key(there, there.find(TokenUri("Office")), record, Secret(PIN))
        generate.generate(store, Vault(), record, record.custody, new_key=key, reached=reached)


def test_a_wrong_pin_leaves_neither_a_key_nor_a_note(office: SoftTokens, run: Run, new: New) -> None:
    assert office.folder.is_dir()
    draft = new()

    result = run("generate", draft, *ON_OFFICE, stdin=b"0000\n")

    assert result.status == 5
    assert "The PIN is wrong." in result.err
    assert "may be on" not in result.err
    assert run("doctor", "--json").json["leftovers"] == []


def test_a_token_that_fails_after_the_key_was_made_leaves_a_named_key(
    office: SoftTokens, run: Run, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    from csr_tui.errors import TokenError
    from csr_tui.token import session

    def pulled(*_: object) -> bytes:
        raise TokenError("The token was removed.")

    monkeypatch.setattr(session, "sign", pulled)
    draft = new()

    result = run("generate", draft, *ON_OFFICE, stdin=STDIN)

    assert (result.status, "may be on token Office" in result.err) == (5, True)
    assert f"label:      {draft}" in office.tool("Office", "--list-objects", "--type", "privkey").decode()
    assert len(run("doctor", "--json").json["leftovers"]) == 1


def test_a_disk_that_stays_full_after_the_key_was_made_hides_neither_the_key_nor_the_way_on(
    office: SoftTokens, run: Run, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.folder.is_dir()
    draft = new()

    def full(*_: object, **__: object) -> bool:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(RecordStore, "complete_generate", full)
        patched.setattr(RecordStore, "abandon", full)
        result = run("generate", draft, *ON_OFFICE, stdin=STDIN)

    (key,) = run("token", "--json").json["tokens"][0]["keys"]
    assert result.status == 8
    assert f": {key['uri']}." in result.err.partition("may be on token Office, serial ")[2]
    assert f"csr-tui generate {draft} --token URI" in result.err


def test_a_kind_of_key_that_is_not_made_on_tokens_is_refused(office: SoftTokens, run: Run, new: New) -> None:
    assert office.folder.is_dir()
    draft = new("--purpose", "private", "--algorithm", "ECC", "--key-parameter", "secp521r1")

    result = run("generate", draft, *ON_OFFICE, stdin=STDIN)

    assert (result.status, "does not generate ECC P-521 keys on a token" in result.err) == (5, True)
