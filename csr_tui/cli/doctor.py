"""The command that looks after the installation: doctor."""

from __future__ import annotations

import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui import __version__, export
from csr_tui.cli import output
from csr_tui.cli.command import Command, Reply, path_text
from csr_tui.cli.exit import BAD_FINDINGS
from csr_tui.cli.finalise import recover
from csr_tui.core import inspect
from csr_tui.core.text import visible
from csr_tui.errors import FileError, InvalidError, StorageError, VaultError
from csr_tui.files import is_folder, read_file
from csr_tui.lifecycle.account import REF

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from csr_tui.cli.command import Parser
    from csr_tui.cli.document import Json
    from csr_tui.cli.neighbours import Neighbours
    from csr_tui.paths import Paths
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault, VaultStatus

PACKAGES = (
    "cryptography",
    "idna",
    "keyring",
    "platformdirs",
    "publicsuffixlist",
    "tencentcloud-sdk-python-common",
    "textual",
    "textual-fspicker",
    "zxcvbn",
)
KEPT = "keyring"
WASTE = 1 << 20
"""Bytes of free space in the store under which nobody minds."""

CREDENTIALS = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN")


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How the store is: `integrity` is "ok" or a sentence, `passwords` are what the keyring is to hold."""

    records: int = 0
    trashed: int = 0
    integrity: str = "ok"
    leftovers: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    free: int = 0
    size: int = 0

    @property
    def wasteful(self) -> bool:
        """Whether so much of the file is free that giving it back is worth rewriting the rest."""
        return self.free >= WASTE and self.free * 4 >= self.size


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was looked at."""

    paths: Paths
    store: StoreReport
    keyring: VaultStatus
    missing: tuple[str, ...]
    leftovers: tuple[str, ...]
    credentials: tuple[str, ...] = ()
    """Where there are parts of an API key: names of variables, and KEPT."""

    @property
    def ok(self) -> bool:
        return self.store.integrity == "ok" and not self.missing and not self.leftovers


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=path_text, help="look for orphaned and unfinished files in here, too"
    )
    parser.add_argument(
        "--mend",
        action="store_true",
        help="remove unfinished files, clean up after stopped actions, give free space back; keys are never removed",
    )


def _doctor(arguments: Namespace, neighbours: Neighbours) -> Reply:
    folders = [neighbours.paths.exports]
    if arguments.folder is not None:
        folders.append(Path(arguments.folder))
        if not is_folder(folders[-1]):
            raise FileError(f"There is no folder {visible(arguments.folder)}.")
    if arguments.mend:
        _mend(folders, neighbours)
    keyring = neighbours.vault.status()
    store = _store(neighbours, folders[1:], keyring)
    unfinished = (path for folder in dict.fromkeys(folders) for path in export.leftovers(folder))
    report = Report(
        paths=neighbours.paths,
        store=store,
        keyring=keyring,
        missing=_missing(neighbours.vault, store.passwords) if keyring.usable else (),
        credentials=tuple(_credentials(neighbours, usable=keyring.usable)),
        leftovers=(
            *store.leftovers,
            *(f"{path} is an unfinished file: csr-tui doctor --mend {path.parent} removes it." for path in unfinished),
        ),
    )
    return Reply(
        lambda: _document(report),
        "".join(f"{label:<12}  {visible(value)}\n" for label, value in _lines(report)),
        0 if report.ok else BAD_FINDINGS,
    )


def _mend(folders: list[Path], neighbours: Neighbours) -> None:
    for folder in folders:
        export.sweep(folder)
    if neighbours.paths.store.exists():
        with neighbours.store() as store:
            recover(store, neighbours)
            free, size = store.upkeep.waste()
            if StoreReport(free=free, size=size).wasteful:
                output.say(f"Giving {_mib(free)} of the store's {_mib(size)} back to the disk.")
                store.upkeep.vacuum()


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"


def _store(neighbours: Neighbours, folders: list[Path], keyring: VaultStatus) -> StoreReport:
    """Look at the store, if there is one already; what is wrong with it is part of the report."""
    if not neighbours.paths.store.exists():
        return StoreReport()
    from csr_tui.storage import Query

    try:
        with neighbours.store() as store:
            free, size = store.upkeep.waste()
            return StoreReport(
                free=free,
                size=size,
                records=store.count(),
                trashed=store.count(Query(trashed=True)),
                integrity=store.notice or store.integrity(),
                leftovers=(
                    *_stopped(store, keyring),
                    *(sentence for folder in folders for sentence in _orphans(store, folder)),
                ),
                passwords=store.live_secrets(),
            )
    except StorageError as error:
        return StoreReport(integrity=str(error))


