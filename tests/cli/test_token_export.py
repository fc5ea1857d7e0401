"""What is exported of a record whose key is on a token, and that OpenSSL serves TLS with it."""

from __future__ import annotations

import socket
import ssl
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from soft_token import MODULE, PIN, SoftTokens

from csr_tui.core import csr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Answers, New, Run

pytestmark = pytest.mark.system

STDIN = f"{PIN}\n".encode()
ROOT = Authority("Example Root", now=datetime.now(UTC))
CA = Authority("Example CA", ROOT, now=datetime.now(UTC))


@pytest.fixture
def issued(tokens: SoftTokens, run: Run, new: New, tmp_path: Path) -> Callable[[str], str]:
    """A record with a key on a token and its certificate; its id."""
    assert tokens.folder.is_dir()

    def make(label: str = "web") -> str:
        made = new()
        uri = f"pkcs11:token=Office;object={label}"
        assert run("generate", made, "--token", uri, "--password-stdin", stdin=STDIN).status == 0
        leaf = CA.issue(csr.read(run("show", made, "--csr").out).public_key, "www.example.com")
        (tmp_path / "www.pem").write_bytes(pem(leaf, CA.certificate))
        attached = run("attach", str(tmp_path / "www.pem"))
        assert attached.status == 0
        assert f"csr-tui export {made} --to DIR --for nginx" in attached.out
        return made

    return make


def test_a_ca_certifies_a_key_on_a_token(tokens: SoftTokens, run: Run, new: New, tmp_path: Path) -> None:
    made, uri = new(), "pkcs11:token=Office;object=web"
    assert run("generate", made, "--token", uri, "--password-stdin", stdin=STDIN).status == 0
    leaf = CA.issue(csr.read(run("show", made, "--csr").out).public_key, "www.example.com")
    (tmp_path / "www.pem").write_bytes(pem(leaf, CA.certificate))
    run("ca", "add", "own", "--command", f"sh -c 'cat \"$0\"' {tmp_path}/www.pem {{csr}}")

    result = run("obtain", made, "--json")

    record = result.json
    assert result.status == 0, result.err
    assert [record[name] for name in ("state", "origin", "has_key")] == ["issued", "token", False]
    assert tokens.folder.is_dir()


def test_pem_is_the_request_and_the_chain_without_a_key(issued: Callable[..., str], run: Run, tmp_path: Path) -> None:
    made = issued()

    result = run("export", made, "--to", str(tmp_path / "out"))

    assert result.status == 0, result.err
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert sorted(files) == ["www.example.com.csr", "www.example.com.fullchain.pem"]
    assert files["www.example.com.fullchain.pem"].count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE" not in "".join(files.values())


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("nginx", 'ssl_certificate_key "engine:pkcs11:{uri};type=private";'),
        ("apache", 'SSLCertificateKeyFile "{uri};type=private"'),
    ],
)
def test_a_server_gets_the_line_for_the_engine_which_is_not_proven(
    target: str, line: str, issued: Callable[..., str], run: Run, tmp_path: Path
) -> None:
    made = issued()

    result = run("export", made, "--to", str(tmp_path / "out"), "--for", target, "--json")

    assert result.status == 0, result.err
    uri = run("show", made, "--json").json["token"]["uri"]
    assert line.format(uri=uri) in result.json["configuration"]
    assert any("Not proven" in note for note in result.json["notes"])
    verdicts = {proof["what"]: proof["verdict"] for proof in result.json["proof"]}
    assert verdicts == {"key and certificate": "proven", "chain": "proven", "TLS handshake": "not proven"}
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"www.example.com.fullchain.pem", f"www.example.com.{target}.manifest.json"}


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--for", "java"), 4, "loads the private key from a file, but this one is on token Office"),
        (("--for", "windows"), 4, "never leaves it"),
        (("--for", "haproxy"), 4, "never leaves it"),
        (("--key-clear",), 2, "have no key to encrypt"),
        (("--key-encrypted",), 2, "have no key to encrypt"),
        (("--export-password-stdin",), 2, "have no key to encrypt"),
    ],
)
def test_what_needs_the_key_itself_is_refused(
    words: tuple[str, ...], status: int, sentence: str, issued: Callable[..., str], run: Run, tmp_path: Path
) -> None:
    result = run("export", issued(), "--to", str(tmp_path / "out"), *words, stdin=b"a long password for files\n")

    assert (result.status, sentence in result.err) == (status, True), result.err
    assert not (tmp_path / "out").exists()


def test_commands_that_need_the_key_say_where_it_is(issued: Callable[..., str], run: Run) -> None:
    made = issued()

    for words in (("password", made, "--show"), ("protect", made, "--protect", "unprotected")):
        result = run(*words)
        assert (result.status, "is on token Office, serial " in result.err) == (4, True)


