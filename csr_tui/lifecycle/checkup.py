"""Looking over what is kept: modes of our own files, stores set aside, and passwords that the keyring does not have."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from csr_tui.errors import FileError, VaultError
from csr_tui.paths import Paths
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault


@dataclass(frozen=True, slots=True)
class Passwords:
    """What the keyring is expected to hold: how many passwords, which are missing, and whether all were asked for.

    `sharing` are the missing ones that several records have, with the number of these.
    """

    expected: int = 0
    missing: tuple[str, ...] = ()
    complete: bool = True
    sharing: tuple[tuple[str, int], ...] = ()

    @property
    def another_keyring(self) -> bool:
        """Whether it has none of several: then it is most likely not the one that was written to."""
        return self.complete and self.expected > 1 and len(self.missing) == self.expected


def loose_permissions(paths: Paths) -> tuple[tuple[Path, int], ...]:
    """The folder and the files of the store that others than their owner may read or write, with their modes."""
    return tuple(
        (path, stat.S_IMODE(mode)) for path, mode in _ours(paths.data) if mode & 0o077 and not stat.S_ISLNK(mode)
    )


def restrict(paths: Paths) -> None:
    """Give everything that `loose_permissions` finds to its owner alone; FileError where that is refused."""
    for path, mode in loose_permissions(paths):
        try:
            path.chmod(mode & 0o700)
        except OSError as error:
            raise FileError(f"The mode of {path} cannot be changed: {error.strerror}.") from error


def set_aside(paths: Paths) -> tuple[Path, ...]:
    """The damaged stores that were put aside when they were found; their -wal and -shm go with them."""
    begins = f"{paths.store.name}.damaged-"
    return tuple(
        path
        for path, _ in _ours(paths.data)
        if path.name.startswith(begins) and not path.name.endswith(("-wal", "-shm"))
    )


def passwords(store: RecordStore, vault: Vault) -> Passwords:
    """Ask the keyring for every password it is expected to hold; where it fails, the rest is not looked up."""
    refs = store.live_secrets()
    missing, complete = [], True
    for ref in refs:
        try:
            if vault.find(ref) is None:
                missing.append(ref)
        except VaultError:
            complete = False
            break
    sharing = tuple((ref, number) for ref in missing if (number := store.batch.shared_by(ref)) > 1)
    return Passwords(len(refs), tuple(missing), complete, sharing)


def _ours(folder: Path) -> Iterator[tuple[Path, int]]:
    """The data folder, and what is in it and in the folder of locks."""
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                pending += sorted(path.iterdir())
        except OSError:
            continue
        yield path, mode
