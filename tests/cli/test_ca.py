"""`csr-tui ca add --directory`: accounts at Pebble, whose keys and terms are kept and shown as they should be."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from inspect import getsource
from typing import TYPE_CHECKING

import pytest
from pebble import EAB_KEY, EAB_KID, PROGRAMS, Pebble, Pebbles

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import ACCOUNT_CUSTODIES, CA
from csr_tui.core.keys import encryption
from csr_tui.core.secret import Secret
from csr_tui.errors import Hint, PasswordError, StateError, UnknownOutcomeError, UsageError, VaultError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.obtain import accounts
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore
from csr_tui.storage.copying import SECRET
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Answers, MemoryKeyring, Result, Run

    from csr_tui.paths import Paths

pytestmark = pytest.mark.system
PASSWORD = b"correct horse battery staple\n"


@pytest.fixture(scope="module")
def pebbles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebbles]:
    running = Pebbles(tmp_path_factory.mktemp("pebbles"))
    yield running
    running.close()


@pytest.fixture
def pebble(pebbles: Pebbles, require: Callable[..., None]) -> Pebble:
    require(*PROGRAMS)
    return pebbles()


@pytest.fixture
def add(run: Run, tmp_path: Path) -> Callable[..., Result]:
    """Add a Pebble as `corp`."""

    def add(pebble: Pebble, *words: str, **more: object) -> Result:
        (tmp_path / "pebble.pem").write_text(pebble.trust)
        named = ("--directory", pebble.directory, "--ca-file", str(tmp_path / "pebble.pem"))
        return run("ca", "add", "corp", *named, *words, **more)  # type: ignore[arg-type]  # stdin and person

    return add


def clear_key(paths: Paths, vault: Vault, password: Secret | None = None) -> str:
    with RecordStore(paths.store) as store:
        ca = store.cas.get("corp")
        pem = store.cas.account_key("corp") or ""
        secret = vault.get(ca.secret_ref) if ca.secret_ref else password
    return encryption.to_plain_pem(encryption.decrypt(pem, secret))


def test_an_account_is_registered_once_its_terms_are_agreed_to(
    add: Callable[..., Result], run: Run, pebble: Pebble, keyring: MemoryKeyring, paths: Paths
) -> None:
    refused = add(pebble, "--json")
    assert (refused.status, refused.json["error"]["kind"]) == (2, "usage")
    assert "data:text/plain" in refused.err
    assert (run("ca", "--json").json, keyring.kept) == ({"cas": []}, {})

    added = add(pebble, "--agree", "--email", "ops@example.com", "--json")

    assert added.status == 0, added.err
    assert "Terms of corp: data:text/plain" in added.err
    assert run("ca", "--json").json == {"cas": [added.json]}
    assert (added.json["email"], added.json["protection"]) == ("ops@example.com", "keyring")
    ((_, ref),) = keyring.kept
    assert re.fullmatch(r"ca-corp-[0-9a-z]{6}", ref)
    key = clear_key(paths, Vault(backend=keyring))
    account = AcmeClient(pebble.directory, Secret(key), label="x", trust=pebble.trust)
    assert account.new_account(email=None, agreed=True) == added.json["account"]
    assert all(key.splitlines()[1] not in file.read_text("latin-1") for file in paths.data.glob("records.db*"))
    assert add(pebble, "--agree").status == 4

    assert run("ca", "remove", "corp").status == 0
    assert keyring.kept == {}


def test_a_person_reads_the_terms_and_is_asked(
    add: Callable[..., Result], run: Run, pebble: Pebble, typist: Answers
) -> None:
    declined = typist("n")
    assert add(pebble, person=declined).status == 4
    assert declined.asked == ["Do you agree to them? [y/N] "]
    assert run("ca", "--json").json == {"cas": []}

    assert add(pebble, person=typist("yes")).status == 0


def test_the_key_of_a_customer_is_used_once_and_kept_nowhere(
    add: Callable[..., Result],
    run: Run,
    pebbles: Pebbles,
    pebble: Pebble,
    keyring: MemoryKeyring,
    paths: Paths,
    typist: Answers,
) -> None:
    assert pebble
    customers = pebbles(eab=True)
    without = add(customers, "--agree")
    assert (without.status, "--eab-kid" in without.err) == (2, True)
    assert add(customers, "--agree", "--eab-kid", EAB_KID).status == 2
    for wrong, status in ((b"d3Jvbmc\n", 6), ("é!\n".encode(), 3), (b"", 5)):
        result = add(customers, "--agree", "--eab-kid", EAB_KID, "--eab-key-stdin", stdin=wrong)
        assert result.status == status, result.err
        assert (run("ca", "--json").json, keyring.kept) == ({"cas": []}, {})

    person = typist("d3Jvbmc")
    assert (add(customers, "--agree", "--eab-kid", EAB_KID, person=person).status, person.asked) == (
        6,
        ["Key of kid-1: "],
    )

    added = add(customers, "--agree", "--eab-kid", EAB_KID, "--eab-key-stdin", stdin=f"{EAB_KEY}\n".encode())

    assert added.status == 0, added.err
    written = [file.read_bytes() for file in paths.data.rglob("*") if file.is_file()]
    seen = b"".join((*written, repr(keyring.kept).encode(), added.out.encode(), added.err.encode()))
    assert EAB_KEY.encode() not in seen


def test_the_key_of_an_account_is_kept_as_it_was_chosen(
    add: Callable[..., Result], pebble: Pebble, keyring: MemoryKeyring, paths: Paths, run: Run, typist: Answers
) -> None:
    keyring.broken = True
    failed = add(pebble, "--agree")
    assert (failed.status, "--protect prompt" in failed.err) == (5, True)
    assert run("ca", "--json").json == {"cas": []}
    assert add(pebble, "--agree", "--protect", "prompt").status == 5
    assert add(pebble, "--agree", "--password-stdin", stdin=PASSWORD).status == 2
    weak = add(pebble, "--agree", "--protect", "prompt", "--password-stdin", stdin=b"short\n")
    assert (weak.status, run("ca", "--json").json) == (5, {"cas": []})

    assert add(pebble, "--agree", "--protect", "prompt", "--password-stdin", stdin=PASSWORD).status == 0
    typed = Secret(PASSWORD.decode().strip())
    assert "BEGIN PRIVATE KEY" in clear_key(paths, Vault(backend=keyring), typed)
    with RecordStore(paths.store) as store:
        ca, vault = store.cas.get("corp"), Vault(backend=keyring)
        with pytest.raises(PasswordError):
            accounts.client(store, vault, ca, {})
        assert accounts.client(store, vault, ca, {}, ask=lambda: typed).account == ca.account_url
    run("ca", "remove", "corp")

    assert add(pebble, "--agree", "--protect", "unprotected").status == 0
    with RecordStore(paths.store) as store:
        assert "BEGIN PRIVATE KEY" in (store.cas.account_key("corp") or "")
    run("ca", "remove", "corp")

    person = typist("y", PASSWORD.decode().strip(), "other")
    assert add(pebble, "--protect", "prompt", person=person).status == 5


def test_without_a_keyring_nothing_is_begun(pebble: Pebble, paths: Paths) -> None:
    with RecordStore(paths.store) as store:
        new = accounts.begin(store, Vault(), CA("corp", directory=pebble.directory), {}, trust=pebble.trust.encode())
        with pytest.raises(VaultError) as caught:
            accounts.register(store, Vault(), new, ACCOUNT_CUSTODIES["keyring"])

        assert caught.value.hint is Hint.PROTECT_ACCOUNT
        assert (store.cas.all(), store.unfinished(), store.orphaned_secrets()) == ((), (), ())


def test_a_keyring_that_keeps_nothing_costs_no_account(
    add: Callable[..., Result], run: Run, pebble: Pebble, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(keyring), "set_password", lambda *_: None)

    assert add(pebble, "--agree").status == 5
    assert run("ca", "--json").json == {"cas": []}


def test_a_ca_file_has_certificates(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no certificate")
    words = ("ca", "add", "corp", "--directory", "https://127.0.0.1:1/dir", "--agree", "--ca-file")

    assert run(*words, str(tmp_path / "text")).status == 3
    assert run(*words, str(tmp_path / "nothing")).status == 8


@pytest.mark.parametrize(
    "text",
    ["", "x", "ftp://x.example", "http://ca.example/dir", "https://", "https://a b", "https://u:p@x/", "https://x:y/"],
)
def test_what_is_no_safe_directory_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        accounts.directory_of(text)


def test_staging_is_offered_before_the_first_account_at_lets_encrypt(
    add: Callable[..., Result], paths: Paths, pebble: Pebble, monkeypatch: pytest.MonkeyPatch, typist: Answers
) -> None:
    assert accounts.directory_of("letsencrypt-staging") == accounts.STAGING
    monkeypatch.setattr(accounts, "LETS_ENCRYPT", pebble.directory)
    hesitant = typist("")
    refused = add(pebble, person=hesitant)
    assert (refused.status, hesitant.asked) == (4, ["Add Let's Encrypt now? [y/N] "])
    assert "letsencrypt-staging" in refused.err

    assert add(pebble, "--agree").status == 0

    monkeypatch.setattr(accounts, "LETS_ENCRYPT", "elsewhere")
    monkeypatch.setattr(accounts, "STAGING", pebble.directory)
    with RecordStore(paths.store) as store:
        assert not accounts.offers_staging(store, "elsewhere")


REGISTER = """
import os, signal, sys
from pathlib import Path
from csr_tui.core.ca import ACCOUNT_CUSTODIES, CA
from csr_tui.lifecycle.obtain import accounts
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

