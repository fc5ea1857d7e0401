"""Where data, configuration and exports live."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

ABANDONED = 3600.0
"""Seconds after which a scratch folder belongs to nobody: none is in use for more than some minutes."""


class Paths(NamedTuple):
    """The folders of one installation; nothing is created by asking for them."""

    data: Path
    config: Path
    exports: Path

    @property
    def store(self) -> Path:
        return self.data / "records.db"

    @property
    def desk(self) -> Path:
        """How the desk was left."""
        return self.data / "desk.json"

    @property
    def settings(self) -> Path:
        """What the person has set: a PKCS #11 module."""
        return self.config / "config.toml"

    @property
    def profiles(self) -> Path:
        return self.config / "profiles.toml"


def find() -> Paths:
    """The person's own folders, or everything under `CSR_TUI_HOME` where that is set."""
    if home := os.environ.get("CSR_TUI_HOME"):
        root = absolute(home)
        return Paths(data=root / "data", config=root / "config", exports=root / "exports")

    import platformdirs

    folders = platformdirs.PlatformDirs("csr-tui", appauthor=False)
    documents = folders.user_documents_path  # which servers do not have
    return Paths(
        data=folders.user_data_path,
        config=folders.user_config_path,
        exports=(documents if _is_folder(documents) else Path.home()) / "csr-tui",
    )


def absolute(text: str) -> Path:
    """The path that a person typed, as every folder understands it; `~nobody` is nobody's home, and stays."""
    path = Path(text)
    with suppress(RuntimeError):
        path = path.expanduser()
    with suppress(OSError):  # of a current folder that is gone
        path = path.absolute()
    return path


def _is_folder(path: Path) -> bool:
    """Whether there is a folder; one that may not be looked for is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, each for its owner alone whatever the umask."""
    if not folder.exists():
        if folder.parent != folder:
            make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """A private folder for a moment; those that killed processes left behind are removed first."""
    import shutil
    import tempfile

    for left in Path(tempfile.gettempdir()).glob("csr-tui-scratch-*"):
        try:
            found = left.lstat()
        except OSError:
            continue
        if found.st_uid == os.geteuid() and found.st_mtime < time.time() - ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="csr-tui-scratch-") as folder:
        yield Path(folder)
