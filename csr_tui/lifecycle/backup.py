"""Backups: the store in one file, with its key passwords under a passphrase where that is wanted, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from csr_tui.errors import VaultError
from csr_tui.storage import restoring

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from csr_tui.core.secret import Secret
    from csr_tui.lifecycle.generate_many import Progress
    from csr_tui.storage import RecordStore
    from csr_tui.storage.restoring import Backup
    from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds: so many records, these passwords, and without those that `missing` names."""

    path: Path
    records: int
    passwords: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and where the store is kept that was there before."""

    records: int
    passwords: int
    aside: Path | None


def back_up(store: RecordStore, vault: Vault, target: Path, passphrase: Secret | None, progress: Progress) -> Kept:
    """Write a backup to `target`, where nothing is yet; with a passphrase, the passwords in the keyring go into it.

    A password that the keyring does not give is told as missing, and keeps no other from being backed up.
    """
    sealed = None
    passwords: dict[str, Secret] = {}
    if passphrase is not None:
        from csr_tui.core import sealed as sealing

        passwords = _fetched(store, vault, progress)
        sealed = sealing.seal(passwords, passphrase)
    needed = store.upkeep.back_up(target, sealed, lambda done, total: progress("copying pages", done, total))
    backup = restoring.examine(target)
    return Kept(target, backup.records, len(passwords), tuple(ref for ref in needed if ref not in passwords))


def restore(
    backup: Backup, path: Path, vault: Vault, passphrase: Secret | None, now: datetime, progress: Progress
) -> Restored:
    """Make a backup the store at `path`; its passwords first, so that no key comes without the one that opens it.

    What was there is kept. VaultError or PasswordError, and nothing changed, where the passwords cannot be kept.
    """
    passwords: dict[str, Secret] = {}
    if backup.sealed is not None and passphrase is not None:
        from csr_tui.core import sealed as sealing

        passwords = sealing.unseal(backup.sealed, passphrase)
        vault.require()
        for number, (ref, password) in enumerate(passwords.items()):
            progress("keeping passwords", number, len(passwords))
            vault.put(ref, password)
    aside = restoring.put_in_place(backup, path, now, lambda done, total: progress("copying pages", done, total))
    return Restored(backup.records, len(passwords), aside)


def _fetched(store: RecordStore, vault: Vault, progress: Progress) -> dict[str, Secret]:
    """Every password that the keyring gives; VaultError where there is no keyring at all."""
    vault.require()
    refs = store.live_secrets()
    found: dict[str, Secret] = {}
    for number, ref in enumerate(refs):
        progress("fetching passwords", number, len(refs))
        try:
            kept = vault.find(ref)
        except VaultError:
            if not found:
                raise
            continue
        if kept is not None:
            found[ref] = kept
    return found
