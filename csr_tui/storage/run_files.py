"""The files of a command that runs for a record: they outlive this process, and go with their record."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from csr_tui import access
from csr_tui.errors import FileError


def prepare(store: Path, record_id: str, csr: str) -> tuple[Path, Path]:
    """The paths of the CSR, readable by its owner alone, and of the certificate, where nothing is yet."""
    forget(store, record_id)
    folder = _folder(store, record_id)
    request = folder / "request.csr"
    try:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700)
        with open(request, "x", opener=private) as file:  # Path.open takes no opener
            file.write(csr)
    except OSError as error:
        raise FileError(f"The CSR cannot be written to {request}: {access.reason(request, error)}.") from error
    return request, certificate(store, record_id)


def certificate(store: Path, record_id: str) -> Path:
    """Where a command leaves what it returned."""
    return _folder(store, record_id) / "certificate.pem"


def forget(store: Path, record_id: str) -> None:
    shutil.rmtree(_folder(store, record_id), ignore_errors=True)


def private(path: str, flags: int) -> int:
    """Open a file that its owner alone may read."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _folder(store: Path, record_id: str) -> Path:
    return store.parent / "obtain" / record_id
