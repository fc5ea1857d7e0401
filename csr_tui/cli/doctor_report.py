"""What doctor found, as a document and as lines."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from csr_tui import __version__
from csr_tui.cli import advice
from csr_tui.cli.document import Json
from csr_tui.core.keys import published
from csr_tui.core.text import counted
from csr_tui.errors import Fact
from csr_tui.lifecycle.checkup import Passwords
from csr_tui.lifecycle.orphans import FolderReport
from csr_tui.paths import Paths
from csr_tui.vault import VaultStatus

PACKAGES = (
    "cryptography",
    "idna",
    "keyring",
    "platformdirs",
    "publicsuffixlist",
    "tencentcloud-sdk-python-common",
    "textual",
    "zxcvbn",
)
UNKNOWN_VERSION = "of unknown version"
IN_KEYRING = "keyring"
WASTE = 1 << 20
"""Bytes of free space in the store under which nobody minds."""

CREDENTIALS = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN")

SHOWN = 20
"""Files that were left out of what was looked at, named to a person."""

NOT_ASKED = Passwords()


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How the store is: `integrity` is "ok" or a sentence; None for what could not be counted."""

    records: int | None = 0
    trashed: int | None = 0
    integrity: str = "ok"
    leftovers: tuple[str, ...] = ()
    passwords: Passwords = NOT_ASKED
    folder: FolderReport | None = None
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
    leftovers: tuple[str, ...]
    problems: tuple[str, ...]
    credentials: tuple[str, ...] = ()
    """Where there are parts of an API key: names of variables, and IN_KEYRING."""

    @property
    def findings(self) -> tuple[Fact, ...]:
        """What is bad in the folder that was given."""
        return self.store.folder.findings if self.store.folder is not None else ()

    @property
    def ok(self) -> bool:
        bad = self.store.passwords.missing or self.leftovers or self.problems or self.findings
        return self.store.integrity == "ok" and not bad


def _packages() -> dict[str, str]:
    return {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    """Its version; a package without metadata, as a distribution or a zip file may hold it, works without, too."""
    from importlib.metadata import version

    try:
        return version(package) or UNKNOWN_VERSION  # None where the metadata names none
    except Exception:  # noqa: BLE001  # each way of being missing, empty or no text has an error of its own there
        return UNKNOWN_VERSION


def mib(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / (1 << 20):,.1f} MiB"


def document_of(report: Report) -> Json:
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
            "missing": store.passwords.missing,
        },
        "credentials": {name: name in report.credentials for name in (*CREDENTIALS, IN_KEYRING)},
        "leftovers": report.leftovers,
        "problems": report.problems,
        "folder": _folder(store.folder),
        "ok": report.ok,
    }


def _folder(folder: FolderReport | None) -> Json:
    if folder is None:
        return None
    return {
        "path": str(folder.path),
        "families": [
            {
                "fingerprint": family.fingerprint,
                "record": family.record,
                "files": [{"path": path, "kind": kind} for path, kind in family.members],
            }
            for family in folder.families
        ],
        "findings": [advice.sentence(finding) for finding in folder.findings],
        "skipped": [{"path": str(path), "reason": reason} for path, reason in folder.skipped],
        "complete": folder.complete,
    }


def lines_of(report: Report) -> Iterator[tuple[str, str]]:
    yield "csr-tui", __version__
    yield "python", f"{platform.python_version()} on {platform.platform()}"
    yield "packages", ", ".join(f"{name} {version}" for name, version in _packages().items())
    yield "store", str(report.paths.store)
    if report.store.records is None:
        yield "", report.store.integrity
    else:
        records = counted(report.store.records, "record")
        yield "", f"{records}, {report.store.trashed:,} in the trash; {report.store.integrity}"
    if report.store.wasteful:
        yield (
            "",
            f"{mib(report.store.free)} of {mib(report.store.size)} are free; doctor --mend compacts the database",
        )
    yield "config", str(report.paths.config)
    yield "exports", str(report.paths.exports)
    yield "keyring", report.keyring.sentence
    yield "API key", ", ".join(report.credentials) or "none in the environment, none in the keyring"
    yield "weak keys", _published_keys()
    yield from (("LEFTOVER", left) for left in report.leftovers)
    yield from (("PROBLEM", problem) for problem in report.problems)
    if report.store.folder is not None:
        yield from _folder_lines(report.store.folder)
    yield "result", "no problems" if report.ok else "problems found"


def _published_keys() -> str:
    if (size := published.size()) is None:
        return "no list of published keys; badkeys --update-bl downloads one"
    return f"badkeys' list has {size:,} published keys"


def _folder_lines(folder: FolderReport) -> Iterator[tuple[str, str]]:
    yield "folder", str(folder.path)
    for family in folder.families:
        if len(family.members) == 1 and family.record is None:
            continue
        members = ", ".join(f"{Path(path).name} ({kind})" for path, kind in family.members)
        yield "match", f"{members}{f', of record {family.record}' if family.record else ''}"
    yield from (("PROBLEM", advice.sentence(finding)) for finding in folder.findings)
    yield from (("skipped", f"{path}: {reason}") for path, reason in folder.skipped[:SHOWN])
    if len(folder.skipped) > SHOWN:
        yield "skipped", f"and {len(folder.skipped) - SHOWN:,} more"
