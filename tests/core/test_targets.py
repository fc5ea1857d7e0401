"""The files of each target, PKCS#12, the lines to paste, and the manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, identity, kinds, pkcs12
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError
from csr_tui.export.manifest import Proof, Verdict, is_manifest, manifest
from csr_tui.export.targets import TARGETS
from csr_tui.export.targets.apache import APACHE
from csr_tui.export.targets.haproxy import HAPROXY
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.windows import WINDOWS
from csr_tui.lifecycle import exporting
from csr_tui.lifecycle.exporting import ExportRequest

if TYPE_CHECKING:
    from csr_tui.export.targets.target import Snippet, Target

ROOT = Authority("Example Root")
CA = Authority("Example Issuing CA", ROOT)
KEY = kinds.generate(KeySpec("ECC", "prime256v1"))
LEAF = CA.issue(KEY.public_key(), "www.example.com")
CHAIN = pem(LEAF, CA.certificate).decode()
CLEAR = encryption.to_plain_pem(KEY)
SECRET = Secret("correct horse bättery staple")
RECORD = Record(
    "4m7zzzzzzz",
    subject=Subject(domain="www.example.com"),
    certificate=CHAIN,
    not_after=datetime(2027, 2, 1, tzinfo=UTC),
    key_fingerprint="ab",
)


def snippet(target: Target, folder: Path = Path("/etc/tls"), *, encrypted: bool = False, shown: bool = True) -> Snippet:
    return target.snippet(target.placed(RECORD, folder, encrypted=encrypted, shown=shown))


@pytest.mark.parametrize(
    ("usage", "java", "windows"),
    [
        ("server", ["server.ssl.key-store", "server.ssl.key-store-type", "server.ssl.key-alias"], "LocalMachine"),
        ("client", ["-Djavax.net.ssl.keyStore", "-Djavax.net.ssl.keyStoreType"], "CurrentUser"),
        ("email", [], "CurrentUser"),
    ],
)
def test_the_lines_to_paste_are_those_of_a_server_or_of_a_client(usage: str, java: list[str], windows: str) -> None:
    record = replace(RECORD, usage=usage)
    lines, imported = (
        target.snippet(target.placed(record, Path("/etc/tls"), encrypted=False, shown=True)).lines
        for target in (JAVA, WINDOWS)
    )

    assert [line.partition("=")[0] for line in lines] == java
    assert f"Cert:\\{windows}\\My" in imported[1]
    assert any("Get-WebBinding" in line for line in imported) is (usage == "server")


SERVERS = [target for target in TARGETS.values() if target is not PEM]


@pytest.mark.parametrize("target", [NGINX, APACHE], ids=str)
def test_nginx_and_apache_take_the_chain_and_the_key_apart(target: Target) -> None:
    chain, key = target.contents(replace(RECORD, subject=Subject("*.example.com")), CLEAR.encode())

    assert (chain.name, chain.data, chain.mode, chain.private) == (
        "_wildcard.example.com.fullchain.pem",
        CHAIN.encode(),
        0o644,
        False,
    )
    assert (key.name, key.data, key.mode, key.private) == ("_wildcard.example.com.key", CLEAR.encode(), 0o600, True)


def test_haproxy_takes_one_private_file_with_the_certificate_first() -> None:
    (only,) = HAPROXY.contents(replace(RECORD, certificate=CHAIN.rstrip()), CLEAR.rstrip().encode())

    assert (only.name, only.mode, only.private) == ("www.example.com.haproxy.pem", 0o600, True)
    assert only.data == (CHAIN + CLEAR).encode()


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_what_is_planned_is_what_is_made(target: Target) -> None:
    planned = target.planned("www.example.com", issued=True)

    made = target.contents(RECORD, CLEAR.encode())
    listed = [(one.name, one.mode) for one in planned if not one.name.endswith("manifest.json")]
    assert listed == [(one.name, one.mode) for one in made]


@pytest.mark.parametrize("compatible", [False, True])
def test_a_pkcs12_opens_with_its_password_alone(compatible: bool) -> None:
    data = pkcs12.seal("www", KEY, (LEAF, CA.certificate), SECRET, compatible=compatible)

    key, chain = pkcs12.unseal(data, SECRET)

    assert (identity.fingerprint(key), chain) == (identity.fingerprint(KEY), (LEAF, CA.certificate))
    assert pkcs12.is_old_kind(data) is compatible
    for wrong in ("", "wrong"):
        with pytest.raises(PasswordError):
            pkcs12.unseal(data, Secret(wrong))
    with pytest.raises(InvalidError):
        pkcs12.unseal(data[:-20], SECRET)
    with pytest.raises(InvalidError):
        pkcs12.unseal(b"", SECRET)


@pytest.mark.parametrize("target", SERVERS, ids=str)
def test_each_server_has_three_lines_to_paste(target: Target) -> None:
    lines = snippet(target, encrypted=target.key.is_pkcs12).lines

    assert len(lines) == 3
    named = [one.name for one in target.planned("www.example.com", issued=True)][:-1]
    assert all(any(name in line for line in lines) for name in named)


@pytest.mark.parametrize(("target", "directive"), [(NGINX, "ssl_password_file"), (APACHE, "SSLPassPhrase")])
def test_an_encrypted_key_needs_a_fourth_line_and_a_word_on_the_password(target: Target, directive: str) -> None:
    known = snippet(target, encrypted=True)
    held = snippet(target, encrypted=True, shown=False)

    assert known.lines[3].startswith(directive)
    assert "csr-tui password 4m7zzzzzzz --show > /etc/tls/www.example.com.password" in known.notes[-1]
    assert "csr-tui password" not in held.notes[-1]


def test_a_password_that_the_person_holds_is_not_promised_to_be_shown() -> None:
    kept, held = (
        exporting.placed(replace(RECORD, custody=way), ExportRequest(Path("/etc"), NGINX), new_password=False)
        for way in (Custody.TYPED_KEYRING, Custody.TYPED_PROMPT)
    )

    assert "--show" in NGINX.snippet(kept).notes[0]
    assert "--show" not in NGINX.snippet(held).notes[0]


def test_odd_folders_are_quoted_for_who_reads_them() -> None:
    folder = Path('/srv/my "tls"; it\'s')

    nginx = snippet(NGINX, folder).lines
    haproxy = snippet(HAPROXY, folder).lines

    assert nginx[1] == 'ssl_certificate "/srv/my \\"tls\\"; it\'s/www.example.com.fullchain.pem";'
    assert "'/srv/my \"tls\"; it'\"'\"'s/www.example.com.haproxy.pem'" in haproxy[1]


def test_windows_is_told_the_thumbprint_and_why_the_kind_is_old() -> None:
    from cryptography.hazmat.primitives import hashes

    told = snippet(WINDOWS, encrypted=True)

    assert LEAF.fingerprint(hashes.SHA1()).hex().upper() in told.lines[2]  # noqa: S303  # how Windows names it
    assert "3DES and SHA-1" in told.notes[0]


def test_an_old_java_that_calls_the_password_incorrect_is_named() -> None:
    told = snippet(JAVA, encrypted=True)

    assert any("8u301" in note and "11.0.12" in note and "password was incorrect" in note for note in told.notes)


def test_a_manifest_says_the_same_twice_and_is_known_for_one() -> None:
    files = NGINX.contents(RECORD, CLEAR.encode())
    proofs = (Proof("nginx -t", Verdict.NOT_PROVEN, "", "nginx is not installed here"),)

    data = manifest(RECORD, "nginx", files, proofs)

    assert data == manifest(RECORD, "nginx", files, proofs)
    read = json.loads(data)
    assert read["files"][1]["mode"] == "0600"
    assert len(read["files"][0]["sha256"]) == 64
    assert read["proof"][0]["verdict"] == "not proven"
    assert CLEAR.splitlines()[1] not in data.decode()
    assert is_manifest(data)
    assert not any(map(is_manifest, (b"", b"[]", b"{}", b"\xff", b'{"made_by": "another"}')))
