"""Writing a record's files, once they are proven to belong together and to load."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from csr_tui import export as files
from csr_tui.core.bundle import PKCS12, Target
from csr_tui.core.record import PasswordChoice, Record
from csr_tui.errors import CsrTuiError, PasswordError, StateError, UsageError
from csr_tui.lifecycle import passwords
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.core import pkcs8
    from csr_tui.core.bundle import BundleFile
    from csr_tui.core.configuration import Configuration
    from csr_tui.core.keys import PrivateKey
    from csr_tui.core.secret import Secret
    from csr_tui.export.manifest import Proof
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


class KeyForm(StrEnum):
    """How the key leaves: as it was made (encrypted unless it was made without a password), or as the person says."""

    AS_MADE = "as made"
    ENCRYPTED = "encrypted"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote, how a server is told of it, and what was tried with it."""

    files: tuple[files.Written, ...]
    configuration: Configuration
    proofs: tuple[Proof, ...]
    hints: tuple[str, ...] = ()


def check(record: Record, target: Target = Target.PEM) -> None:
    """StateError where there is nothing to export, or nothing that this target could load."""
    if record.csr is None:
        raise StateError("There is nothing to export yet. Generate the request first.")
    if not record.has_key:
        raise StateError(
            "The key of this record is not on this machine (it stayed at Tencent Cloud), so it cannot be exported."
        )
    if target is not Target.PEM and record.certificate is None:
        raise StateError(
            f"There is no certificate yet, and {target} loads nothing without one. Attach what your CA sent first: "
            f"csr-tui attach {record.id} FILE. Until then --for pem exports key and request."
        )


def leaves_encrypted(record: Record, form: KeyForm, *, other: bool) -> bool:
    """Whether the exported key is encrypted; `other` says that it gets a password for these files alone."""
    own = record.password_choice is not PasswordChoice.NONE
    return form is not KeyForm.CLEAR and (form is KeyForm.ENCRYPTED or own or other)


def check_form(record: Record, target: Target, form: KeyForm, *, other: bool) -> None:
    """UsageError or PasswordError, with the reason, where target, form and password do not go together."""
    if form is KeyForm.CLEAR and other:
        raise UsageError("A clear key has no password: leave out --key-clear, or --export-password-stdin.")
    if target is Target.HAPROXY and leaves_encrypted(record, form, other=other):
        raise UsageError(
            "haproxy cannot ask for a password, so it refuses an encrypted key. Export it in clear: --key-clear."
        )
    if target in PKCS12:
        if form is KeyForm.CLEAR:
            raise UsageError(
                "A PKCS#12 file is never written without a password: Java shows an empty store for it, without an "
                "error. Leave out --key-clear."
            )
        form = KeyForm.ENCRYPTED
    if form is KeyForm.ENCRYPTED and record.password_choice is PasswordChoice.NONE and not other:
        raise PasswordError("This key has no password of its own: give one for the file with --export-password-stdin.")


def export(
    store: RecordStore,
    vault: Vault,
    record: Record,
    folder: Path,
    *,
    target: Target = Target.PEM,
    password: Secret | None = None,
    held: Secret | None = None,
    export_password: Secret | None = None,
    form: KeyForm = KeyForm.AS_MADE,
    replace: bool = False,
    reached: Reached = lambda _: None,
    manage_folder: bool = True,
) -> Exported:
    """Write what the target loads into `folder`; nothing is written unless the key opens and all of it fits together.

    What is written is read back and tried by the target's own program; but for plain PEM, a manifest has the results.
    `held` is the password at rest, where it has been fetched already; without `manage_folder`: see `export.write`.
    """
    from csr_tui.core import keys
    from csr_tui.core.configuration import configuration
    from csr_tui.lifecycle import proving

    check(record, target)
    check_form(record, target, form, other=export_password is not None)
    pem = passwords.key_pem(store, record)
    held = passwords.at_rest(vault, record, password) if held is None else held
    key = keys.unlock(pem, held, own=True)
    _prove(record, key)
    reached(Point.KEY_OPENED)
    encrypted = leaves_encrypted(record, form, other=export_password is not None)
    opens = (export_password or held) if encrypted else None
    tried = proving.trial(store, record, target, opens)
    record = record if tried is None else tried.record

    made = _made(folder, record, target, key, pem if opens is held else None, opens)
    if tried is not None:
        proving.before(tried, folder, made, replace=replace)
    written = files.write(folder, made, replace=replace, manage_folder=manage_folder, reached=reached)
    proofs = proving.after(tried, folder, made) if tried is not None else ()
    if tried is not None and target is not Target.PEM:
        told = proving.manifest_file(tried, made, proofs)
        written += files.write(folder, (told,), replace=True, reached=reached)
    other = export_password is not None
    pasted = configuration(record, target, folder.absolute(), encrypted=encrypted, other=other)
    return Exported(written, pasted, proofs, files.hints(written))


