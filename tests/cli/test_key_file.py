"""generate with a key of the person's own."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core.keys import identity, kinds
from csr_tui.core.record import KeySpec
from csr_tui.errors import StateError
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Answers, Generated, New, Run

    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.paths import Paths

STRONG = b"correct-horse-battery-staple-42\n"
OTHER = b"another-strong-battery-no-horse\n"


class KeyFile(Protocol):
    def __call__(self, password: bytes = b"", key: PrivateKey | None = None) -> tuple[Path, str]: ...


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    """A key in a file, under a password or in clear; and its fingerprint."""

    def make(password: bytes = b"", key: PrivateKey | None = None) -> tuple[Path, str]:
        own = key or ec.generate_private_key(ec.SECP384R1())
        lock = serialization.BestAvailableEncryption(password.strip()) if password else serialization.NoEncryption()
        path = tmp_path / "own.key"
        path.write_bytes(own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
        return path, identity.fingerprint(own)

    return make


def test_the_request_is_made_with_that_key_and_asks_for_its_kind(run: Run, new: New, key_file: KeyFile) -> None:
    path, fingerprint = key_file()
    made = new()

    record = run("generate", made, "--key-file", str(path), "--json").json

    assert (record["state"], record["key_fingerprint"]) == ("generated", fingerprint)
    assert (record["algorithm"], record["key_parameter"], record["origin"]) == ("ECC", "secp384r1", "local")
    assert record["differences"] == []
    page = run("show", made).out
    assert str(path) in page
    assert "FILE" in run("list").out


@pytest.mark.usefixtures("openssl")
def test_it_is_kept_under_a_random_password_and_exported_whole(
    run: Run, new: New, key_file: KeyFile, tmp_path: Path
) -> None:
    path, _ = key_file(STRONG)
    made = new()

    assert run("generate", made, "--key-file", str(path), "--key-password-stdin", stdin=STRONG).status == 0

    password = run("password", made, "--show").out.strip()
    run("export", made, "--to", str(tmp_path / "out"))
    ours = ["openssl", "pkey", "-in", f"{tmp_path}/out/www.example.com.key", "-passin", f"pass:{password}", "-pubout"]
    theirs = ["openssl", "pkey", "-in", str(path), "-passin", f"pass:{STRONG.decode().strip()}", "-pubout"]
    assert password != STRONG.decode().strip()
    assert subprocess.check_output(ours) == subprocess.check_output(theirs)


@pytest.mark.parametrize(("stdin", "opens"), [(STRONG, STRONG), (STRONG + OTHER, OTHER)], ids=["same", "new"])
def test_it_keeps_its_password_or_gets_the_next_one(
    stdin: bytes, opens: bytes, run: Run, new: New, key_file: KeyFile, tmp_path: Path
) -> None:
    made = new()

    words = ("generate", made, "--key-file", str(key_file(STRONG)[0]), "--password-stdin", "--protect", "prompt")
    assert run(*words, stdin=stdin).status == 0

    for password in (STRONG, OTHER):
        export = run("export", made, "--to", str(tmp_path / password.decode()[:4]), "--password-stdin", stdin=password)
        assert (export.status == 0) == (password == opens)


def test_a_clear_key_gets_the_password_that_is_given(run: Run, new: New, key_file: KeyFile) -> None:
    made = new()

    result = run("generate", made, "--key-file", str(key_file()[0]), "--password-stdin", stdin=STRONG)

    assert result.status == 0
    assert run("password", made, "--show").out == STRONG.decode()


def test_the_weak_password_of_a_file_is_judged_as_any_other(run: Run, new: New, key_file: KeyFile) -> None:
    made = new()
    words = ("generate", made, "--key-file", str(key_file(b"secret")[0]), "--password-stdin")

    assert run(*words, stdin=b"secret\n").status == 5
    assert run(*words, "--weak-password", stdin=b"secret\n").status == 0


def test_at_a_terminal_its_password_is_asked_for(run: Run, new: New, key_file: KeyFile, typist: Answers) -> None:
    path, _ = key_file(STRONG)
    person = typist(STRONG.decode().strip())

    assert run("generate", new(), "--key-file", str(path), person=person).status == 0
    assert str(path) in person.asked[0]


@pytest.mark.parametrize(
    ("stdin", "words"),
    [(b"", ()), (b"wrong\n", ("--key-password-stdin",)), (b"", ("--key-password-stdin",))],
    ids=["none", "wrong", "promised"],
)
def test_without_its_password_nothing_is_kept(
    stdin: bytes, words: tuple[str, ...], run: Run, new: New, key_file: KeyFile
) -> None:
    made = new()

    assert run("generate", made, "--key-file", str(key_file(STRONG)[0]), *words, stdin=stdin).status == 5

    record = run("show", made, "--json").json
    assert (record["state"], record["key_parameter"], record["revision"]) == ("draft", "prime256v1", 1)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(3, 2048),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["weak", "can be broken", "unknown kind", "not for a public CA"],
)
def test_a_key_that_the_rules_refuse_is_named_by_its_field(
    key: PrivateKey, run: Run, new: New, key_file: KeyFile
) -> None:
    made = new()

    result = run("generate", made, "--key-file", str(key_file(key=key)[0]), "--json")

    assert result.status == 3
    assert result.json["error"]["field"] in ("key_parameter", "algorithm")
    assert run("show", made, "--json").json["state"] == "draft"


def test_nobody_is_asked_for_a_password_of_a_key_that_is_refused(
    run: Run, new: New, key_file: KeyFile, typist: Answers
) -> None:
    path, _ = key_file(key=ed25519.Ed25519PrivateKey.generate())

    assert run("generate", new(), "--key-file", str(path), "--protect", "prompt", person=typist()).status == 3


def test_where_the_key_came_from_is_known_from_every_folder(
    run: Run, new: New, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = key_file()
    made = new()
    monkeypatch.chdir(path.parent)

    run("generate", made, "--key-file", path.name)

    assert str(path) in run("show", made).out


@pytest.mark.parametrize("kind", ["ECC secp521r1", "ED25519 ed25519", "ML-DSA 65"])
def test_a_key_of_another_kind_is_taken_for_an_own_ca(kind: str, run: Run, new: New, key_file: KeyFile) -> None:
    path, _ = key_file(key=kinds.generate(KeySpec(*kind.split())))

    assert run("generate", new("--purpose", "private"), "--key-file", str(path)).status == 0


def test_a_key_that_a_record_has_is_used_again_only_when_that_is_said(run: Run, new: New, key_file: KeyFile) -> None:
    path, _ = key_file()
    first, second = new(), new()
    run("generate", first, "--key-file", str(path))
    run("delete", first, "--yes")

    refused = run("generate", second, "--key-file", str(path))

    assert refused.status == 4
    assert f"csr-tui renew {first} --same-key" in refused.err
    assert run("generate", second, "--key-file", str(path), "--shared-key").status == 0


def test_a_file_that_is_not_there_or_holds_no_key_is_said(run: Run, new: New, tmp_path: Path) -> None:
    made = new()
    (tmp_path / "text").write_text("hello")

    assert run("generate", made, "--key-file", str(tmp_path / "missing")).status == 8
    assert run("generate", made, "--key-file", str(tmp_path)).status == 8
    assert run("generate", made, "--key-file", str(tmp_path / "text")).status == 3


def test_a_renewal_with_the_same_key_takes_no_file(run: Run, generated: Generated, key_file: KeyFile) -> None:
    renewal = run("renew", generated(), "--same-key").out.strip()

    assert run("generate", renewal, "--key-file", str(key_file()[0])).status == 4


def test_a_renewal_says_that_its_key_came_from_a_file(run: Run, new: New, key_file: KeyFile) -> None:
    made = new()
    run("generate", made, "--key-file", str(key_file()[0]))

    assert "was read from a file on" in run("renew", made, "--same-key").err


def test_a_generated_record_takes_no_key_file_any_more(run: Run, generated: Generated, key_file: KeyFile) -> None:
    assert run("generate", generated(), "--key-file", str(key_file(STRONG)[0])).status == 4


def test_a_draft_that_names_its_file_needs_no_flag_and_is_not_for_tencent(
    run: Run, new: New, key_file: KeyFile, paths: Paths
) -> None:
    path, fingerprint = key_file()
    made = new()
    with RecordStore(paths.store) as store:
        store.save(replace(store.get(made), key_file=str(path)))

    submitted = run("submit", made, "--yes")
    record = run("generate", made, "--json").json

    assert submitted.status == 4
    assert "uses your own key" in submitted.err
    assert record["key_fingerprint"] == fingerprint
    with RecordStore(paths.store) as store, pytest.raises(StateError, match="never changes"):
        store.save(replace(store.get(made), key_file="elsewhere"))


def test_a_key_with_a_prime_of_another_one_is_refused(run: Run, new: New, key_file: KeyFile) -> None:
    """Both can be worked out with one division, as those of many devices were in 2012."""
    one, two = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(2))
    path, _ = key_file(key=_of_primes(one.p, one.q))
    first = new()
    assert run("generate", first, "--key-file", str(path)).status == 0
    path, _ = key_file(key=_of_primes(one.p, two.q))

    refused = run("generate", new(), "--key-file", str(path))

    assert refused.status == 3
    assert "shares a prime" in refused.err
    assert first in refused.err
    path, _ = key_file(key=_of_primes(two.p, two.q))
    assert run("generate", new(), "--key-file", str(path)).status == 0


def _of_primes(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(65537, -1, (p - 1) * (q - 1))
    crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *crt, rsa.RSAPublicNumbers(65537, p * q)).private_key()


def test_its_path_need_not_be_utf_8(run: Run, new: New, key_file: KeyFile, tmp_path: Path, paths: Paths) -> None:
    path, fingerprint = key_file()
    odd = path.rename(path.with_name("caf\udce9 %41.key"))
    made = new()

    record = run("generate", made, "--key-file", str(odd), "--json").json

    assert record["key_fingerprint"] == fingerprint
    assert "caf\\u{dce9} %41.key" in run("show", made).out
    with RecordStore(paths.store) as store:
        assert store.get(made).key_file == str(odd)
