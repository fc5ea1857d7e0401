"""Generating: in crash-safe order, killed at every point, and never half done."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from keyring.backend import KeyringBackend

from csr_tui.core import csr
from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody, PasswordChoice, Protection
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import encryption, identity
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError, StateError, UsageError, VaultError
from csr_tui.lifecycle import generate, passwords, recovery
from csr_tui.storage import IntentGoneError, RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import MemoryKeyring

    from csr_tui.vault import Vault

SECRET = Secret("correct horse battery staple")
RANDOM, TYPED, NONE = PASSWORD_CHOICES
KEYRING, PROMPT, UNPROTECTED = PROTECTIONS

FITTING = [(RANDOM, KEYRING), (TYPED, KEYRING), (TYPED, PROMPT), (NONE, KEYRING), (NONE, UNPROTECTED)]


@pytest.mark.parametrize(("password", "protection"), FITTING)
def test_every_fitting_choice_keeps_the_key_as_it_says(
    store: RecordStore,
    vault: Vault,
    keyring: MemoryKeyring,
    draft: Callable[..., Record],
    password: PasswordChoice,
    protection: Protection,
) -> None:
    typed = SECRET if password == TYPED else None

    done = generate.generate(store, vault, draft(), Custody.of(password, protection), password=typed)

    pem = store.key_pem(done.id)
    assert pem is not None
    assert (done.state, done.custody.words, done.has_key) == (State.GENERATED, (password, protection), True)
    assert len(keyring.kept) == (protection == KEYRING)
    assert ("ENCRYPTED" in pem) == (protection != UNPROTECTED)
    assert typed is None or encryption.decrypt(pem, typed)
    opened = passwords.open_key(store, vault, done, typed)
    assert identity.fingerprint(opened) == done.key_fingerprint == csr.read(done.csr or "").fingerprint
    assert csr.differences(done, csr.read(done.csr or "")) == ()


@pytest.mark.parametrize(
    ("password", "protection"),
    [(RANDOM, PROMPT), (NONE, PROMPT), (RANDOM, UNPROTECTED), (TYPED, UNPROTECTED)],
)
def test_choices_that_do_not_fit_are_refused(password: PasswordChoice, protection: Protection) -> None:
    with pytest.raises(UsageError):
        Custody.RANDOM_KEYRING.choose(password=password, protection=protection)


@pytest.mark.parametrize(
    ("password", "protection", "choice"),
    [
        (None, None, Custody.RANDOM_KEYRING),
        (NONE, None, Custody.NONE_KEYRING),
        (TYPED, None, Custody.TYPED_KEYRING),
        (None, PROMPT, Custody.TYPED_PROMPT),
        (NONE, UNPROTECTED, Custody.NONE_UNPROTECTED),
    ],
)
def test_what_is_left_unsaid_follows_from_what_is_said(
    password: PasswordChoice | None, protection: Protection | None, choice: Custody
) -> None:
    assert Custody.RANDOM_KEYRING.choose(password=password, protection=protection) == choice


def test_a_generated_record_is_not_generated_again(
    store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    done = generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)

    with pytest.raises(StateError, match="already"):
        generate.generate(store, vault, done, Custody.RANDOM_KEYRING)


def test_an_error_stops_it_and_is_named(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> None:
    record = draft(subject=Subject(domain="a_b.example.com", country="China"))

    with pytest.raises(InvalidError, match="1 more error") as caught:
        generate.generate(store, vault, record, Custody.RANDOM_KEYRING)

    assert {finding.field for finding in caught.value.findings} == {"domain", "country"}
    assert store.unfinished() == ()


@pytest.mark.parametrize(("text", "weak_ok"), [("short", False), ("passwordpassword", False), ("", True), (None, True)])
def test_a_weak_impossible_or_missing_password_stops_it(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], text: str | None, weak_ok: bool
) -> None:
    typed = Secret(text) if text is not None else None

    with pytest.raises(PasswordError):
        generate.generate(store, vault, draft(), Custody.TYPED_PROMPT, password=typed, weak_ok=weak_ok)
    assert store.unfinished() == ()


def test_a_weak_password_is_taken_when_the_person_insists(
    store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    done = generate.generate(store, vault, draft(), Custody.TYPED_PROMPT, password=Secret("short"), weak_ok=True)

    assert done.state is State.GENERATED


def test_without_a_keyring_nothing_is_begun_and_nothing_is_left(
    store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    from csr_tui.vault import Vault

    record = draft()

    with pytest.raises(VaultError):
        generate.generate(store, Vault(), record, Custody.RANDOM_KEYRING)

    assert store.get(record.id) == record
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()


def test_a_keyring_that_breaks_in_the_middle_leaves_the_draft_and_a_note_to_clean_up(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, draft: Callable[..., Record]
) -> None:
    record = draft()
    keyring.broken = True

    with pytest.raises(VaultError):
        generate.generate(store, vault, record, Custody.RANDOM_KEYRING)

    assert store.get(record.id).state is State.DRAFT
    assert len(store.orphaned_secrets()) == 1
    keyring.broken = False
    recovery.recover(store, vault)
    assert store.orphaned_secrets() == ()


def test_cancelling_while_the_key_is_made_keeps_nothing(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, draft: Callable[..., Record]
) -> None:
    record = draft()
    generation = generate.begin(store, record, Custody.RANDOM_KEYRING)

    def reached(label: str) -> None:
        if label == "key made":
            assert generate.cancel(store, generation)

    with pytest.raises(IntentGoneError):
        generate.finish(store, vault, generation, reached=reached)

    assert store.get(record.id).state is State.DRAFT
    assert store.key_pem(record.id) is None
    assert keyring.kept == {}


def test_cancelling_too_late_says_so(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> None:
    generation = generate.begin(store, draft(), Custody.RANDOM_KEYRING)
    done = generate.finish(store, vault, generation)

    assert generate.cancel(store, generation) is False
    assert store.get(done.id) == done
    assert store.orphaned_secrets() == ()


def test_editing_while_the_key_is_made_keeps_the_edit_and_no_key(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, draft: Callable[..., Record]
) -> None:
    record = draft()
    generation = generate.begin(store, record, Custody.RANDOM_KEYRING)
    store.save(replace(record, remark="edited meanwhile"))

    with pytest.raises(StateError):
        generate.finish(store, vault, generation)

    assert store.get(record.id).remark == "edited meanwhile"
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert keyring.kept == {}


def test_one_copy_recovering_leaves_the_generation_of_another_alone(
    store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    record = draft()
    recovered: list[tuple[str, ...]] = []

    def reached(label: str) -> None:
        with RecordStore(store.path) as other:
            recovered.append(recovery.recover(other, vault))

    done = generate.generate(store, vault, record, Custody.RANDOM_KEYRING, reached=reached)

    assert done.state is State.GENERATED
    assert recovered == [()] * 6
    assert passwords.open_key(store, vault, done)


KILLED = """
import os, signal, sys
from pathlib import Path
from keyring.backend import KeyringBackend
from csr_tui.core.custody import Custody
from csr_tui.lifecycle import generate
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

