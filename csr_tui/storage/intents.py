"""Who is doing what to which record: intents, each owned by the process that holds its lock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Intent(NamedTuple):
    """An action under way, committed before it does anything: `kind` says which, `secret_ref` what it may leave.

    One without a record holds the password of a batch, whose records are kept only once they are made.
    """

    id: str
    record_id: str | None
    kind: str
    secret_ref: str | None

    @property
    def lock(self) -> str:
        """The name of the lock that owns it: those of a batch have one, with which their ids begin."""
        return self.id.partition(".")[0]


class Locks:
    """One file for each intent, held by flock: the system frees it when its process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: dict[str, int] = {}

    def own(self, intent_id: str) -> None:
        """Hold the lock of a new intent; another process that takes it for a leftover lets go of it at once."""
        self._take(intent_id, 0)

    def take(self, intent_id: str) -> bool:
        """Hold the lock of an intent; False while another process does. Held by this one counts as taken."""
        return self._take(intent_id, fcntl.LOCK_NB)

    def _take(self, intent_id: str, waiting: int) -> bool:
        if intent_id in self._descriptors:
            return False
        self._folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            descriptor = os.open(self._path(intent_id), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | waiting)
            except BlockingIOError:
                os.close(descriptor)
                return False
            if self._is_still(intent_id, descriptor):
                self._descriptors[intent_id] = descriptor
                return True
            os.close(descriptor)

    def release(self, intent_id: str) -> None:
        """Let go of a lock and remove its file, or leave that to a sweep; nothing happens where it is not held."""
        descriptor = self._descriptors.pop(intent_id, None)
        if descriptor is not None:
            with suppress(OSError):
                self._path(intent_id).unlink()
            os.close(descriptor)

    def sweep(self, standing: Collection[str]) -> None:
        """Remove the files behind which there is neither an intent nor a process: their owners died in a bad moment."""
        for path in self._folder.glob("*.lock"):
            if path.stem not in standing and self.take(path.stem):
                self.release(path.stem)

    def close(self) -> None:
        """Let go of every lock, and leave the files: what is unfinished stays to be recovered."""
        while self._descriptors:
            os.close(self._descriptors.popitem()[1])

    def _path(self, intent_id: str) -> Path:
        return self._folder / f"{intent_id}.lock"

    def _is_still(self, intent_id: str, descriptor: int) -> bool:
        """Between opening and locking, the owner may have removed the file: then this lock guards nothing."""
        try:
            there = self._path(intent_id).stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(descriptor)
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)
