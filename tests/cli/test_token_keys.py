"""`csr-tui generate --token`: requests signed by real keys on real tokens, as openssl and GnuTLS judge them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pkcs11
import pytest
from soft_token import KINDS, MODULE, PIN, SPY, TOKEN, SoftTokens, choose

from csr_tui.core.custody import Custody
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.storage import RecordStore
from csr_tui.token import Module, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Answers, New, Run

    from csr_tui.paths import Paths

pytestmark = pytest.mark.system

STDIN = f"{PIN}\n".encode()


@pytest.mark.parametrize("label", KINDS)
def test_a_request_for_a_key_on_a_token_is_what_other_programs_make_of_it(
    label: str, tokens: SoftTokens, run: Run, new: New, require: Callable[..., None], tmp_path: Path
) -> None:
    require("openssl", "certtool")
    draft, token = new("--purpose", "private"), TOKEN.get(label, "Office")

    result = run("generate", draft, "--token", f"pkcs11:token={token};object={label}", "--password-stdin", stdin=STDIN)

    assert result.status == 0, result.err
    assert f"on token {token}, serial " in result.out
    record = run("show", draft, "--json").json
    _, algorithm, parameter = KINDS[label]
    assert (record["algorithm"], record["key_parameter"]) == (algorithm, parameter)
    assert (record["state"], record["origin"], record["protection"]) == ("generated", "token", "token")
    assert (record["has_key"], record["differences"]) == (False, [])
    assert record["token"]["label"] == token
    assert record["token"]["uri"].endswith(f";serial={record['token']['serial']};object={label};id=%0{_number(label)}")
    assert "verify OK" in judged(tokens, "openssl", "req", "-noout", "-verify", csr=record["csr"])
    assert "Self signature: verified" in judged(tokens, "certtool", "--crq-info", csr=record["csr"])
    asked = judged(tokens, "openssl", "req", "-noout", "-pubkey", csr=record["csr"])
    assert set(public_keys(tokens, record["token"]["uri"])) == {asked[asked.index("-----BEGIN") :]}
    assert PIN not in result.out + result.err
    assert not any(PIN.encode() in path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert f"{draft}  generated  TOKEN  " in run("list").out
    assert f"on token {token}, serial {record['token']['serial']}" in run("show", draft).out


def test_two_keys_with_one_id_are_told_apart_by_their_labels(own: SoftTokens, run: Run, new: New) -> None:
    own.add("Office")
    for label, kind in (("web", "EC:secp384r1"), ("api", "EC:prime256v1")):
        own.add_key("Office", kind, label, "01")

    keys = {key["label"]: key for key in run("token", "--json").json["tokens"][0]["keys"]}
    assert {label: key["key_parameter"] for label, key in keys.items()} == {"web": "secp384r1", "api": "prime256v1"}

    for label in keys:
        draft = new()
        result = run("generate", draft, "--token", keys[label]["uri"], "--password-stdin", stdin=STDIN)
        assert result.status == 0, result.err
        assert run("show", draft, "--json").json["key_parameter"] == keys[label]["key_parameter"]


def _number(label: str) -> int:
    return list(KINDS).index(label) + 1


def judged(tokens: SoftTokens, *words: str, csr: str) -> str:
    """What a program prints of a request."""
    result = subprocess.run(
        words,
        input=csr,
        env=tokens.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return result.stdout


def public_keys(tokens: SoftTokens, uri: str) -> Iterator[str]:
    """The public key behind a URI, as other programs find it: GnuTLS, and OpenSSL's engine, which has no Ed25519."""
    provider = ("certtool", "--provider", str(MODULE), "--load-privkey", f"{uri};type=private", "--pubkey-info")
    printed = tokens.run(*provider).decode()
    yield printed[printed.index("-----BEGIN") :]
    if "object=ed;" not in uri:
        engine = ("openssl", "pkey", "-engine", "pkcs11", "-inform", "engine", "-pubout")
        yield tokens.run(*engine, "-in", f"{uri};pin-value={PIN}").decode()


def test_a_key_that_wants_its_pin_for_each_signature_gets_it(tokens: SoftTokens, run: Run, new: New) -> None:
    assert tokens.folder.is_dir()
    draft = new()

    assert run("generate", draft, "--token", "pkcs11:token=Lab;id=%0c", "--password-stdin", stdin=STDIN).status == 0
    assert run("show", draft, "--json").json["token"]["uri"].endswith("object=slot%209c;id=%0c")


def test_the_pin_is_asked_for_once_with_the_name_of_its_token(
    tokens: SoftTokens, run: Run, new: New, typist: Answers
) -> None:
    assert tokens.folder.is_dir()
    person = typist(PIN)

    assert run("generate", new(), "--token", "pkcs11:token=Office;object=api", person=person).status == 0
    (asked,) = person.asked
    assert asked.startswith("PIN of token Office, serial ")


