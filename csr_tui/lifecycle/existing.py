"""Keys that are there already, to make a request with: that of the record which is renewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csr_tui.core.findings import Finding
from csr_tui.core.record import PasswordChoice, Record, kind_of
from csr_tui.errors import InvalidError, NotFoundError, StateError
from csr_tui.lifecycle import passwords

if TYPE_CHECKING:
    from csr_tui.core.keys import PrivateKey
    from csr_tui.core.secret import Secret
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class Existing:
    """An opened key. `password` is what the person opened it with, or could: not one that only the keyring knows."""

    key: PrivateKey = field(repr=False)
    password: Secret | None


def source(store: RecordStore, record: Record) -> Record | None:
    """The record whose key a draft is to use; None where it is to have a new one."""
    if not record.lineage.same_key or record.lineage.renews is None:
        return None
    try:
        return store.get(record.lineage.renews)
    except NotFoundError as error:
        raise StateError(
            "The record whose key this draft is to use is gone. Copy the draft to have a new key."
        ) from error


def of_record(store: RecordStore, vault: Vault, old: Record, password: Secret | None = None) -> Existing:
    """The key of a record, under the password that is kept or given. May block while the keyring is asked."""
    from csr_tui.core import keys

    held = passwords.at_rest(vault, old, password)
    key = keys.unlock(passwords.key_pem(store, old), held, own=True)
    return Existing(key, held if old.password_choice is PasswordChoice.TYPED or passwords.held_by_person(old) else None)


def check(record: Record, existing: Existing) -> None:
    """InvalidError where the draft asks for another kind of key than this one."""
    from csr_tui.core import keys

    spec = keys.spec_of(existing.key.public_key())
    if spec == record.key:
        return
    kind = kind_of(spec)
    label = kind.label if kind is not None else f"{spec.algorithm} {spec.parameter}"
    finding = Finding.error("key_parameter", f"The key that is to be used is {label}: choose that, or a new key.")
    raise InvalidError(f"{finding.field}: {finding.message}", (finding,))
