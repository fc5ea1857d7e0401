"""Writing a record's files, once they are proven to belong together and to load."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from csr_tui import export as files
from csr_tui.core.record import PasswordChoice, Record
from csr_tui.errors import CsrTuiError, PasswordError, StateError, UsageError
from csr_tui.lifecycle import passwords

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.core.keys import PrivateKey
    from csr_tui.core.secret import Secret
    from csr_tui.lifecycle.generate import Reached
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


class KeyForm(StrEnum):
    """How the key leaves: as it was made (encrypted unless it was made without a password), or as the person says."""

    AS_MADE = "as made"
    ENCRYPTED = "encrypted"
    CLEAR = "clear"


def check(record: Record) -> None:
    """StateError where there is nothing to export, or no key to export it with."""
    if record.csr is None:
        raise StateError("There is nothing to export yet. Generate the request first.")
    if not record.has_key:
        raise StateError(
            "The key of this record is not on this machine (it stayed at Tencent Cloud), so it cannot be exported."
        )


def export(
    store: RecordStore,
    vault: Vault,
    record: Record,
    folder: Path,
    *,
    password: Secret | None = None,
    export_password: Secret | None = None,
    form: KeyForm = KeyForm.AS_MADE,
    replace: bool = False,
    reached: Reached = lambda _: None,
) -> tuple[files.Written, ...]:
    """Write key, CSR and private bundle into `folder`; nothing is written unless the key opens and fits the CSR."""
    from csr_tui.core import bundle, keys

    check(record)
    pem = passwords.key_pem(store, record)
    held = passwords.at_rest(vault, record, password)
    key = keys.unlock(pem, held, own=True)
    _prove(record, key)

    if form is KeyForm.CLEAR and export_password is not None:
        raise UsageError("A clear key has no password: leave out --key-clear, or --export-password-stdin.")
    own = record.password_choice is not PasswordChoice.NONE
    if form is KeyForm.CLEAR or (form is KeyForm.AS_MADE and not own and export_password is None):
        shown, opens = keys.clear(key), None
    elif export_password is not None:
        key_file = folder / f"{bundle.stem(record.subject.domain)}.key"
        shown, opens = _lock_once(key_file, key, export_password), export_password
    elif own:
        shown, opens = pem, held
    else:
        raise PasswordError("This key has no password of its own: give one for the file with --export-password-stdin.")
    _prove(record, keys.unlock(shown, opens, own=True))
    contents = bundle.pem(record.subject.domain, record.csr or "", shown)
    return files.write(folder, contents, replace=replace, reached=reached)


def save_csr(record: Record, folder: Path) -> files.Written:
    """The CSR alone, for a CA; it holds no secret, and nothing different is written over."""
    from csr_tui.core import bundle

    if record.csr is None:
        raise StateError("There is no CSR to save yet. Generate the request first.")
    name = f"{bundle.stem(record.subject.domain)}.csr"
    (written,) = files.write(folder, (bundle.BundleFile(name, record.csr.encode("ascii"), private=False),))
    return written


def _prove(record: Record, key: PrivateKey) -> None:
    from csr_tui.core import csr, keys

    if record.csr is None or csr.read(record.csr).fingerprint != keys.fingerprint(key):
        raise CsrTuiError(
            "The key in the store does not belong to this request. Nothing was written; run csr-tui doctor."
        )


def _lock_once(path: Path, key: PrivateKey, password: Secret) -> str:
    """The key under this password: the file that an earlier export left, if it is just that; else encrypted anew.

    Encrypting twice never gives the same bytes, and a second export has to find its first one done.
    """
    from csr_tui.core import keys

    try:
        there = path.read_text("ascii")
        if keys.fingerprint(keys.unlock(there, password, own=True)) == keys.fingerprint(key):
            return there
    except (OSError, ValueError, CsrTuiError):
        pass
    return keys.lock(key, password, typed=True)