def reached(point):
    if point == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

with RecordStore(Path(sys.argv[1])) as store:
    ca = CA("corp", directory=sys.argv[2])
    new = accounts.begin(store, Vault(), ca, {}, trust=sys.argv[3].encode())
    accounts.register(store, Vault(), new, ACCOUNT_CUSTODIES["unprotected"], reached=reached)
"""

AFTER = {
    Point.INTENT: None,
    Point.PASSWORD_KEPT: None,
    Point.KEPT: "no account yet",
    Point.ACCOUNT_ANSWERED: "no account yet",
    Point.COMMITTED: "account",
}


def test_every_labelled_point_is_killed_at() -> None:
    assert {Point[name] for name in re.findall(r"reached\(Point\.(\w+)\)", getsource(accounts))} == set(AFTER)


@pytest.mark.parametrize("point", AFTER)
def test_a_kill_while_an_account_is_registered_loses_no_account(paths: Paths, pebble: Pebble, point: Point) -> None:
    custody = ACCOUNT_CUSTODIES["unprotected"]
    new = CA("corp", directory=pebble.directory)
    words = [sys.executable, "-c", REGISTER, str(paths.store), pebble.directory, pebble.trust, point]
    assert subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == -signal.SIGKILL

    with RecordStore(paths.store) as store:
        recovery.recover(store, Vault())
        there = [(one.name, one.account_url is not None) for one in store.cas.all()]
        assert there == ([] if AFTER[point] is None else [("corp", AFTER[point] == "account")])
        if AFTER[point] == "account":
            return
        begun = accounts.begin(store, Vault(), new, {}, trust=pebble.trust.encode())
        registered = accounts.register(store, Vault(), begun, custody)
        assert registered == store.cas.get("corp")
        assert accounts.client(store, Vault(), registered, {}).account == registered.account_url


def test_a_lost_reply_leaves_one_account_which_the_next_call_finds(
    add: Callable[..., Result], run: Run, paths: Paths, pebble: Pebble, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[str] = []
    real = AcmeClient.new_account

    def lost(self: AcmeClient, **named: object) -> str:
        known.append(real(self, **named))  # type: ignore[arg-type]  # as it was called
        raise UnknownOutcomeError("No reply.")

    with monkeypatch.context() as patch:
        patch.setattr(AcmeClient, "new_account", lost)
        assert add(pebble, "--agree").status == 7
    assert "no account yet" in run("ca").out
    with RecordStore(paths.store) as store, pytest.raises(StateError):
        accounts.client(store, Vault(), store.cas.get("corp"), {})

    other = run("ca", "add", "corp", "--directory", "https://other.example/dir", "--agree")
    assert (other.status, "already" in other.err) == (4, True)
    again = add(pebble, "--agree", "--json")

    assert (again.status, again.json["account"]) == (0, known[0])


def test_the_password_of_an_account_is_missed_by_the_doctor(
    add: Callable[..., Result], run: Run, pebble: Pebble, keyring: MemoryKeyring
) -> None:
    add(pebble, "--agree")
    assert run("doctor").status == 0
    (ref,) = [ref for _, ref in keyring.kept]
    assert SECRET.fullmatch(ref)  # so a backup takes it, and a restore accepts it
    keyring.kept = {("csr-tui", "another"): "x"}

    missing = run("doctor")

    assert (missing.status, "csr-tui ca remove corp" in missing.out) == (4, True)
