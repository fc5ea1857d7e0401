"""Keys that are there already, to make a request with: of the record that is renewed, or in a file of the person's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from csr_tui.core.custody import Custody
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import Hint, NotFoundError, StateError
from csr_tui.files import is_there
from csr_tui.lifecycle import passwords
from csr_tui.paths import absolute
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.storage import RecordStore


@dataclass(frozen=True, slots=True)
class ExistingKey:
    """An opened key. `password` is what the person opened it with, or could: not one that only the keyring knows.

    With `token` it is there, and stays there.
    `strength_accepted`: when the password was chosen, it was found strong enough, or taken although it is weak.
    """

    key: PrivateKey = field(repr=False)
    password: Secret | None
    strength_accepted: bool
    token: TokenUri | None = None


def source(store: RecordStore, record: Record) -> Record | None:
    """The record whose key a draft is to use; None where it is to have a new one."""
    if not record.lineage.same_key or record.lineage.renews is None:
        return None
    try:
        return store.get(record.lineage.renews)
    except NotFoundError as error:
        raise StateError(
            "The record whose key this draft reuses no longer exists. Copy the draft to get a new key."
        ) from error


def of_record(store: RecordStore, vault: Vault, old: Record, password: Secret | None = None) -> ExistingKey:
    """The key of a record, under the password that is kept or given. May block while the keyring is asked.

    One on a token is opened by `tokens.existing`.
    """
    from csr_tui.core.keys import encryption

    held = passwords.at_rest(vault, old, password)
    key = encryption.decrypt(passwords.key_pem(store, old), held, trusted=True)
    known = old.custody.is_typed or old.custody.held_by_person
    return ExistingKey(key, held if known else None, strength_accepted=True)


def from_file(
    store: RecordStore, data: bytes, password: Secret | None = None, *, shared: bool = False, path: str = ""
) -> ExistingKey:
    """The key in a file of the person's own, in PEM, DER or PKCS#12; what is wrong with it is told with its path.

    PasswordError where it does not open; InvalidError where it is weak, or of a kind that is not used; StateError where
    a record has it already, unless it may be `shared`.
    """
    from csr_tui.core.keys import external

    try:
        key, encrypted = external.read(data, password)
        accept(store, key, shared=shared)
    except InvalidError as error:
        raise InvalidError(f"{escaped(path)}: {error}" if path else str(error), error.findings) from error
    return ExistingKey(key, password if encrypted else None, strength_accepted=False)


def accept(store: RecordStore, key: PrivateKey, *, shared: bool) -> None:
    """InvalidError where a key is weak, or of a kind that is not used; StateError where a record has it already."""
    from csr_tui.core.keys import external, identity

    external.check(key)
    _refuse_shared_prime(store, key)
    if not shared and (known := store.certificates.of_keys((identity.fingerprint(key),))):
        raise StateError(f"Record {known[0].id} already has this key.", hint=Hint.RENEW_WITH_KEY, record=known[0].id)


def imported_moduli(store: RecordStore, algorithm: str) -> dict[int, str]:
    """The modulus of each RSA key that was taken in, and the id of its record."""
    from csr_tui.core import csr
    from csr_tui.core.keys import identity

    found: dict[int, str] = {}
    for record_id, text in store.certificates.imported(algorithm):
        with suppress(InvalidError):
            if (modulus := identity.modulus(csr.read(text).public_key)) is not None:
                found[modulus] = record_id
    return found


def _refuse_shared_prime(store: RecordStore, key: PrivateKey) -> None:
    """InvalidError where an RSA key has a prime in common with one that was taken in before."""
    from csr_tui.core.keys import identity, strength

    if (modulus := identity.modulus(key.public_key())) is None:
        return
    others = imported_moduli(store, identity.spec_of(key.public_key()).algorithm)
    if (finding := strength.shared_prime(modulus, others)) is not None:
        raise InvalidError(finding.message, (finding,))


def file_fault(text: str) -> Finding | None:
    """Whether there is such a file; what is in it is judged when it is opened."""
    if is_there(absolute(text)):
        return None
    return Finding.error("file-missing", "key_file", "No such file. Type its path, or leave this empty.")


def with_key_type(record: Record, existing: ExistingKey, path: str = "") -> Record:
    """A draft that asks for the kind of key that a file or a token holds, and knows where that is; not stored."""
    from csr_tui.core.keys import identity

    spec = identity.spec_of(existing.key.public_key())
    if existing.token is None:
        custody = Custody.RANDOM_KEYRING if record.custody is Custody.TOKEN else record.custody
        return replace(record, key=spec, key_file=path, token=None, custody=custody)
    return replace(record, key=spec, token=existing.token, custody=Custody.TOKEN, key_file="")


def check(record: Record, existing: ExistingKey) -> None:
    """InvalidError where the draft asks for another kind of key than this one."""
    from csr_tui.core.keys import identity

    spec = identity.spec_of(existing.key.public_key())
    if spec == record.key:
        return
    label = label_of(spec)
    finding = Finding.error(
        "key-mismatch", "key_parameter", f"The existing key is {label}: choose that type, or a new key."
    )
    raise InvalidError(finding.message, (finding,))
