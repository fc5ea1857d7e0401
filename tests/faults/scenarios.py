"""What can go wrong, as data; and the process to which it happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTOR = Path(__file__).with_name("actor.py")
LIMIT = 120
"""Seconds that a process may take on the slowest machine."""


class Broken(AssertionError):  # noqa: N818  # a verdict, as the tests read it
    """A promise was not kept."""


class KeyringFailed(RuntimeError):  # noqa: N818  # a verdict too
    """The Secret Service failed by itself, and the person was told; nothing can be said of the scenario."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way for things to go wrong.

    `command` is killed at `point`: the label of a crash point, `during ACTION` for a kill while the request is with
    the server, or nothing for a process that lives. `lost` is an action whose first call the server applies
    without an answer, drops, or delays (`fate`). A reconcile is preceded by the submit whose answer it looks for.
    """

    command: str
    point: str = ""
    lost: str = ""
    fate: str = ""

    def __str__(self) -> str:
        what = f"{self.command}, killed at {self.point!r}" if self.point else f"{self.command}, not killed"
        return f"{what}, {self.lost} {self.fate}".rstrip(" ,")


def started(*arguments: object, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """The actor, at work on a store: its path, the keyring, the command, the record's id, the point, the mistake."""
    return subprocess.Popen(
        [sys.executable, ACTOR, *map(str, arguments)],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str], limit: float = LIMIT) -> tuple[str, str]:
    """What a process said until its end; TimeoutExpired, and the end of it, where that does not come."""
    try:
        return process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def ended(process: subprocess.Popen[str], scenario: Scenario, bug: str) -> str:
    """What it said; Broken where it did not end as the scenario has it."""
    out, err = told(process)
    wanted = -signal.SIGKILL if scenario.point else 0
    if process.returncode == 0 and "The keyring " in out and not bug:
        raise KeyringFailed(out)
    if process.returncode != wanted and not bug:  # a mistake may keep it from ever getting there
        raise Broken(f"the process ended with {process.returncode}\n{out}{err}")
    return out
