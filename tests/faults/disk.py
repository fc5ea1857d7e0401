"""A disk that is full, or that may not be written to, from one point on; and the next start once that is over.

Run as a process: `full` on a small file system of its own, `read-only` as a user for whom modes count, each with the
folder to work in and one for the keyring. It prints a line for each scenario in which a promise was broken.
"""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from typing import TYPE_CHECKING

from faults.actor import ACTIONS, LATER, Stage
from faults.home import POINTS, Home
from faults.keyrings import Folder
from faults.scenarios import Broken

from csr_tui.errors import CsrTuiError, FileError
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable


SIZE = "24m"
"""Of the small file system: room for every scenario's store."""

ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""Before a command: root is a user for whom modes count."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """How it begins and ends in a folder, and the words of which the person has to be told one."""

    begin: Callable[[Path], None]
    end: Callable[[Path], None]
    words: tuple[str, ...]


def _fill(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        for size in (65536, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError:
                continue


def _empty(folder: Path) -> None:
    (folder / "ballast").unlink(missing_ok=True)


def _forbid(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o500 if path.is_dir() else 0o400)
    folder.chmod(0o500)


def _permit(folder: Path) -> None:
    folder.chmod(0o700)
    for path in sorted(folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


HINDRANCES = {
    "full": Hindrance(_fill, _empty, ("disk is full",)),
    "read-only": Hindrance(_forbid, _permit, ("read-only", "permission denied", "denies")),
}


def live_through(hindrance: Hindrance, command: str, point: str, folder: Path, keyring: Path) -> str:
    """What the person was told, or nothing where all went well; Broken where that is no help, or something is lost."""
    home = Home(folder, Folder(keyring), command)
    told = None

    def reached(label: str) -> None:
        if label == point:
            hindrance.begin(folder)

    try:
        reached("")
        with RecordStore(home.path, migrations=LATER, reached=reached) as store:
            if command != "create":
                stage = Stage(store, home.vault, store.get(home.mine.id), home.exports, reached)
                ACTIONS[command](stage)
    except CsrTuiError as error:
        told = error
    finally:
        hindrance.end(folder)
    if told is not None and not (isinstance(told, FileError) and any(word in str(told) for word in hindrance.words)):
        raise Broken(f"the person was told: {told}")
    home.go_on()
    return "" if told is None else str(told)


def command(how: str, folder: Path) -> list[str]:
    """What to run for one hindrance, in an empty folder."""
    for name in ("disk", "keyring"):
        (folder / name).mkdir()
    program = [sys.executable, __file__, how, str(folder / "disk"), str(folder / "keyring")]
    if how == "full":
        mount = f'mount -t tmpfs -o size={SIZE} tmpfs "$3" && exec "$0" "$@"'
        return ["unshare", "-rm", "sh", "-c", mount, *program]
    return [*ORDINARY, *program] if os.getuid() == 0 else program


def main(how: str, folder: str, keyring: str) -> None:
    told = 0
    number = 0
    for command, points in POINTS.items():
        for point in ("", *points):
            number += 1
            place = Path(folder) / str(number)
            place.mkdir(mode=0o700)
            try:
                told += bool(live_through(HINDRANCES[how], command, point, place, Path(keyring) / str(number)))
            except Exception as error:  # noqa: BLE001  # whatever it is, the line says where
                print(f"{command}, {how} from {point!r} on: {error!r}")
                if not isinstance(error, Broken):
                    traceback.print_exc()
    print(f"{number} scenarios, {told} of them with a sentence")


if __name__ == "__main__":
    main(*sys.argv[1:])
