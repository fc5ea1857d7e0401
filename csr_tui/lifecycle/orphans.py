"""Examining a folder of key material with what the records and the keyring know about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from csr_tui import folder
from csr_tui.core import bundle, inspect, orphans
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect import Item
from csr_tui.core.keys import strength
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import Fact, PasswordError, VaultError
from csr_tui.lifecycle.existing_key import imported_moduli
from csr_tui.storage import Query, RecordStore
from csr_tui.vault import Vault

MOST_CANDIDATES = 10
"""Records whose password is tried on one file: each try of a typed one takes 0.13 s."""

INCOMPLETE = Fact(
    "The folder exceeds the limits (20,000 files, 64 MiB), so only a part of it was checked. Check its subfolders one "
    "by one."
)


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What a folder holds: what belongs together, what is bad, and what was left out."""

    path: Path
    families: tuple[orphans.Family, ...]
    findings: tuple[Fact, ...]
    skipped: tuple[tuple[Path, str], ...]
    complete: bool


def examine(
    path: Path, store: RecordStore | None, vault: Vault | None, password: Secret | None, now: datetime
) -> FolderReport:
    """Look at a folder; FileError where it cannot be read.

    An encrypted key is known by being the very one that a record keeps, or by the password of the record for whose
    domain its file is named (asked of `vault`, None: not to be asked), or by `password`.
    """
    looked = folder.look(path)
    read = [(found, *_read(found.data, now)) for found in looked.files]
    fingerprints = sorted({item.fingerprint for _, items, _ in read for item in items if item.fingerprint})
    records = _records(store, fingerprints)
    files = []
    for found, items, problem in read:
        if any(item.locked for item in items):
            candidates = _candidates(found.path, store)
            records |= {one.key_fingerprint: one for one in candidates if one.key_fingerprint is not None}
            items = _opened(found.data, items, candidates, store, vault, password, now)
        if problem and found.path.suffix.lower() not in folder.SUFFIXES:
            continue
        files.append(orphans.File(str(found.path), items, found.mode if found.mode & 0o077 else None, problem))
    families = orphans.families(files, {one: record.id for one, record in records.items()})
    findings = (
        *orphans.findings(files, families),
        *(() if store is None else _sharing_primes(files, store)),
        *(() if looked.complete else (INCOMPLETE,)),
    )
    return FolderReport(path, families, findings, looked.skipped, looked.complete)


def _read(data: bytes, now: datetime) -> tuple[tuple[Item, ...], str]:
    """What is in a file, or why it cannot be read."""
    try:
        return inspect.read(data, now=now), ""
    except InvalidError as error:
        return (), str(error)


def _records(store: RecordStore | None, fingerprints: list[str]) -> dict[str, Record]:
    if store is None:
        return {}
    return {
        record.key_fingerprint: record
        for start in range(0, len(fingerprints), 100)
        for record in store.certificates.of_keys(fingerprints[start : start + 100])
        if record.key_fingerprint is not None
    }


def _sharing_primes(files: list[orphans.File], store: RecordStore) -> Iterator[Fact]:
    """RSA keys in the folder that have a prime in common with one that a record took in."""
    moduli = {item.modulus: file.path for file in files for item in inspect.principals(file.items) if item.modulus}
    others = imported_moduli(store, "RSA") if moduli else {}
    for modulus, path in moduli.items():
        if (finding := strength.shared_prime(modulus, others)) is not None:
            yield Fact(f"{escaped(path)}: {finding.message}")


def _candidates(path: Path, store: RecordStore | None) -> tuple[Record, ...]:
    """The newest records with a key for whose domain a file is named."""
    if store is None:
        return ()
    searched = path.name.removesuffix(path.suffix).removesuffix(".private-bundle").lstrip("_")
    return tuple(
        record
        for record in store.page(Query(search=searched, most=MOST_CANDIDATES), limit=MOST_CANDIDATES)
        if record.has_key and path.name.startswith(f"{bundle.stem(record.subject.domain)}.")
    )


def _opened(
    data: bytes,
    items: tuple[Item, ...],
    candidates: tuple[Record, ...],
    store: RecordStore | None,
    vault: Vault | None,
    password: Secret | None,
    now: datetime,
) -> tuple[Item, ...]:
    """The things of a file with what is encrypted named or opened, where that can be done."""
    for record in candidates:
        pem = store.key_pem(record.id) if store is not None else None
        if pem is not None and pem.strip().encode() in data.replace(b"\r\n", b"\n"):
            named = [
                replace(one, fingerprint=record.key_fingerprint, locked=False) if one.locked else one for one in items
            ]
            return tuple(named)
    for secret in (*_passwords(candidates, vault), password):
        if secret is not None:
            try:
                return inspect.read(data, secret, now=now)
            except PasswordError:
                continue
            except InvalidError as error:
                return (replace(items[0], locked=False, problems=(str(error),)),)
    return items


def _passwords(candidates: tuple[Record, ...], vault: Vault | None) -> list[Secret | None]:
    found: list[Secret | None] = []
    for record in candidates:
        if vault is not None and record.custody.in_keyring and record.secret_ref is not None:
            try:
                found.append(vault.find(record.secret_ref))
            except VaultError:
                return found
    return found
