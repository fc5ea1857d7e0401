"""Keys that anyone has: found by badkeys' list, of every kind, and by badkeys itself beside the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from published_keys import debian_key, write_list

from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import external, published

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey

DEBIAN = debian_key()


def short_x() -> ec.EllipticCurvePrivateKey:
    """A key whose x begins with a zero byte, which the list leaves out."""
    while (key := ec.generate_private_key(ec.SECP256R1())).public_key().public_numbers().x.bit_length() > 248:
        pass
    return key


def zero_first() -> ed25519.Ed25519PrivateKey:
    while (key := ed25519.Ed25519PrivateKey.generate()).public_key().public_bytes_raw()[0]:
        pass
    return key


KEYS: dict[str, PrivateKey] = {
    "RSA": DEBIAN,
    "P-256": short_x(),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "Ed25519": zero_first(),
    "ML-DSA": mldsa.MLDSA44PrivateKey.generate(),
}
OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_badkeys_and_the_program_find_the_same_keys(cache: Path, tmp_path: Path) -> None:
    write_list(cache, *KEYS.values())
    files = []
    for name, key in {**KEYS, "other": OTHER}.items():
        files.append(tmp_path / f"{name}.pem")
        files[-1].write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    shown = subprocess.run(
        [str(Path(sys.executable).with_name("badkeys")), "--all", "--checks", "blocklist", *map(str, files)],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()

    theirs = [
        "debianssl" if any("debianssl" in line and str(file) in line for line in shown) else None for file in files
    ]
    ours = [published.collection(key.public_key()) for key in (*KEYS.values(), OTHER)]
    assert theirs == ["debianssl"] * len(KEYS) + [None], shown
    assert ours == theirs


def test_a_weak_key_of_debian_is_refused(cache: Path) -> None:
    write_list(cache, DEBIAN)

    with pytest.raises(
        InvalidError, match=r"^The key is broken: its private key is public \(badkeys: debianssl\)"
    ) as caught:
        external.check(DEBIAN)

    assert [finding.code for finding in caught.value.findings] == ["key-published"]
    external.check(OTHER)


def test_it_is_found_at_either_end_of_the_list_and_alone(cache: Path) -> None:
    folder = write_list(cache, DEBIAN)
    whole = (folder / "blocklist.dat").read_bytes()
    block = next(whole[at : at + 16] for at in range(0, len(whole), 16) if whole[at + 15] == 7)

    for data in (block, bytes(15) + b"\x01" + block, block + b"\xff" * 16):
        (folder / "blocklist.dat").write_bytes(data)
        assert published.collection(DEBIAN.public_key()) == "debianssl"
        assert published.size() == len(data) // 16


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 31, bytes(1000)], ids=["empty", "byte", "cut off", "zeros"])
def test_a_damaged_list_finds_nothing(cache: Path, data: bytes) -> None:
    (write_list(cache, DEBIAN) / "blocklist.dat").write_bytes(data)

    assert published.collection(DEBIAN.public_key()) is None


def test_without_a_list_nothing_is_looked_for(cache: Path) -> None:
    assert published.size() is None
    assert published.collection(DEBIAN.public_key()) is None

    os.mkfifo(
        write_list(cache).joinpath("blocklist.dat").rename(cache / "aside").with_name("badkeys") / "blocklist.dat"
    )
    assert published.size() is None
    assert published.collection(DEBIAN.public_key()) is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"blocklists": 1}', '{"blocklists": [1]}', '{"blocklists": [{}]}', "[" * 100_000],
    ids=["empty", "list", "cut off", "null", "number", "numbers", "no id", "deep"],
)
def test_a_collection_without_a_name_has_its_number(cache: Path, text: str) -> None:
    (write_list(cache, DEBIAN) / "badkeysdata.json").write_text(text)

    assert published.collection(DEBIAN.public_key()) == "collection 7"


def test_a_name_of_a_collection_is_shown_harmless(cache: Path) -> None:
    write_list(cache, DEBIAN, name="\x1b[31mred")

    with pytest.raises(InvalidError) as caught:
        external.check(DEBIAN)

    assert "\x1b" not in str(caught.value)
