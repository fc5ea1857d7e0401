"""Backups: the store in one file, with its key passwords under a passphrase where that is wanted, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.core.record import new_id
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import StorageError, VaultError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.storage import RecordStore, restoring
from csr_tui.storage.copying import SECRET, foreign
from csr_tui.storage.handing_over import refuse_taken
from csr_tui.storage.restoring import Backup

if TYPE_CHECKING:
    from csr_tui.core.backup_passwords import SealedPasswords
    from csr_tui.lifecycle.batch.generate_many import Progress
    from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: so many records, these passwords, and without those that `missing` names."""

    path: Path
    records: int
    passwords: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What came back, where the store is kept that was there before, and what its opening reported."""

    records: int
    passwords: int
    aside: Path | None
    notice: str | None


@dataclass(frozen=True, slots=True)
class Tidied:
    """Whether the store that is here can be opened, and so hold intents, and what its opening reported."""

    ledger: bool
    notice: str | None


def back_up(
    store: RecordStore,
    vault: Vault,
    target: Path,
    passphrase: Secret | None,
    progress: Progress,
    *,
    reached: Reached = lambda _: None,
) -> BackedUp:
    """Write a backup to `target`, where nothing is yet; with a passphrase, the passwords in the keyring go into it.

    The records are copied first, and the keyring keeps the passwords that the copy needs until they are fetched. A
    password that the keyring does not give is reported as missing, and keeps no other from being backed up.
    """
    refuse_taken(target)

    def copying(done: int, total: int) -> None:
        progress("copying pages", done, total)

    def writing(done: int, total: int) -> None:
        progress("writing", done, total)

    passwords: dict[str, Secret] = {}
    if passphrase is None:
        with store.maintenance.copied(copying) as copy:
            reached(Point.COPIED)
            copy.hand_over(target, writing)
    else:
        from csr_tui.core import backup_passwords

        vault.require()
        try:
            with store.maintenance.lasting(new_id(), copying) as copy:
                reached(Point.COPIED)
                passwords = _fetched(copy.refs, vault, progress)
                reached(Point.PASSWORDS_FETCHED)
                copy.seal(backup_passwords.seal(passwords, passphrase))
                copy.hand_over(target, writing)
                reached(Point.HANDED_OVER)
        finally:
            recovery.sweep(store, vault)
    backup = restoring.examine(target)
    return BackedUp(target, backup.records, len(passwords), tuple(ref for ref in copy.refs if ref not in passwords))


def restore(
    backup: Backup,
    path: Path,
    vault: Vault,
    passphrase: Secret | None,
    now: datetime,
    progress: Progress,
    *,
    reached: Reached = lambda _: None,
) -> RestoreResult:
    """Make a backup the store at `path`; its passwords first, so that no key comes without the one that opens it.

    What was there is kept. VaultError, PasswordError or InvalidError, and nothing changed, where the passwords cannot
    be kept, or are not those of the keys in the backup.
    """
    passwords: dict[str, Secret] = {}
    there, opened = path.exists(), Tidied(ledger=False, notice=None)
    if backup.sealed is not None and passphrase is not None:
        passwords = _unsealed(backup, backup.sealed, passphrase)
        vault.require()
        opened = _tidied(path, vault)
    try:
        with restoring.copied(
            backup, path, lambda done, total: progress("copying records", done, total), reached
        ) as copy:
            kept = {ref: password for ref, password in passwords.items() if ref in copy.refs}
            new = _not_there_yet(vault, kept, progress)
            if opened.ledger and new:
                copy.announce(new, now)
            for number, (ref, password) in enumerate(new.items()):
                progress("keeping passwords", number, len(new))
                vault.put(ref, password)
            reached(Point.PASSWORDS_KEPT)
            aside = copy.put_in_place(now, keep_empty=there)
    except BaseException:
        if opened.ledger:
            _tidied(path, vault)
        raise
    return RestoreResult(backup.records, len(kept), aside, opened.notice)


def _unsealed(backup: Backup, sealed: SealedPasswords, passphrase: Secret) -> dict[str, Secret]:
    from csr_tui.core import backup_passwords

    passwords = backup_passwords.unseal(sealed, passphrase)
    for ref in passwords:
        if not SECRET.fullmatch(ref):
            raise foreign(backup.path, f"a password called {ref}")
    return passwords


def _tidied(path: Path, vault: Vault) -> Tidied:
    """Open the store that is here, or make one, and undo what was begun in it."""
    try:
        with RecordStore(path) as store:
            recovery.recover(store, vault)
            return Tidied(ledger=True, notice=store.notice)
    except StorageError:
        return Tidied(ledger=False, notice=None)


def _not_there_yet(vault: Vault, passwords: dict[str, Secret], progress: Progress) -> dict[str, Secret]:
    """Those that the keyring does not hold; VaultError where it holds another one under the name of one of them."""
    new = {}
    for number, (ref, password) in enumerate(passwords.items()):
        progress("looking for passwords", number, len(passwords))
        there = vault.find(ref)
        if there is None:
            new[ref] = password
        elif there != password:
            raise VaultError(
                f"The keyring has a different password for {escaped(ref)} than this backup, and a key here may need "
                "it. Nothing was changed."
            )
    return new


def _fetched(refs: tuple[str, ...], vault: Vault, progress: Progress) -> dict[str, Secret]:
    """Every password that the keyring gives; VaultError where it gives none.

    It is asked twice: while other programs write to it, GNOME Keyring may answer once that it does not have one.
    """
    found: dict[str, Secret] = {}
    for number, ref in enumerate((*refs, *refs)):
        if ref in found:
            continue
        progress("fetching passwords", number % len(refs), len(refs))
        try:
            kept = vault.find(ref)
        except VaultError:
            if not found:
                raise
            continue
        if kept is not None:
            found[ref] = kept
    return found
