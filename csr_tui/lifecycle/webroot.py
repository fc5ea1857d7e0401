"""Files that prove names, put where a web server of this machine serves them from, and taken away again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from csr_tui import access
from csr_tui.core.bundle import BundleFile
from csr_tui.core.order import NameProof
from csr_tui.errors import FileError
from csr_tui.export import writing
from csr_tui.files import read_file

_BELOW = (".well-known", "acme-challenge")


def check(folder: Path) -> None:
    """FileError where no file can be placed below it."""
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder. Name the folder that your web server serves.")


def place(proofs: tuple[NameProof, ...]) -> None:
    """Write the file of each below its folder, readable by all; FileError where that fails."""
    for proof in proofs:
        target = Path(proof.folder)
        check(target)
        for name in _BELOW:
            target /= name
            try:
                target.mkdir()
                target.chmod(0o755)  # whatever the umask: the server is another user
            except FileExistsError:
                pass
            except OSError as error:
                raise FileError(f"{target} cannot be created: {access.reason(target, error)}.") from error
        file = BundleFile(_name(proof), proof.value.encode(), private=False, mode=0o644)
        writing.write(target, (file,), replace=True, manage_folder=False)


def remove(proofs: Iterable[NameProof]) -> None:
    """Take away what `place` wrote, with the folders that are empty then; another content, or a failure, leaves it."""
    for proof in proofs:
        target = Path(proof.folder, *_BELOW)
        with suppress(OSError, ValueError, FileError):  # a restored backup may hold any text
            if read_file(target / _name(proof)) == proof.value.encode():
                (target / _name(proof)).unlink()
        for empty in (target, target.parent):
            with suppress(OSError, ValueError):
                empty.rmdir()


def _name(proof: NameProof) -> str:
    """The last part of the URL: the token, which has letters, digits, hyphens and underscores only."""
    return proof.place.rpartition("/")[2]
