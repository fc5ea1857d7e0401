"""`pass` as the keyring of a team: a real store for two GnuPG keys, and a second person who reads there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.system

PROGRAM = [sys.executable, "-m", "csr_tui"]
NAMED = "keyring_pass.PasswordStoreBackend"
Environment = dict[str, str]


@pytest.fixture(scope="module")
def homes() -> Iterator[tuple[Path, Path]]:
    """Two persons' GnuPG homes: the first has both public keys, and each its own secret key."""
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:  # the paths of GnuPG's sockets have to be short
        first, second = Path(folder, "a"), Path(folder, "b")
        for home in (first, second):
            home.mkdir(mode=0o700)
            gpg(home, "--passphrase", "", "--quick-generate-key", f"{home.name}@example.com", "future-default")
        subprocess.run(["gpg", "--homedir", first, "--quiet", "--import"], input=gpg(second, "--export"), check=True)
        yield first, second
        for home in (first, second):
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)


def gpg(home: Path, *words: str | Path) -> bytes:
    options = ["--batch", "--quiet", "--trust-model", "always", "--pinentry-mode", "loopback"]
    return subprocess.run(["gpg", "--homedir", home, *options, *words], capture_output=True, check=True).stdout


@pytest.fixture
def store(require: Callable[..., None], request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """The environment of the first person, whose store is for both."""
    require("pass", "gpg")
    first, _ = request.getfixturevalue("homes")
    environment = {
        **os.environ,
        "GNUPGHOME": str(first),
        "PASSWORD_STORE_DIR": str(tmp_path / "store"),
        "PASSWORD_STORE_GPG_OPTS": "--trust-model always",
        "PYTHON_KEYRING_BACKEND": NAMED,
    }
    subprocess.run(["pass", "init", "a@example.com", "b@example.com"], env=environment, capture_output=True, check=True)
    return environment


def run(environment: Environment, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, text=True, check=False)


def test_a_key_password_in_pass_is_for_every_recipient(
    store: Environment, homes: tuple[Path, Path], tmp_path: Path
) -> None:
    made = run(store, "new", "--domain", "www.example.com", "--algorithm", "ECC").stdout.strip()
    generated = run(store, "generate", made)
    shown = run(store, "password", made, "--show").stdout.strip()
    (kept,) = (tmp_path / "store" / "python-keyring" / "csr-tui").glob("*.gpg")

    assert (generated.returncode, generated.stderr) == (0, "")
    assert len(shown) == 26
    assert gpg(homes[1], "--decrypt", kept).decode().strip() == shown
    assert json.loads(run(store, "show", made, "--json").stdout)["protection"] == "keyring"
    assert run(store, "purge", made, "--yes").returncode == 0
    assert not kept.exists()


def test_doctor_reports_pass_and_its_recipients_wherever_it_is_named(store: Environment, tmp_path: Path) -> None:
    two = run(store, "doctor")
    (tmp_path / "store" / ".gpg-id").write_text("# the team\na@example.com  # me\n")
    del store["PYTHON_KEYRING_BACKEND"]
    named = tmp_path / "config" / "python_keyring" / "keyringrc.cfg"
    named.parent.mkdir(parents=True)
    named.write_text(f"[backend]\ndefault-keyring={NAMED}\n")
    one = run(store | {"XDG_CONFIG_HOME": str(tmp_path / "config")}, "doctor")

    assert "stored in pass, for 2 recipients. Each recipient can decrypt the keys" in " ".join(two.stdout.split())
    assert "stored in pass, for 1 recipient." in " ".join(one.stdout.split())
    assert "can decrypt" not in one.stdout
    assert two.stderr == one.stderr == ""


def test_pass_is_never_used_unless_it_is_named(store: Environment) -> None:
    del store["PYTHON_KEYRING_BACKEND"]

    found = run(store, "doctor")

    assert "No OS keyring is reachable here" in " ".join(found.stdout.split())
    assert "pass, for" not in found.stdout


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PASSWORD_STORE_DIR": "/nonexistent"}, "pass reported an error. Check that its store is initialised"),
        ({"GNUPGHOME": "/nonexistent"}, "pass reported an error."),
        ({"PATH": "/nonexistent"}, "pass is set as the keyring here, but it is not installed."),
    ],
)
def test_a_pass_that_does_not_work_is_one_sentence(changes: Environment, sentence: str, store: Environment) -> None:
    made = run(store, "new", "--domain", "www.example.com", "--algorithm", "ECC").stdout.strip()
    failed = run({**store, **changes}, "generate", made)

    assert failed.returncode == 5
    assert sentence in failed.stderr
    assert "gpg:" not in failed.stderr
    assert "Traceback" not in failed.stderr
