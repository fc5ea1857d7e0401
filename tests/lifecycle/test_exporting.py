"""Exporting: in the form that was asked for, and proven before it is written."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from csr_tui.core import keys
from csr_tui.core.record import KeySpec, PasswordChoice, Protection, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, PasswordError, StateError, UsageError
from csr_tui.export import Outcome
from csr_tui.lifecycle import exporting, generate, passwords
from csr_tui.lifecycle.exporting import KeyForm
from csr_tui.lifecycle.locks import Choice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

OLD, NEW = Secret("correct horse battery staple"), Secret("another fine long password 1")
RANDOM, TYPED, NONE = PasswordChoice
KEYRING, PROMPT, UNPROTECTED = Protection


def key_file(folder: Path) -> str:
    return (folder / "www.example.com.key").read_text()


@pytest.mark.parametrize("choice", [Choice(RANDOM, KEYRING), Choice(TYPED, KEYRING), Choice(TYPED, PROMPT)])
def test_a_key_with_a_password_of_its_own_leaves_encrypted(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, choice: Choice
) -> None:
    typed = OLD if choice.password is TYPED else None
    record = generate.generate(store, vault, draft(), choice, password=typed)

    exporting.export(store, vault, record, tmp_path / "out", password=typed)

    password = typed or passwords.show(store, vault, record)
    assert "BEGIN ENCRYPTED PRIVATE KEY" in key_file(tmp_path / "out")
    assert keys.fingerprint(keys.unlock(key_file(tmp_path / "out"), password)) == record.key_fingerprint


@pytest.mark.parametrize("choice", [Choice(NONE, KEYRING), Choice(NONE, UNPROTECTED)])
def test_a_key_without_a_password_leaves_clear(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, choice: Choice
) -> None:
    record = generate.generate(store, vault, draft(), choice)

    exporting.export(store, vault, record, tmp_path / "out")

    assert "BEGIN PRIVATE KEY" in key_file(tmp_path / "out")
    with pytest.raises(PasswordError, match="no password of its own"):
        exporting.export(store, vault, record, tmp_path / "other", form=KeyForm.ENCRYPTED)
    assert not (tmp_path / "other").exists()


def test_another_form_than_the_records_own_can_be_asked_for(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Choice())

    exporting.export(store, vault, record, tmp_path / "clear", form=KeyForm.CLEAR)
    exporting.export(store, vault, record, tmp_path / "other", export_password=NEW)

    assert "BEGIN PRIVATE KEY" in key_file(tmp_path / "clear")
    assert keys.unlock(key_file(tmp_path / "other"), NEW)
    with pytest.raises(UsageError):
        exporting.export(store, vault, record, tmp_path / "both", form=KeyForm.CLEAR, export_password=NEW)


def test_a_second_export_with_another_password_finds_the_first_one_done(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Choice())
    exporting.export(store, vault, record, tmp_path / "out", export_password=NEW)

    written = exporting.export(store, vault, record, tmp_path / "out", export_password=NEW)

    assert {one.outcome for one in written} == {Outcome.UNCHANGED}


def test_a_draft_has_nothing_to_export(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    with pytest.raises(StateError, match="nothing to export yet"):
        exporting.export(store, vault, draft(), tmp_path / "out")


@pytest.mark.parametrize("password", [None, NEW])
def test_a_missing_or_wrong_password_writes_nothing(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, password: Secret | None
) -> None:
    record = generate.generate(store, vault, draft(), Choice(TYPED, PROMPT), password=OLD)

    with pytest.raises(PasswordError):
        exporting.export(store, vault, record, tmp_path / "out", password=password)
    assert not (tmp_path / "out").exists()


def test_a_key_that_is_not_that_of_the_request_is_never_written(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Choice(NONE, UNPROTECTED))
    other = keys.clear(keys.make(KeySpec("ECC", "prime256v1")))
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE record SET key_pem = ?", (other,))
    connection.commit()
    connection.close()

    with pytest.raises(CsrTuiError, match="does not belong"):
        exporting.export(store, vault, record, tmp_path / "out")
    assert not (tmp_path / "out").exists()
