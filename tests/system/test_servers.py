"""What the servers' own programs say is told as it is: taken, refused, or not proven."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem

from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, kinds, pkcs12
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets import program
from csr_tui.export.targets.apache import APACHE
from csr_tui.export.targets.haproxy import HAPROXY
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.target import Placed, Target
from csr_tui.export.targets.windows import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

CA = Authority("Example CA", Authority("Example Root"))
KEY = kinds.generate(KeySpec("ECC", "prime256v1"))
LEAF = CA.issue(KEY.public_key(), "www.example.com")
SECRET, WRONG = Secret("correct-horse-battery-42"), Secret("wrong")


RECORD = Record("x", subject=Subject("www"))


def bundle(folder: Path, key: str, password: Secret | None = None) -> Placed:
    (folder / "www.pem").write_bytes(pem(LEAF, CA.certificate))
    (folder / "www.key").write_text(key)
    return Placed(RECORD, folder / "www.pem", folder / "www.key", password is not None, password=password)


def one(file: Path, password: Secret | None = None) -> Placed:
    return Placed(RECORD, file, file, password is not None, password=password)


def ask(target: Target, files: Placed) -> Proof:
    assert target.check is not None
    return program.ask(target.check, files)


def test_nginx_takes_clear_and_encrypted_keys_and_refuses_what_does_not_fit(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("nginx")
    locked, other = (
        encryption.encrypt(KEY, SECRET, typed=True),
        encryption.to_plain_pem(kinds.generate(KeySpec("ECC", "prime256v1"))),
    )
    odd = tmp_path / 'an "odd" fold\'er;'
    odd.mkdir()

    said = [
        ask(NGINX, bundle(odd, key, password))
        for key, password in ((encryption.to_plain_pem(KEY), None), (locked, SECRET), (locked, WRONG), (other, None))
    ]

    assert [one.verdict for one in said] == [Verdict.PROVEN] * 2 + [Verdict.REFUSED] * 2, said
    assert said[0].tool.startswith("nginx/")
    assert not any(SECRET.reveal() in one.detail for one in said)


def test_haproxy_takes_a_clear_key_and_refuses_an_encrypted_one(tmp_path: Path, require: Callable[..., None]) -> None:
    require("haproxy")
    odd = tmp_path / "an odd fold'er"
    odd.mkdir()
    said = []
    for key in (encryption.to_plain_pem(KEY), encryption.encrypt(KEY, SECRET, typed=True)):
        (odd / "www.pem").write_bytes(pem(LEAF, CA.certificate) + key.encode())
        said.append(ask(HAPROXY, one(odd / "www.pem")))

    assert [one.verdict for one in said] == [Verdict.PROVEN, Verdict.REFUSED], said
    assert "HA" in said[0].tool


def test_keytool_takes_its_password_alone_and_shows_nothing_without_one(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("keytool")
    file = tmp_path / "www.p12"
    file.write_bytes(pkcs12.seal("www", KEY, (LEAF, CA.certificate), SECRET, compatible=False))

    said = [ask(JAVA, one(file, password)) for password in (SECRET, WRONG, Secret("pässword"))]

    assert [one.verdict for one in said] == [Verdict.PROVEN, Verdict.REFUSED, Verdict.NOT_PROVEN], said


def test_openssl_tells_the_old_kind_from_the_new(tmp_path: Path, require: Callable[..., None]) -> None:
    require("openssl")
    said = []
    for compatible in (True, False):
        file = tmp_path / "www.pfx"
        file.write_bytes(pkcs12.seal("www", KEY, (LEAF, CA.certificate), SECRET, compatible=compatible))
        said.append(ask(WINDOWS, one(file, SECRET)).verdict)

    assert said == [Verdict.PROVEN, Verdict.REFUSED]


PRETENDED = {
    "hangs": ("while True: pass", "did not respond within"),
    "is broken": ("print('cannot find my own library'); raise SystemExit(1)", "cannot find my own library"),
    "prints colours": ("print('\\x1b[31mno'); raise SystemExit(1)", "\\u{1b}[31mno"),
}


@pytest.mark.parametrize("how", PRETENDED)
def test_a_program_that_gives_no_verdict_on_our_files_proves_nothing(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, says = PRETENDED[how]
    pretended = tmp_path / "pretended"
    pretended.write_text(f"#!{sys.executable}\nimport sys\nif '-c' in sys.argv:\n    {code}\n")
    pretended.chmod(0o700)
    monkeypatch.setattr(program, "which", lambda _: str(pretended))
    monkeypatch.setattr(program, "LIMIT", 1.0)

    for target in (NGINX, HAPROXY):
        proof = ask(target, bundle(tmp_path, encryption.to_plain_pem(KEY)))

        assert proof.verdict is Verdict.NOT_PROVEN
        assert says in proof.detail


def test_what_is_not_installed_is_not_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "which", lambda _: None)

    for target in (NGINX, APACHE, HAPROXY, JAVA, WINDOWS):
        proof = ask(target, bundle(tmp_path, encryption.to_plain_pem(KEY)))

        assert (proof.verdict, proof.tool) == (Verdict.NOT_PROVEN, "")
        assert "is not installed here" in proof.detail
    assert PEM.check is None
