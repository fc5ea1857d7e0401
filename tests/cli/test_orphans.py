"""doctor DIR: files from OpenSSL and from this program, sorted out by their public keys."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from csr_tui.core.keys import encryption
from csr_tui.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Generated, MemoryKeyring, New, Run

pytestmark = pytest.mark.usefixtures("openssl")

PASSWORD = "four unlikely words together"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "keys"
    made.mkdir()
    return made


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)


def pair(folder: Path, name: str) -> None:
    """A key and its request."""
    openssl(
        folder,
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        f"{name}.key",
        "-out",
        f"{name}.csr",
        "-subj",
        f"/CN={name}",
    )


def test_files_belong_together_by_their_public_key_whatever_they_are_called(run: Run, folder: Path) -> None:
    pair(folder, "web")
    openssl(folder, "x509", "-req", "-in", "web.csr", "-signkey", "web.key", "-days", "30", "-out", "other-name.crt")
    (folder / "web.key").rename(folder / "moved.pem")

    result = run("doctor", str(folder), "--json")

    (family,) = result.json["folder"]["families"]
    assert [(os.path.basename(one["path"]), one["kind"]) for one in family["files"]] == [  # noqa: PTH119  # text
        ("moved.pem", "private key"),
        ("other-name.crt", "certificate"),
        ("web.csr", "request"),
    ]
    assert family["record"] is None
    (finding,) = result.json["folder"]["findings"]
    assert "moved.pem belongs to no record; it matches" in finding
    assert result.status == 4


def test_what_lost_its_partner_is_named(run: Run, folder: Path) -> None:
    pair(folder, "web")
    pair(folder, "alone")
    (folder / "web.key").unlink()
    (folder / "alone.csr").unlink()

    result = run("doctor", str(folder))

    assert result.status == 4
    assert "web.csr has no key" in result.out
    assert "alone.key belongs to no record; no file here matches it" in result.out


def test_a_ca_has_not_lost_its_key(run: Run, folder: Path) -> None:
    openssl(
        folder,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
        "-subj",
        "/CN=CA",
        "-days",
        "30",
    )
    (folder / "ca.key").unlink()

    result = run("doctor", str(folder), "--json")

    assert (result.status, result.json["folder"]["findings"]) == (0, [])


def close_primes() -> rsa.RSAPrivateKey:
    """A key whose primes are so close that Fermat finds them at once."""

    def prime_after(number: int) -> int:
        while pow(2, number - 1, number) != 1:
            number += 2
        return number

    p = rsa.generate_private_key(65537, 2048).private_numbers().p
    return of_primes(p, prime_after(p + 2))


def of_primes(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: openssl(folder, "genrsa", "-out", "bad.key", "1024"), "The key is weak"),
        (lambda folder: openssl(folder, "genrsa", "-3", "-out", "bad.key", "2048"), "public exponent is not 65537"),
        (
            lambda folder: (folder / "bad.key").write_text(encryption.to_plain_pem(close_primes())),
            "primes are so close",
        ),
    ],
)
def test_a_weak_key_is_told(run: Run, folder: Path, make: Callable[[Path], object], says: str) -> None:
    make(folder)
    (folder / "bad.key").chmod(0o600)

    result = run("doctor", str(folder))

    assert result.status == 4
    assert f"{folder}/bad.key: " in result.out
    assert says in result.out


def test_a_key_that_others_may_read_is_told_and_mending_leaves_it(run: Run, folder: Path, generated: Generated) -> None:
    made = generated("--no-password")
    run("export", made, "--to", str(folder))
    (folder / "www.example.com.key").chmod(0o644)
    (folder / "www.example.com.csr").chmod(0o644)

    result = run("doctor", "--mend", str(folder), "--json")

    (finding,) = result.json["folder"]["findings"]
    assert "other users can read (mode 0644): chmod 600" in finding
    assert (folder / "www.example.com.key").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("flags", "stdin"),
    [
        ((), b""),
        (("--password-stdin",), b"four unlikely words together\n"),
        (("--protect", "prompt", "--password-stdin"), b"four unlikely words together\n"),
    ],
)
def test_the_encrypted_key_of_a_record_is_known_for_its_own(
    run: Run, generated: Generated, folder: Path, flags: tuple[str, ...], stdin: bytes
) -> None:
    made = generated(*flags, stdin=stdin)
    run("export", made, "--to", str(folder), "--password-stdin", stdin=stdin or b"\n")
    (folder / "www.example.com.csr").unlink()
    (folder / "www.example.com.private-bundle.pem").unlink()

    result = run("doctor", str(folder), "--json")

    assert result.status == 0, result.out
    assert result.json["folder"]["families"][0]["record"] == made


def test_a_key_that_was_encrypted_again_is_opened_with_the_password_of_the_keyring(
    run: Run, generated: Generated, folder: Path, keyring: MemoryKeyring
) -> None:
    made = generated()
    run("export", made, "--to", str(folder))
    password = next(iter(keyring.kept.values()))
    key = folder / "www.example.com.key"
    key.write_text(
        encryption.encrypt(encryption.decrypt(key.read_text(), Secret(password)), Secret(password), typed=False)
    )

    result = run("doctor", str(folder), "--json")

    assert (result.status, result.json["folder"]["findings"]) == (0, [])


def test_an_unknown_password_is_told_and_can_be_given(run: Run, folder: Path) -> None:
    openssl(folder, "genrsa", "-aes256", "-passout", f"pass:{PASSWORD}", "-out", "locked.key", "2048")

    closed = run("doctor", str(folder))
    opened = run("doctor", str(folder), "--password-stdin", stdin=f"{PASSWORD}\n".encode())

    assert "locked.key is encrypted under an unknown password" in closed.out
    assert "is encrypted" not in opened.out
    assert "locked.key belongs to no record; no file here matches it" in opened.out
    assert (closed.status, opened.status) == (4, 4)
    assert PASSWORD not in opened.out + opened.err


def test_hostile_files_are_told_and_nothing_of_them_reaches_the_terminal_raw(run: Run, folder: Path) -> None:
    (folder / "\x1b[31mred.key").write_bytes(b"\x00garbage")
    (folder / "cut.pem").write_bytes(b"-----BEGIN RSA PRIVATE KEY-----\nAAAA")
    (folder / "empty.csr").touch()
    os.mkfifo(folder / "pipe.key")

    result = run("doctor", str(folder))

    assert result.status == 4
    assert "\x1b" not in result.out
    assert "red.key: This file contains no request, key or certificate in PEM or DER." in result.out
    assert "cut.pem: It has a BEGIN line, but no END line" in result.out
    assert "empty.csr: The file is empty." in result.out
    assert "pipe.key: it is not a regular file" in result.out


def test_a_key_of_another_kind_in_der_is_not_called_unreadable(run: Run, folder: Path) -> None:
    openssl(folder, "genpkey", "-algorithm", "ED448", "-outform", "DER", "-out", "other.der")

    result = run("doctor", str(folder))

    assert "other.der: This private key has an unsupported algorithm (Ed448)" in result.out


def test_keys_that_share_a_prime_are_reported_with_both_files(run: Run, folder: Path) -> None:
    one, two = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(2))
    for name, p, q in (("a.key", one.p, one.q), ("b.key", two.p, two.q), ("c.key", one.p, two.q)):
        (folder / name).write_text(encryption.to_plain_pem(of_primes(p, q)))
        (folder / name).chmod(0o600)

    findings = run("doctor", str(folder), "--json").json["folder"]["findings"]

    shared = [finding for finding in findings if "share a prime" in finding]
    assert shared == [
        f"{folder / 'a.key'} and {folder / 'c.key'} hold RSA keys that share a prime: anyone can compute both private "
        "keys. Generate new keys for both."
    ]


def test_a_key_that_shares_a_prime_with_that_of_a_record_is_reported(run: Run, new: New, folder: Path) -> None:
    one, two = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(2))
    (folder / "a.key").write_text(encryption.to_plain_pem(of_primes(one.p, one.q)))
    made = new()
    assert run("generate", made, "--key-file", str(folder / "a.key")).status == 0
    (folder / "c.key").write_text(encryption.to_plain_pem(of_primes(one.p, two.q)))
    (folder / "a.key").unlink()

    findings = run("doctor", str(folder), "--json").json["folder"]["findings"]

    assert [f"shares a prime with the key of record {made}" in finding for finding in findings].count(True) == 1


def test_two_keys_of_one_file_that_share_a_prime_are_both_reported(run: Run, tmp_path: Path) -> None:
    one, two = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(2))
    keys = (of_primes(one.p, one.q), of_primes(two.p, two.q), of_primes(one.p, two.q), of_primes(one.p, one.q))
    (tmp_path / "keys.pem").write_text("".join(map(encryption.to_plain_pem, (*keys[:1], *keys[3:]))))
    assert run("inspect", str(tmp_path / "keys.pem")).status == 0
    (tmp_path / "keys.pem").write_text("".join(map(encryption.to_plain_pem, keys)))

    items = run("inspect", str(tmp_path / "keys.pem"), "--json").json["files"][0]["items"]

    assert ["shares a prime" in " ".join(item["problems"]) for item in items] == [True, True, True, True]
