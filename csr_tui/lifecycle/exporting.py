"""Writing a record's files, once they are proven to belong together and to load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.core import bundle, facts
from csr_tui.core.bundle import BundleFile
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys.kinds import kind_of, label_of
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.usages import USAGES
from csr_tui.errors import CsrTuiError, Hint, PasswordError, StateError, UsageError
from csr_tui.export import reading, writing
from csr_tui.export.manifest import MADE_BY, Proof, Verdict
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.target import KeyFormat, Placed, Snippet, Target
from csr_tui.lifecycle import passwords
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys import encryption
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.storage import RecordStore


_BEGIN, _END = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "-----END ENCRYPTED PRIVATE KEY-----\n"


class KeyForm(StrEnum):
    """How the key leaves: as it was made (encrypted unless it was made without a password), or as the person says."""

    AS_MADE = "as made"
    ENCRYPTED = "encrypted"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which files are wanted: where, for which program, and in which form the key leaves.

    `password` opens a key whose password the person holds; `export_password` is another one, for these files alone.
    """

    folder: Path
    target: Target = PEM
    form: KeyForm = KeyForm.AS_MADE
    password: Secret | None = None
    export_password: Secret | None = None
    replace: bool = False

    @property
    def as_kept(self) -> bool:
        """Whether every key leaves as it is kept: then no more is needed than to prove it."""
        return self.target is PEM and self.form is KeyForm.AS_MADE and self.export_password is None


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote, how a server is told of it, and what was tried with it."""

    files: tuple[writing.Written, ...]
    snippet: Snippet
    proofs: tuple[Proof, ...]
    hints: tuple[str, ...] = ()


def unfit(record: Record, target: Target) -> str:
    """Why the target can never load the files of this record, in a few words; an empty text where it can."""
    kind = kind_of(record.key)
    if record.token is not None and target.on_token is None:
        return "not from a token"
    if target.serves and not USAGES[record.usage].serves:
        return "for servers only"
    if target.key.is_pkcs12 and kind is not None and not kind.algorithm.pkcs12:
        return f"not for {kind.algorithm.label}"
    return ""


def check(record: Record, target: Target = PEM) -> None:
    """StateError where there is nothing to export, or nothing that this target could load."""
    if record.csr is None:
        raise StateError("There is nothing to export yet. Generate the request first.")
    if record.token is not None and target.on_token is None:
        raise StateError(
            f"{target.label} loads the private key from a file, but this one is on {record.token.place} and never "
            "leaves it."
        )
    if not record.has_key and record.token is None:
        raise StateError(
            "The key of this record is not on this machine, so it cannot be exported: it stayed where it was generated."
        )
    if unfit(record, target):
        if target.key.is_pkcs12:
            raise StateError(
                f"csr-tui cannot write {label_of(record.key)} keys into PKCS#12. Export PEM files instead."
            )
        label = USAGES[record.usage].label
        raise StateError(f"{target} loads certificates for servers; this one is for {label}.")
    if target.needs_certificate and record.certificate is None:
        raise StateError(
            f"This record has no certificate yet, and {target} needs one.", hint=Hint.ATTACH_FIRST, record=record.id
        )


def claim_file_names(claimed: dict[str, str], record: Record) -> None:
    """StateError where another record of this export, by its stem in `claimed`, has files of the same names."""
    stem = bundle.stem(record.subject.domain).casefold()
    if claimed.setdefault(stem, record.id) != record.id:
        raise StateError(
            f"Its files would have the same names as those of record {claimed[stem]}. Export it to another folder."
        )


def leaves_encrypted(record: Record, form: KeyForm, *, new_password: bool) -> bool:
    """Whether the exported key is encrypted; `new_password` says that it gets a password for these files alone."""
    own = record.custody.has_password
    return form is not KeyForm.CLEAR and (form is KeyForm.ENCRYPTED or own or new_password)


def check_form(record: Record, target: Target, form: KeyForm, *, new_password: bool) -> None:
    """UsageError or PasswordError, with the reason, where target, form and password do not go together."""
    if record.token is not None and (form is not KeyForm.AS_MADE or new_password):
        raise UsageError(f"The key is on {record.token.place}: the exported files have no key to encrypt.")
    if form is KeyForm.CLEAR and new_password:
        raise UsageError("An unencrypted key has no password.", hint=Hint.CLEAR_OR_PASSWORD)
    match target.key:
        case KeyFormat.PEM:
            pass
        case KeyFormat.CLEAR_PEM:
            if leaves_encrypted(record, form, new_password=new_password):
                raise UsageError(
                    f"{target} cannot ask for a password, so it rejects an encrypted key.", hint=Hint.CLEAR_KEY
                )
        case KeyFormat.PKCS12 | KeyFormat.OLD_PKCS12:
            if form is KeyForm.CLEAR:
                raise UsageError(
                    "A PKCS#12 file is never written without a password: Java shows an empty store for it, without an "
                    "error.",
                    hint=Hint.ENCRYPTED_KEY,
                )
            form = KeyForm.ENCRYPTED
    if form is KeyForm.ENCRYPTED and not record.custody.has_password and not new_password:
        raise PasswordError("This key has no password of its own.", hint=Hint.EXPORT_PASSWORD)


def preflight(store: RecordStore, record: Record, request: ExportRequest, *, new_password: bool) -> None:
    """The errors that `export` would raise, as far as they show without the key; nothing is written."""
    from csr_tui.lifecycle import export_check

    check(record, request.target)
    check_form(record, request.target, request.form, new_password=new_password)
    writing.check_folder(request.folder)
    request = without_key(record, request)
    export_check.of(store, record, request.target, placed(record, request, new_password=new_password))


def without_key(record: Record, request: ExportRequest) -> ExportRequest:
    """The same, for files without a key where that of the record is on a token."""
    return request if record.token is None else replace(request, target=request.target.without_key(record))


def placed(record: Record, request: ExportRequest, *, new_password: bool, password: Secret | None = None) -> Placed:
    """Where the files will be; `new_password` says that the key gets a password for these files alone."""
    return request.target.placed(
        record,
        request.folder.absolute(),
        encrypted=leaves_encrypted(record, request.form, new_password=new_password),
        shown=record.custody.in_keyring and not new_password,
        password=password,
    )


def export(
    store: RecordStore,
    vault: Vault,
    record: Record,
    request: ExportRequest,
    *,
    current: Secret | None = None,
    manage_folder: bool = True,
    reached: Reached = lambda _: None,
) -> Exported:
    """Write what the target loads; nothing is written unless the key opens and all of it fits together.

    What is written is read back and tried by the target's own program; but for plain PEM, a manifest has the results.
    `current` is the password at rest, where it has been fetched already; `manage_folder`: see `export.write`.
    """
    from csr_tui.core.keys import encryption
    from csr_tui.lifecycle import export_check

    new_password = request.export_password is not None
    check(record, request.target)
    check_form(record, request.target, request.form, new_password=new_password)
    request = without_key(record, request)
    folder, target = request.folder, request.target
    pem, key, opens = "", None, None
    if record.token is None:
        pem = passwords.key_pem(store, record)
        current = passwords.at_rest(vault, record, request.password) if current is None else current
        key = encryption.decrypt(pem, current, trusted=True)
        _prove(record, key)
        if leaves_encrypted(record, request.form, new_password=new_password):
            opens = request.export_password or current
    reached(Point.KEY_OPENED)
    checked = export_check.of(store, record, target, placed(record, request, new_password=new_password, password=opens))
    record = record if checked is None else checked.files.record

    files = (
        target.contents(record, b"")
        if key is None
        else _bundle(folder, record, target, key, pem if opens is current else None, opens)
    )
    if checked is not None:
        export_check.check_before_writing(checked, files, replace=request.replace)
    written = writing.write(folder, files, replace=request.replace, manage_folder=manage_folder, reached=reached)
    proofs = export_check.check_after_writing(checked, files) if checked is not None else ()
    if checked is None and record.token is not None:
        proofs = (Proof("key", Verdict.NOT_PROVEN, MADE_BY, f"it is on {record.token.place}, and is not exported"),)
    if checked is not None and target.needs_certificate:
        manifest = export_check.manifest_file(checked, files, proofs)
        written += writing.write(folder, (manifest,), replace=True, reached=reached)
    snippet = target.advice(placed(record, request, new_password=new_password))
    return Exported(written, snippet, proofs, reading.hints(written))


def pem_files(record: Record, pem: str, password: encryption.DerivedKey | None) -> tuple[BundleFile, ...]:
    """What `export` writes of a record without a certificate, once its key opens and belongs to its CSR.

    Needs neither store nor keyring: `pem` is the key as it is kept, and `password` opens it.
    """
    from csr_tui.core.keys import encryption

    check(record)
    _prove(
        record, encryption.decrypt(pem, None, trusted=True) if password is None else encryption.reopen(pem, password)
    )
    return PEM.contents(record, pem.encode("ascii"))


def save_csr(record: Record, folder: Path) -> writing.Written:
    """The CSR alone, for a CA."""
    if record.csr is None:
        raise StateError("There is no CSR to save yet. Generate the request first.")
    return save_text(folder, f"{bundle.stem(record.subject.domain)}.csr", record.csr)


def save_text(folder: Path, name: str, text: str) -> writing.Written:
    """A text that is no secret, as a file; nothing different is written over."""
    (written,) = writing.write(folder, (bundle.BundleFile(name, text.encode(), private=False),))
    return written


def _bundle(
    folder: Path, record: Record, target: Target, key: PrivateKey, at_rest: str | None, password: Secret | None
) -> tuple[BundleFile, ...]:
    """The files of a target; `at_rest` is the key as it is kept, where it leaves just so and has been opened."""
    from csr_tui.core.keys import encryption

    place = folder / f"{bundle.stem(record.subject.domain)}{target.key_file.ending}"
    if target.key.is_pkcs12 and password is not None:
        return target.contents(record, _seal_once(place, record, target, key, password))
    if at_rest is not None:
        shown = at_rest
    elif password is None:
        shown = encryption.to_plain_pem(key)
    else:
        shown = _lock_once(place, key, password)
        _prove(record, encryption.decrypt(shown, password, trusted=True))
    return target.contents(record, shown.encode("ascii"))


def _prove(record: Record, key: PrivateKey) -> None:
    from csr_tui.core import csr
    from csr_tui.core.keys import identity

    try:
        fingerprint = csr.key_fingerprint(record.csr or "")
    except InvalidError as error:
        stored = f"The stored CSR of {facts.domain(record)} ({record.id})"
        raise error.reworded(f"{stored} is damaged. Nothing was written.") from None
    if fingerprint != identity.fingerprint(key):
        raise CsrTuiError(
            "The key in the store does not belong to this request. Nothing was written.", hint=Hint.DOCTOR
        )


def _lock_once(path: Path, key: PrivateKey, password: Secret) -> str:
    """The key under this password: the file that an earlier export left, if it is just that; else encrypted anew.

    Encrypting twice never gives the same bytes, and a second export has to find its first one done.
    """
    from csr_tui.core.keys import encryption, identity

    try:
        there = reading.earlier(path).decode("ascii")
        there = there[there.index(_BEGIN) : there.index(_END)] + _END
        if identity.fingerprint(encryption.decrypt(there, password, trusted=True)) == identity.fingerprint(key):
            return there
    except (OSError, ValueError, CsrTuiError):
        pass
    return encryption.encrypt(key, password, typed=True)


def _seal_once(path: Path, record: Record, target: Target, key: PrivateKey, password: Secret) -> bytes:
    """The same for a PKCS#12: the one that is there, if it opens, holds just this, and is of the right kind."""
    from csr_tui.core import certificate
    from csr_tui.core.keys import identity, pkcs12

    chain = certificate.certificates_in((record.certificate or "").encode())
    compatible = target.key is KeyFormat.OLD_PKCS12
    try:
        there = reading.earlier(path)
        held, held_chain = pkcs12.unseal(there, password)
        same = identity.fingerprint(held) == identity.fingerprint(key) and held_chain == chain
        if same and pkcs12.is_old_kind(there) is compatible:
            return there
    except (OSError, CsrTuiError):
        pass
    return pkcs12.seal(bundle.alias(record.subject.domain), key, chain, password, compatible=compatible)
