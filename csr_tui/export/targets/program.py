"""Asking a target's own program, on a configuration of our own, whether it would load the files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from csr_tui.core.text import escaped
from csr_tui.export.handshake import anonymous_files
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets.target import Check, Placed

LIMIT = 20.0
"""Seconds that a program has; Java takes one."""

LONGEST_SAID = 300
MORE_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin")
"""Where servers are on systems whose PATH leaves them out for ordinary users."""


class NotTriedError(Exception):
    """Why there is no answer."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it printed."""

    status: int
    output: str


def ask(check: Check, files: Placed) -> Proof:
    """What the program reports of the files; what is not installed, or does not answer, is not proven."""
    path = next((path for name in check.programs if (path := which(name))), None)
    if path is None:
        return Proof(check.what, Verdict.NOT_PROVEN, "", f"{check.programs[0]} is not installed here")
    try:
        return check.run(path, files)
    except (NotTriedError, OSError) as error:
        return Proof(check.what, Verdict.NOT_PROVEN, "", short(str(error)))


def verdict_of(what: str, version: str, ran: Ran, files: Placed) -> Proof:
    """A complaint that names our files is about them; any other is about this machine, and proves nothing."""
    if ran.status == 0:
        return Proof(what, Verdict.PROVEN, version, "it loads the files")
    ours = str(files.certificate) in ran.output or str(files.key) in ran.output
    return Proof(what, Verdict.REFUSED if ours else Verdict.NOT_PROVEN, version, short(ran.output))


def password_file(files: Placed) -> AbstractContextManager[tuple[Path, ...]]:
    """A file that holds the key's password, where it has one, for a program to read."""
    return anonymous_files(*((files.password.reveal().encode() + b"\n",) if files.password else ()))


def run(command: Sequence[str], passwords: Sequence[Path] = (), *, stdin: str = "") -> Ran:
    """Run one program to its end, or to its limit; it inherits nothing but the files in `passwords`."""
    descriptors = [int(path.name) for path in passwords if path.parent == Path("/proc/self/fd")]
    try:
        done = subprocess.run(
            command,
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            env={"PATH": _path(), "LC_ALL": "C.UTF-8"},
            pass_fds=descriptors,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotTriedError(f"{Path(command[0]).name} did not respond within {LIMIT:.0f} seconds") from error
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace"))


def which(name: str) -> str | None:
    """Where a program is, as an administrator would find it."""
    return shutil.which(name, path=_path())


def short(output: str) -> str:
    """The last of what a program printed, on one line, harmless for a terminal."""
    return escaped(" ".join(output.split())[-LONGEST_SAID:]) or "it printed nothing"


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *MORE_PLACES))