def pem_files(record: Record, pem: str, password: pkcs8.Stretched | None) -> tuple[BundleFile, ...]:
    """What `export` writes of a record without a certificate, once its key opens and belongs to its CSR.

    Needs neither store nor keyring: `pem` is the key as it is kept, and `password` opens it.
    """
    from csr_tui.core import bundle, keys

    check(record)
    _prove(record, keys.unlock(pem, None, own=True) if password is None else keys.reopen(pem, password))
    return bundle.pem(record.subject.domain, record.csr or "", pem)


def save_csr(record: Record, folder: Path) -> files.Written:
    """The CSR alone, for a CA; it holds no secret, and nothing different is written over."""
    from csr_tui.core import bundle

    if record.csr is None:
        raise StateError("There is no CSR to save yet. Generate the request first.")
    name = f"{bundle.stem(record.subject.domain)}.csr"
    (written,) = files.write(folder, (bundle.BundleFile(name, record.csr.encode("ascii"), private=False),))
    return written


def _made(
    folder: Path, record: Record, target: Target, key: PrivateKey, at_rest: str | None, password: Secret | None
) -> tuple[BundleFile, ...]:
    """The files of a target; `at_rest` is the key as it is kept, where it leaves just so and has been opened."""
    from csr_tui.core import bundle, keys

    domain = record.subject.domain
    if target in PKCS12 and password is not None:
        (planned, _) = bundle.planned(target, domain, issued=True)
        return bundle.sealed(target, domain, _seal_once(folder / planned.name, record, target, key, password))
    if at_rest is not None:
        shown = at_rest
    elif password is None:
        shown = keys.clear(key)
    else:
        shown = _lock_once(folder / f"{bundle.stem(domain)}.key", key, password)
        _prove(record, keys.unlock(shown, password, own=True))
    if target is Target.PEM:
        return bundle.pem(domain, record.csr or "", shown, record.certificate)
    return bundle.for_server(target, domain, shown, record.certificate or "")


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
        there = files.earlier(path).decode("ascii")
        if keys.fingerprint(keys.unlock(there, password, own=True)) == keys.fingerprint(key):
            return there
    except (OSError, ValueError, CsrTuiError):
        pass
    return keys.lock(key, password, typed=True)


def _seal_once(path: Path, record: Record, target: Target, key: PrivateKey, password: Secret) -> bytes:
    """The same for a PKCS#12: the one that is there, if it opens, holds just this, and is of the right kind."""
    from csr_tui.core import certificate, configuration, keys, pkcs12

    chain = certificate.certificates_in((record.certificate or "").encode())
    compatible = target is Target.WINDOWS
    try:
        there = files.earlier(path)
        held, held_chain = pkcs12.unseal(there, password)
        same = keys.fingerprint(held) == keys.fingerprint(key) and held_chain == chain
        if same and pkcs12.is_old_kind(there) is compatible:
            return there
    except (OSError, CsrTuiError):
        pass
    return pkcs12.seal(configuration.alias(record), key, chain, password, compatible=compatible)