class FolderKeyring(KeyringBackend):
    priority = 1
    folder = Path(sys.argv[2])
    def get_password(self, service, username):
        path = self.folder / username
        return path.read_text() if path.exists() else None
    def set_password(self, service, username, password):
        (self.folder / username).write_text(password)
    def delete_password(self, service, username):
        (self.folder / username).unlink()

def reached(label):
    if label == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

CUSTODY = Custody.RANDOM_KEYRING
store = RecordStore(Path(sys.argv[1]))
generate.generate(store, Vault(backend=FolderKeyring()), store.get(sys.argv[3]), CUSTODY, reached=reached)
"""


@pytest.mark.parametrize("point", ["intent", "password kept", "key made", "CSR proved", "committed"])
def test_a_kill_at_any_point_loses_no_key_and_leaves_no_password_behind(
    store: RecordStore, draft: Callable[..., Record], tmp_path: Path, point: str
) -> None:
    from csr_tui.vault import Vault

    record = draft()
    folder = tmp_path / "keyring"
    folder.mkdir()

    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(store.path), str(folder), record.id, point], capture_output=True, check=False
    )
    assert process.returncode == -9, process.stderr

    backend = folder_keyring(folder)
    said = recovery.recover(store, Vault(backend=backend))
    after = store.get(record.id)
    if point == "committed":
        assert after.state is State.GENERATED
        assert identity.fingerprint(passwords.open_key(store, Vault(backend=backend), after)) == after.key_fingerprint
        assert len(list(folder.iterdir())) == 1
    else:
        assert after == record
        assert list(folder.iterdir()) == []
        assert record.id in said[0]
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()


def folder_keyring(folder: Path) -> KeyringBackend:
    """The keyring of the killed process, as the next process finds it."""
    names: dict[str, type[KeyringBackend]] = {}
    code = KILLED[KILLED.index("class FolderKeyring") : KILLED.index("def reached")]
    argv = type("sys", (), {"argv": ["", "", str(folder)]})
    exec(code, {"KeyringBackend": KeyringBackend, "Path": Path, "sys": argv}, names)  # noqa: S102  # the test's own text
    return names["FolderKeyring"]()


def test_two_threads_cannot_generate_one_record_twice(
    store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    record = draft()
    results: list[object] = []

    def work() -> None:
        try:
            results.append(generate.generate(store, vault, record, Custody.RANDOM_KEYRING))
        except StateError as error:
            results.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([result for result in results if isinstance(result, Record)]) == 1
    assert store.get(record.id).state is State.GENERATED
