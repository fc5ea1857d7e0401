"""export."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem

from csr_tui.core import csr
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Generated, MemoryKeyring, New, Run

STRONG = b"correct-horse-battery-staple-42\n"
OTHER = b"plum-lantern-orbit-saddle-77\n"
FILES = ["www.example.com.csr", "www.example.com.key", "www.example.com.private-bundle.pem"]


def public_key(path: Path, password: bytes = b"") -> str:
    """The public key of a private key, or of a CSR, as OpenSSL prints it; empty where it cannot be opened."""
    if path.suffix == ".csr":
        command = ["openssl", "req", "-in", str(path), "-noout", "-pubkey"]
    else:
        command = ["openssl", "pkey", "-in", str(path), "-pubout", "-passin", f"pass:{password.decode().strip()}"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


@pytest.mark.usefixtures("openssl")
def test_export_writes_three_private_files_that_openssl_loads(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated("--password-stdin", stdin=STRONG)

    result = run("export", made, "--to", str(tmp_path / "out"))

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "out").iterdir())
    key, request = (public_key(tmp_path / "out" / f"www.example.com.{kind}", STRONG) for kind in ("key", "csr"))
    assert key == request != ""
    assert result.out.splitlines()[0] == f"wrote {tmp_path}/out/www.example.com.key"


def test_export_in_json_names_each_file_and_what_became_of_it(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated()
    first = run("export", made, "--to", str(tmp_path / "out"), "--json")

    again = run("export", made, "--to", str(tmp_path / "out"), "--json")

    assert list(first.json) == ["id", "files"]
    assert {file["outcome"] for file in first.json["files"]} == {"written"}
    assert again.json["files"][0] == {"path": f"{tmp_path}/out/www.example.com.key", "outcome": "unchanged"}


def test_a_different_file_in_the_way_is_8_unless_it_is_to_be_replaced(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated()
    in_the_way = tmp_path / "www.example.com.key"
    in_the_way.write_text("precious")

    refused = run("export", made, "--to", str(tmp_path), "--json")
    kept = in_the_way.read_text()
    replaced = run("export", made, "--to", str(tmp_path), "--replace", "--json")

    assert (refused.status, refused.json["error"]["kind"], kept) == (8, "file", "precious")
    assert replaced.json["files"][0]["outcome"] == "replaced"
    assert (tmp_path / "www.example.com.key.bak").read_text() == "precious"


@pytest.mark.parametrize("place", ["file", "missing/folder", "dangling"])
def test_a_folder_that_is_none_is_8(place: str, run: Run, generated: Generated, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    assert run("export", generated(), "--to", str(tmp_path / place)).status == 8


@pytest.mark.parametrize(
    ("made_with", "words", "encrypted"),
    [
        ((), (), True),
        ((), ("--key-encrypted",), True),
        ((), ("--key-clear",), False),
        (("--no-password",), (), False),
        (("--no-password", "--protect", "unprotected"), (), False),
    ],
)
def test_the_key_is_encrypted_when_it_has_a_password_of_its_own(
    made_with: tuple[str, ...],
    words: tuple[str, ...],
    encrypted: bool,
    run: Run,
    generated: Generated,
    tmp_path: Path,
) -> None:
    result = run("export", generated(*made_with), "--to", str(tmp_path / "out"), *words)

    assert result.status == 0, result.err
    assert ("ENCRYPTED" in (tmp_path / "out" / "www.example.com.key").read_text()) is encrypted


@pytest.mark.usefixtures("openssl")
def test_a_password_for_the_exported_key_comes_on_the_next_line(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=STRONG)
    words = ("export", made, "--to", str(tmp_path / "out"), "--password-stdin", "--export-password-stdin")

    result = run(*words, stdin=STRONG + OTHER)

    assert result.status == 0, result.err
    assert public_key(tmp_path / "out" / "www.example.com.key", OTHER)
    assert not public_key(tmp_path / "out" / "www.example.com.key", STRONG)


@pytest.mark.usefixtures("openssl")
def test_a_clear_key_is_encrypted_for_export_when_a_password_is_given(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated("--no-password")

    without = run("export", made, "--to", str(tmp_path / "out"), "--key-encrypted")
    given = run("export", made, "--to", str(tmp_path / "out"), "--export-password-stdin", stdin=OTHER)

    assert (without.status, given.status) == (5, 0)
    assert public_key(tmp_path / "out" / "www.example.com.key", OTHER)


@pytest.mark.parametrize(
    "words", [("--key-clear", "--key-encrypted"), ("--key-clear", "--export-password-stdin")], ids=" ".join
)
def test_what_does_not_fit_together_is_a_usage_error(
    words: tuple[str, ...], run: Run, generated: Generated, tmp_path: Path
) -> None:
    assert run("export", generated(), "--to", str(tmp_path / "out"), *words, stdin=OTHER).status == 2
    assert not (tmp_path / "out").exists()


def test_a_password_that_the_person_holds_is_needed_and_has_to_be_right(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=STRONG)
    words = ("export", made, "--to", str(tmp_path / "out"))

    missing = run(*words, "--json")
    wrong = run(*words, "--password-stdin", "--json", stdin=OTHER)

    assert [missing.status, wrong.status] == [5, 5]
    assert [missing.json["error"]["kind"], wrong.json["error"]["kind"]] == ["password", "password"]
    assert not (tmp_path / "out").exists()


def test_a_password_that_left_the_keyring_is_5(
    run: Run, generated: Generated, keyring: MemoryKeyring, tmp_path: Path
) -> None:
    made = generated()
    keyring.kept.clear()

    result = run("export", made, "--to", str(tmp_path / "out"), "--json")

    assert (result.status, result.json["error"]["kind"]) == (5, "keyring")


def test_a_draft_has_nothing_to_export(run: Run, new: New, tmp_path: Path) -> None:
    assert run("export", new(), "--to", str(tmp_path / "out")).status == 4


def test_a_wildcard_and_a_unicode_domain_have_safe_file_names(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated(domain="*.example.com")
    run("export", made, "--to", str(tmp_path / "out"))

    assert (tmp_path / "out" / "_wildcard.example.com.key").exists()


CA = Authority("Example CA", Authority("Example Root", now=datetime.now(UTC)), now=datetime.now(UTC))


@pytest.fixture
def issued(run: Run, generated: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """An issued record; its id. No server is installed."""
    monkeypatch.setattr(program, "which", lambda _: None)

    def make(*words: str) -> str:
        made = generated(*words)
        leaf = CA.issue(csr.read(run("show", made, "--csr").out).public_key, "www.example.com")
        (tmp_path / "www.pem").write_bytes(pem(leaf, CA.certificate))
        assert run("attach", str(tmp_path / "www.pem")).status == 0
        return made

    return make


def test_a_servers_bundle_comes_with_what_to_paste_and_what_was_tried(
    run: Run, issued: Callable[..., str], tmp_path: Path
) -> None:
    made = issued("--no-password")

    result = run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx", "--json")
    said = run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx")

    assert result.status == 0, result.err
    assert list(result.json) == ["id", "files", "target", "configuration", "notes", "proof"]
    assert [file["path"].rpartition("/")[2] for file in result.json["files"]] == [
        "www.example.com.fullchain.pem",
        "www.example.com.key",
        "www.example.com.nginx.manifest.json",
    ]
    assert f"    ssl_certificate {tmp_path}/out/www.example.com.fullchain.pem;" in said.out.splitlines()
    assert "proven: TLS handshake: " in said.out
    assert "not proven: nginx -t: nginx is not installed here" in said.out


def test_what_a_server_refuses_is_4_although_it_is_written(
    run: Run, issued: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issued("--no-password")
    refused = Proof("nginx -t", Verdict.REFUSED, "nginx/1", "cannot load certificate")
    monkeypatch.setattr(program, "ask", lambda *_: refused)

    result = run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx")

    assert result.status == 4
    assert "refused: nginx -t: cannot load certificate" in result.out


@pytest.mark.parametrize(
    ("target", "words", "status"),
    [
        ("haproxy", (), 2),
        ("haproxy", ("--key-clear",), 0),
        ("java", ("--key-clear",), 2),
        ("windows", ("--key-clear",), 2),
        ("windows", (), 0),
        ("apache", (), 0),
    ],
)
def test_what_a_target_takes(
    target: str, words: tuple[str, ...], status: int, run: Run, issued: Callable[..., str], tmp_path: Path
) -> None:
    result = run("export", issued(), "--to", str(tmp_path / "out"), "--for", target, *words)

    assert result.status == status
    assert (tmp_path / "out").exists() is (status == 0)


def test_the_next_line_is_the_password_of_a_pkcs12(run: Run, issued: Callable[..., str], tmp_path: Path) -> None:
    made = issued("--no-password")
    words = ("export", made, "--to", str(tmp_path / "out"), "--for", "java")

    assert run(*words).status == 5
    assert run(*words, "--export-password-stdin", stdin=OTHER).status == 0


def test_without_a_certificate_a_server_gets_nothing(run: Run, generated: Generated, tmp_path: Path) -> None:
    result = run("export", generated(), "--to", str(tmp_path / "out"), "--for", "nginx", "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "state")
