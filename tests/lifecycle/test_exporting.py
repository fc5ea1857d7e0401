"""Exporting a key: in the form that was asked for, and never another one than that of the request."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody
from csr_tui.core.keys import encryption, identity, kinds
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, PasswordError, StateError, UsageError
from csr_tui.export import Outcome
from csr_tui.lifecycle import exporting, generate, passwords
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

OLD, NEW = Secret("correct horse battery staple"), Secret("another fine long password 1")
RANDOM, TYPED, NONE = PASSWORD_CHOICES
KEYRING, PROMPT, UNPROTECTED = PROTECTIONS


def key_file(folder: Path) -> str:
    return (folder / "www.example.com.key").read_text()


@pytest.mark.parametrize("choice", [Custody.RANDOM_KEYRING, Custody.TYPED_KEYRING, Custody.TYPED_PROMPT])
def test_a_key_with_a_password_of_its_own_leaves_encrypted(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, choice: Custody
) -> None:
    typed = OLD if choice.is_typed else None
    record = generate.generate(store, vault, draft(), choice, password=typed)

    exporting.export(store, vault, record, ExportRequest(tmp_path / "out", password=typed))

    password = typed or passwords.show(store, vault, record)
    assert "BEGIN ENCRYPTED PRIVATE KEY" in key_file(tmp_path / "out")
    assert identity.fingerprint(encryption.decrypt(key_file(tmp_path / "out"), password)) == record.key_fingerprint


@pytest.mark.parametrize("choice", [Custody.NONE_KEYRING, Custody.NONE_UNPROTECTED])
def test_a_key_without_a_password_leaves_clear(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, choice: Custody
) -> None:
    record = generate.generate(store, vault, draft(), choice)

    exporting.export(store, vault, record, ExportRequest(tmp_path / "out"))

    assert "BEGIN PRIVATE KEY" in key_file(tmp_path / "out")
    with pytest.raises(PasswordError, match="no password of its own"):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "other", form=KeyForm.ENCRYPTED))
    assert not (tmp_path / "other").exists()


def test_another_form_than_the_records_own_can_be_asked_for(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)

    exporting.export(store, vault, record, ExportRequest(tmp_path / "clear", form=KeyForm.CLEAR))
    exporting.export(store, vault, record, ExportRequest(tmp_path / "other", export_password=NEW))

    assert "BEGIN PRIVATE KEY" in key_file(tmp_path / "clear")
    assert encryption.decrypt(key_file(tmp_path / "other"), NEW)
    with pytest.raises(UsageError):
        exporting.export(
            store, vault, record, ExportRequest(tmp_path / "both", form=KeyForm.CLEAR, export_password=NEW)
        )


def test_a_second_export_with_another_password_finds_the_first_one_done(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)
    exporting.export(store, vault, record, ExportRequest(tmp_path / "out", export_password=NEW))

    written = exporting.export(store, vault, record, ExportRequest(tmp_path / "out", export_password=NEW))

    assert {one.outcome for one in written.files} == {Outcome.UNCHANGED}


def test_a_draft_has_nothing_to_export(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    with pytest.raises(StateError, match="nothing to export yet"):
        exporting.export(store, vault, draft(), ExportRequest(tmp_path / "out"))


@pytest.mark.parametrize("password", [None, NEW])
def test_a_missing_or_wrong_password_writes_nothing(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, password: Secret | None
) -> None:
    record = generate.generate(store, vault, draft(), Custody.TYPED_PROMPT, password=OLD)

    with pytest.raises(PasswordError):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out", password=password))
    assert not (tmp_path / "out").exists()


def test_a_key_that_is_not_that_of_the_request_is_never_written(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    record = generate.generate(store, vault, draft(), Custody.NONE_UNPROTECTED)
    other = encryption.to_plain_pem(kinds.generate(KeySpec("ECC", "prime256v1")))
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE record SET key_pem = ?", (other,))
    connection.commit()
    connection.close()

    with pytest.raises(CsrTuiError, match="does not belong"):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