def _stopped(store: RecordStore, keyring: VaultStatus) -> Iterator[str]:
    """What processes that are gone left half done, and can be mended here and now."""
    for intent in store.stale():
        yield f"Record {intent.record_id} has an action that was stopped ({intent.kind}): run csr-tui doctor --mend."
    for sent in store.journal.open():
        yield f"What came of record {sent.record_id} at Tencent Cloud is not known: run csr-tui reconcile."
    if keyring.usable and (doomed := store.doomed()):
        yield f"Old passwords wait to be removed from the keyring ({len(doomed)}): run csr-tui doctor --mend."


def _orphans(store: RecordStore, folder: Path) -> Iterator[str]:
    """The keys and requests in a folder that no record knows; an encrypted key does not say whose it is."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise FileError(f"{folder} cannot be read: {error.strerror}.") from error
    for path in paths:
        if path.suffix not in (".key", ".csr") or not path.is_file():
            continue
        try:
            items = inspect.read(read_file(path))
        except (FileError, InvalidError):
            yield f"{path} cannot be read as a key or a request."
            continue
        if any(item.fingerprint and not store.knows_key(item.fingerprint) for item in items):
            yield f"{path} belongs to no record here."


def _missing(vault: Vault, refs: tuple[str, ...]) -> tuple[str, ...]:
    """The passwords that the keyring ought to hold, and does not give."""
    missing = []
    for ref in refs:
        try:
            vault.get(ref)
        except VaultError:
            missing.append(ref)
    return tuple(missing)


def _credentials(neighbours: Neighbours, *, usable: bool) -> Iterator[str]:
    """Whether there is an API key, never what it is."""
    yield from (name for name in CREDENTIALS if neighbours.environ.get(name, "").strip())
    if usable:
        with suppress(VaultError):
            if neighbours.vault.find(REF) is not None:
                yield KEPT


def _packages() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in PACKAGES}


def _document(report: Report) -> Json:
    paths, store, keyring = report.paths, report.store, report.keyring
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": _packages(),
        "paths": {"data": str(paths.data), "config": str(paths.config), "exports": str(paths.exports)},
        "store": {
            "records": store.records,
            "trashed": store.trashed,
            "integrity": store.integrity,
            "free": store.free,
            "size": store.size,
        },
        "keyring": {
            "usable": keyring.usable,
            "name": keyring.name,
            "message": keyring.sentence,
            "missing": report.missing,
        },
        "credentials": {name: name in report.credentials for name in (*CREDENTIALS, KEPT)},
        "leftovers": report.leftovers,
        "ok": report.ok,
    }


def _lines(report: Report) -> Iterator[tuple[str, str]]:
    yield "csr-tui", __version__
    yield "python", f"{platform.python_version()} on {platform.platform()}"
    yield "packages", ", ".join(f"{name} {version}" for name, version in _packages().items())
    yield "store", str(report.paths.store)
    yield "", f"{report.store.records:,} records, {report.store.trashed:,} in the trash; {report.store.integrity}"
    if report.store.wasteful:
        yield (
            "",
            f"{_mib(report.store.free)} of {_mib(report.store.size)} are free: csr-tui doctor --mend gives them back",
        )
    yield "config", str(report.paths.config)
    yield "exports", str(report.paths.exports)
    yield "keyring", report.keyring.sentence
    yield "credentials", ", ".join(report.credentials) or "none in the environment, none in the keyring"
    yield from (("MISSING", f"the keyring does not hold the password {ref}") for ref in report.missing)
    yield from (("LEFT OVER", left) for left in report.leftovers)
    yield "all in all", "fine" if report.ok else "there is something to be put right"


COMMANDS = {
    "doctor": Command(
        _arguments,
        _doctor,
        "Versions, folders, the state of the store and of the keyring, which\n"
        "credentials are there (never their values), and what stopped actions left\n"
        "behind. Exit status 4 when something is bad; a missing keyring is not.\n"
        'With --json: {"version", "python", "platform", "packages", "paths", "store",\n'
        '"keyring", "credentials", "leftovers", "ok"}.',
        "examples:\n  csr-tui doctor\n  csr-tui doctor --mend ./certificates",
    ),
}