def test_a_wrong_pin_is_tried_once_and_the_rest_of_the_tries_is_told(
    own: SoftTokens, run: Run, new: New, paths: Paths, tmp_path: Path
) -> None:
    own.add("Office")
    own.add_key("Office", "EC:prime256v1", "web", "01")
    choose(paths, SPY)
    draft = new()
    words = ("generate", draft, "--token", "pkcs11:token=Office;object=web", "--password-stdin")
    spied = {"PKCS11SPY": str(MODULE), "PKCS11SPY_OUTPUT": str(tmp_path / "calls"), "CSR_TUI_HOME": str(tmp_path)}

    result = subprocess.run(
        [sys.executable, "-m", "csr_tui", *words], input=b"0000\n", env=own.environment | spied, capture_output=True
    )

    assert result.returncode == 5
    assert b"The PIN is wrong. Further wrong ones will lock it." in result.stderr
    assert (tmp_path / "calls").read_text(errors="replace").count(" C_Login\n") == 1
    assert run("show", draft, "--json").json["state"] == "draft"


@pytest.mark.parametrize(
    ("words", "stdin", "status", "sentence"),
    [
        (("--token", "pkcs11:token=Home;object=web"), STDIN, 5, "The token Home is not in this machine."),
        (("--token", "pkcs11:token=Office;object=x"), STDIN, 5, "has no such key: pkcs11:object=x"),
        (("--token", "Office"), STDIN, 2, "Enter a PKCS #11 URI"),
        (("--token", "pkcs11:token=Office;object=web?pin-value=1"), STDIN, 2, "contains a PIN"),
        (("--token", "pkcs11:token=Office;object=web"), b"\n", 5, "needs its PIN"),
        (("--token", "pkcs11:token=Office;object=web"), b"", 5, "no line with the password"),
        (("--token", "pkcs11:token=Office;object=web", "--protect", "keyring"), STDIN, 2, "has no password here"),
        (("--token", "pkcs11:token=Office;object=web", "--key-file", "x"), STDIN, 2, "they are two keys"),
        (("--token", "pkcs11:token=Lab;object=ed"), STDIN, 3, "Ed25519"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_the_draft_stays(
    words: tuple[str, ...], stdin: bytes, status: int, sentence: str, tokens: SoftTokens, run: Run, new: New
) -> None:
    assert tokens.folder.is_dir()
    draft = new()

    result = run("generate", draft, *words, "--password-stdin", stdin=stdin)

    assert (result.status, sentence in result.err) == (status, True), result.err
    assert run("show", draft, "--json").json["state"] == "draft"


def test_a_module_that_is_gone_is_named(paths: Paths, tokens: SoftTokens, run: Run, new: New, tmp_path: Path) -> None:
    assert tokens.folder.is_dir()
    draft = new()
    choose(paths, tmp_path / "gone.so")

    result = run("generate", draft, "--token", "pkcs11:token=Office;object=web", "--password-stdin", stdin=STDIN)

    assert (result.status, run("show", draft, "--json").json["state"]) == (5, "draft")
    assert "The PKCS #11 module gone.so is not a file" in result.err


def test_without_anybody_to_ask_the_pin_is_named_as_missing(tokens: SoftTokens, run: Run, new: New) -> None:
    assert tokens.folder.is_dir()
    result = run("generate", new(), "--token", "pkcs11:token=Office;object=web", "--json")

    assert (result.status, result.json["error"]["kind"]) == (5, "token")
    assert "give it with --password-stdin" in result.err


def test_the_key_of_another_record_is_refused_unless_it_is_shared(tokens: SoftTokens, run: Run, new: New) -> None:
    assert tokens.folder.is_dir()
    words = ("--token", "pkcs11:token=Office;object=big", "--password-stdin")
    first, second = new(), new()
    assert run("generate", first, *words, stdin=STDIN).status == 0

    refused = run("generate", second, *words, stdin=STDIN)

    assert refused.status == 4
    assert f"Record {first} already has this key." in refused.err
    assert run("generate", second, *words, "--shared-key", stdin=STDIN).status == 0


def test_a_key_that_is_seen_with_the_pin_alone_is_found(own: SoftTokens, run: Run, new: New) -> None:
    own.add("Office")
    library = pkcs11.lib(str(MODULE))
    library.reinitialize()  # it may have the tokens of another test
    with library.get_token(token_label="Office").open(rw=True, user_pin=PIN) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}
        domain = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        hidden = {pkcs11.Attribute.PRIVATE: True}
        for number in range(12):  # more than one answer of a search has
            domain.generate_keypair(id=bytes([number]), label=f"web{number}", store=True, public_template=hidden)

    assert run("token", "--json").json["tokens"][0]["keys"] == []
    words = ("generate", new(), "--token", "pkcs11:object=web11", "--password-stdin")
    assert run(*words, stdin=STDIN).status == 0


def test_the_label_of_a_token_is_only_text(own: SoftTokens, run: Run, new: New, typist: Answers) -> None:
    own.add("Of\x1b[31mfice\u202e")
    own.add_key("Of\x1b[31mfice\u202e", "EC:prime256v1", "w\x1b[2Jeb", "01")
    person = typist(PIN)

    results = [run("token"), run("generate", new(), "--token", "pkcs11:id=%01", person=person), run("list")]

    assert [result.status for result in results] == [0, 0, 0]
    shown = "".join((*person.asked, *(result.out + result.err for result in results)))
    assert "Of" in shown
    assert not {"\x1b", "\u202e"} & {*shown}


def test_two_tokens_of_one_label_are_told_apart_by_their_serials(own: SoftTokens, run: Run, new: New) -> None:
    own.add("Office")
    own.add_key("Office", "EC:prime256v1", "web", "01")
    own.add("Office")
    serials = {token["serial"]: token["keys"] for token in run("token", "--json").json["tokens"]}
    draft = new()

    refused = run("generate", draft, "--token", "pkcs11:token=Office;object=web", "--password-stdin", stdin=STDIN)

    assert refused.status == 5
    assert all(serial in refused.err for serial in serials)
    (serial,) = (serial for serial, keys in serials.items() if keys)
    uri = f"pkcs11:serial={serial};object=web"
    assert run("generate", draft, "--token", uri, "--password-stdin", stdin=STDIN).status == 0


def test_a_token_that_is_pulled_before_it_signs_is_named(own: SoftTokens) -> None:
    own.add("Office")
    own.add_key("Office", "EC:prime256v1", "web", "01")
    tokens = Tokens([Module("softhsm2", MODULE)])
    uri = TokenUri("Office", object="web")
    holder = tokens.find(uri)
    key = tokens.private(holder, tokens.key(holder, uri, None), Secret(PIN))
    shutil.rmtree(own.folder / "tokens")
    (own.folder / "tokens").mkdir()

    with pytest.raises(TokenError, match=r"The token Office, serial \w+ was removed"):
        _sign(key)


def _sign(key: object) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    key.sign(b"text", ec.ECDSA(hashes.SHA256()))


def test_a_private_key_never_leaves_its_token(tokens: SoftTokens) -> None:
    from cryptography.hazmat.primitives import serialization

    assert tokens.folder.is_dir()
    there = Tokens([Module("softhsm2", MODULE)])
    holder = there.find(uri := TokenUri("Office", object="api"))
    key = there.private(holder, there.key(holder, uri, None), Secret(PIN))

    with pytest.raises(TokenError, match="never leaves"):
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_a_draft_whose_token_is_still_to_be_chosen_is_an_error_until_it_is_named(
    tokens: SoftTokens, run: Run, new: New, paths: Paths
) -> None:
    draft, store = new(), paths.store
    with RecordStore(store) as opened:
        opened.save(replace(opened.get(draft), custody=Custody.TOKEN, token=TokenUri()))

    assert [found["field"] for found in run("show", draft, "--json").json["findings"] if found["level"] == "error"] == [
        "token"
    ]
    assert run("generate", draft, "--password-stdin", stdin=STDIN).status == 3
    done = run("generate", draft, "--token", "pkcs11:token=Office;object=api", "--password-stdin", stdin=STDIN)
    assert (done.status, run("show", draft, "--json").json["token"]["label"]) == (0, "Office")


def test_a_copy_gets_a_new_key_on_the_same_token_unless_it_is_taken_off(own: SoftTokens, run: Run, new: New) -> None:
    own.add("Office")
    words = ("--token", "pkcs11:token=Office", "--password-stdin")
    first = run("generate", new(), *words, "--json", stdin=STDIN).json

    copy, other = (run("copy", first["id"], "--json").json for _ in range(2))

    assert (copy["token"]["label"], copy["protection"], copy["origin"]) == ("Office", "token", None)
    assert "to be on token Office" in run("show", copy["id"]).out
    second = run("generate", copy["id"], "--password-stdin", "--json", stdin=STDIN).json
    assert second["token"]["uri"].startswith(f"{copy['token']['uri']};object={copy['id']};id=")
    assert second["key_fingerprint"] != first["key_fingerprint"]
    off = run("protect", other["id"], "--protect", "keyring", "--json").json
    assert (off["token"], off["password_choice"], off["protection"]) == (None, "random", "keyring")
    assert run("generate", other["id"], "--json").json["origin"] == "local"


def test_threads_that_use_one_module_at_once_do_not_end_each_others_sessions(tokens: SoftTokens) -> None:
    assert tokens.folder.is_dir()

    def use(_: int) -> None:
        there, uri = Tokens([Module("softhsm2", MODULE)]), TokenUri("Office", object="api")
        holder = there.find(uri)
        _sign(there.private(holder, there.key(holder, uri, None), Secret(PIN)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, range(40))) == [None] * 40