def test_a_renewal_with_the_same_key_is_signed_by_its_token(issued: Callable[..., str], run: Run) -> None:
    made = issued()
    old = run("show", made, "--json").json

    draft = run("renew", made, "--same-key", "--json").json

    assert draft["token"] == old["token"]
    refused = run("generate", draft["id"], "--token", "pkcs11:token=Office;object=api", "--password-stdin", stdin=STDIN)
    assert (refused.status, "leave out --token" in refused.err) == (4, True)
    renewed = run("generate", draft["id"], "--password-stdin", "--json", stdin=STDIN)
    assert renewed.status == 0, renewed.err
    assert (renewed.json["key_fingerprint"], renewed.json["token"]) == (old["key_fingerprint"], old["token"])


def test_a_backup_brings_back_where_the_key_is(
    issued: Callable[..., str], run: Run, backup: Callable[..., str], typist: Answers
) -> None:
    made = issued()
    before = run("show", made, "--json").json
    path = backup()
    person = typist("n")
    run("purge", made, person=person)
    assert f"whose key stays on token Office, serial {before['token']['serial']}?" in person.asked[0]
    assert run("purge", made, "--yes").status == 0

    assert run("restore-backup", path).status == 0

    assert run("show", made, "--json").json == before


@pytest.mark.parametrize("label", ["web", "api"])
def test_openssl_serves_tls_with_the_key_and_the_exported_chain(
    label: str, tokens: SoftTokens, issued: Callable[..., str], run: Run, tmp_path: Path
) -> None:
    made = issued(label)
    assert run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx").status == 0
    uri = run("show", made, "--json").json["token"]["uri"]
    chain = tmp_path / "out" / "www.example.com.fullchain.pem"
    (tmp_path / "root.pem").write_bytes(pem(ROOT.certificate))

    with serving(tokens, uri, chain) as port:
        context = ssl.create_default_context(cafile=str(tmp_path / "root.pem"))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 wants key identifiers, which these have not
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        with context.wrap_socket(plain, server_hostname="www.example.com") as tls:
            assert tls.version() == "TLSv1.3"


@contextmanager
def serving(tokens: SoftTokens, uri: str, chain: Path) -> Iterator[int]:
    """OpenSSL as a server whose key is on the token; its port."""
    command = ("openssl", "s_server", "-engine", "pkcs11", "-keyform", "engine", "-key", f"{uri};pin-value={PIN}")
    files = ("-cert", str(chain), "-cert_chain", str(chain), "-accept", "127.0.0.1:0")
    pipe = subprocess.PIPE  # it ends where its input does
    with subprocess.Popen(
        [*command, *files], env=tokens.environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        lines = []
        try:
            for line in server.stdout:
                lines.append(line)
                if line.startswith("ACCEPT "):
                    yield int(line.rpartition(":")[2])
                    break
            else:
                pytest.fail("".join(lines))
        finally:
            server.kill()


def test_an_attestation_of_the_key_is_exported_beside_the_request(
    tokens: SoftTokens, run: Run, new: New, tmp_path: Path
) -> None:
    assert tokens.folder.is_dir()
    draft = new()
    other = ROOT.issue(CA.key.public_key(), "another key")
    words = ("--token", "pkcs11:token=Office;object=api", "--password-stdin", "--attestation", str(tmp_path / "a.pem"))
    public = serialization.load_pem_public_key(public_pem(tokens, "api", tmp_path))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    leaf = CA.issue(public, "YubiKey PIV Attestation 9c")

    for wrong, sentence in (
        ((other,), "is for another key"),
        ((leaf, CA.certificate, other), "does not belong to the attestation"),
        ((), "no certificate"),
    ):
        (tmp_path / "a.pem").write_bytes(pem(*wrong))
        refused = run("generate", draft, *words, stdin=STDIN)
        assert (refused.status, sentence in refused.err) == (3, True), refused.err
    (tmp_path / "a.pem").write_bytes(pem(CA.certificate, leaf))
    assert run("generate", draft, *words, stdin=STDIN).status == 0
    assert run("export", draft, "--to", str(tmp_path / "out")).status == 0

    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written.keys() == {"www.example.com.csr", "www.example.com.attestation.pem"}
    assert written["www.example.com.attestation.pem"] == pem(leaf, CA.certificate)
    assert "attestation" in run("show", draft).out


def public_pem(tokens: SoftTokens, label: str, tmp_path: Path) -> bytes:
    out = tmp_path / "public.pem"
    uri = f"pkcs11:token=Office;object={label}"
    tokens.run("p11tool", "--provider", str(MODULE), "--outfile", str(out), "--export-pubkey", uri)
    return out.read_bytes()


@pytest.mark.parametrize("words", [(), ("--token", "pkcs11:token=Office")])
def test_an_attestation_needs_a_key_that_is_on_a_token(words: tuple[str, ...], run: Run, new: New) -> None:
    assert run("generate", new(), *words, "--attestation", "a.pem").status == 2
