"""`csr-tui token`: what it shows of real tokens, and what it says where it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from soft_token import MODULE, SoftTokens, choose

from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import New, Run

    from csr_tui.paths import Paths

pytestmark = pytest.mark.system


def test_tokens_and_their_keys_are_listed_with_uris_that_other_programs_take(
    own: SoftTokens, run: Run, require: Callable[..., None], tmp_path: Path
) -> None:
    require("p11tool")
    own.add("Büro 1")
    own.add_key("Büro 1", "rsa:2048", "web key", "0102")
    own.add_key("Büro 1", "EC:prime256v1", "api", "0a")
    own.add_key("Büro 1", "EC:secp256k1", "coins", "0b")

    found = run("token", "list", "--json").json

    (token,) = found["tokens"]
    assert (token["label"], token["pin"], token["pin_pad"]) == ("Büro 1", "ok", False)
    assert found["problems"] == []
    keys = {key["label"]: key for key in token["keys"]}
    assert {label: (key["algorithm"], key["key_parameter"]) for label, key in keys.items()} == {
        "web key": ("RSA", "2048"),
        "api": ("ECC", "prime256v1"),
        "coins": ("ECC", "secp256k1"),
    }
    assert keys["web key"]["uri"].endswith(";object=web%20key;id=%01%02")
    for label, kind in (("web key", rsa.RSAPublicKey), ("api", ec.EllipticCurvePublicKey)):  # GnuTLS has no secp256k1
        out = tmp_path / "public.pem"  # without it, p11tool waits for three seconds
        own.run("p11tool", "--provider", str(MODULE), "--outfile", str(out), "--export-pubkey", keys[label]["uri"])
        assert isinstance(serialization.load_pem_public_key(out.read_bytes()), kind)
    text = run("token").out
    assert all(key["uri"] in text for key in keys.values())
    assert "coins: ECC secp256k1\n" in text


def test_a_token_without_keys_and_two_of_one_label_are_listed(own: SoftTokens, run: Run) -> None:
    own.add("Office")
    own.add("Office")

    found = run("token", "--json").json["tokens"]

    assert [token["label"] for token in found] == ["Office", "Office"]
    assert len({token["uri"] for token in found}) == 2
    assert "No keys are visible without the PIN." in run("token").out


def test_what_is_wrong_with_a_pin_is_shown(own: SoftTokens, run: Run) -> None:
    own.add("Office")
    own.tool("Office", "--list-objects", pin="0000000", check=False)

    assert run("token", "--json").json["tokens"][0]["pin"] == "count-low"
    assert "A wrong PIN was entered." in run("token").out


def test_no_token_is_no_error(own: SoftTokens, run: Run) -> None:
    assert own.folder.is_dir()
    result = run("token")

    assert (result.status, result.out) == (0, "No tokens. Modules: libsofthsm2.so.\n")


def test_a_module_that_is_missing_or_none_is_named_and_the_others_are_listed(
    own: SoftTokens, run: Run, paths: Paths, tmp_path: Path
) -> None:
    own.add("Office")
    (tmp_path / "text.so").write_text("not a library")
    choose(paths, tmp_path / "gone.so", tmp_path / "text.so", MODULE)

    result = run("token", "--json")

    assert result.status == 0
    assert [token["label"] for token in result.json["tokens"]] == ["Office"]
    gone, text = result.json["problems"]
    assert gone == f"The PKCS #11 module gone.so is not a file: {tmp_path}/gone.so."
    assert text.startswith("The PKCS #11 module text.so: ")
    assert "Traceback" not in result.err

    choose(paths, tmp_path / "gone.so")
    assert run("token").status == 5


@pytest.mark.parametrize("text", ["[token]\nmodul = 'x.so'\n", "[tokens]\nmodule = 'x.so'\n", "module = 'x.so'\n"])
def test_a_setting_that_does_not_exist_is_named(text: str, run: Run, paths: Paths) -> None:
    paths.config.mkdir(exist_ok=True)
    paths.settings.write_text(text)

    result = run("token")

    assert result.status == 8
    assert "is not a setting; module in the table token is the only one" in result.err


def test_a_module_that_hangs_is_named_and_the_program_ends(
    own: SoftTokens, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.conf")  # SoftHSM waits for its configuration without end
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "pipe.conf"))
    code = (
        "import sys; from pathlib import Path; from csr_tui.token import Module, Tokens\n"
        "from csr_tui.core.token_uri import TokenUri; from csr_tui.errors import TokenError\n"
        f"tokens = Tokens([Module('slow', Path({str(MODULE)!r}))], limit=0.5)\n"
        "print(tokens.list().problems)\n"
        "try: tokens.find(TokenUri('Office'))\n"
        "except TokenError as error: print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "The PKCS #11 module slow did not respond within" in result.stdout
    assert "The PKCS #11 module slow has not responded to an earlier call" in result.stdout


def test_a_command_that_waits_for_a_module_ends_when_it_is_interrupted(
    own: SoftTokens, new: New, paths: Paths, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    environment = own.environment | {"SOFTHSM2_CONF": str(tmp_path / "pipe.conf"), "CSR_TUI_HOME": str(tmp_path)}
    words = ("generate", new(), "--token", "pkcs11:token=Office", "--password-stdin")
    with subprocess.Popen(
        [sys.executable, "-m", "csr_tui", *words], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"Waiting for a PKCS #11 module" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    with RecordStore(paths.store) as store:
        assert store.unfinished() == ()


def test_without_the_library_one_sentence_says_how_to_get_it(
    run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(paths, MODULE)
    monkeypatch.setitem(sys.modules, "pkcs11", None)

    result = run("token")

    assert result.status == 5
    assert result.err == (
        "Tokens need the Python package python-pkcs11, which is missing. "
        "Install it in the environment of csr-tui: pip install python-pkcs11.\n"
    )
    assert run("token", "--json").json["error"]["kind"] == "token"


def test_without_p11_kit_the_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    result = run("token")

    assert result.status == 5
    assert "p11-kit is not installed" in result.err
    assert "[token]" in result.err


def test_the_modules_of_p11_kit_are_used_where_the_settings_name_none(
    own: SoftTokens, run: Run, paths: Paths, require: Callable[..., None]
) -> None:
    require("p11-kit")
    paths.settings.unlink()
    own.add("Office")

    found = run("token", "--json").json

    assert str(MODULE) in {module["path"] for module in found["modules"]}
    assert "Office" in {token["label"] for token in found["tokens"]}
    assert all(module["path"].startswith("/") for module in found["modules"])
    assert not any(module["name"].startswith("p11-kit-trust") for module in found["modules"])


@pytest.mark.parametrize("text", ["[token]\nmodule = 7", "[token]\nmodule = ['']", "token = 3", "= broken", "\0"])
def test_settings_that_cannot_be_understood_are_named(run: Run, paths: Paths, text: str) -> None:
    paths.config.mkdir()
    paths.settings.write_text(text)

    result = run("token")

    assert result.status == 8
    assert str(paths.settings) in result.err
    assert "Traceback" not in result.err
