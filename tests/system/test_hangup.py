"""A terminal that is closed ends the program, whoever leads the session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pty_session import PATIENCE, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEADER = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
program = subprocess.Popen([sys.executable, "-m", "csr_tui"])
pathlib.Path(sys.argv[1]).write_text(str(program.pid))
while True:
    try:
        program.wait()
        break
    except InterruptedError:
        pass
"""
"""Leads the session, as `make run` does in a terminal of its own: it gets the signal, and the program does not."""


def test_a_program_that_is_told_nothing_ends_with_its_terminal_and_keeps_the_draft(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("setsid")
    environment = {**os.environ, "CSR_TUI_HOME": str(tmp_path / "home")}
    with Session([sys.executable, "-c", LEADER, str(tmp_path / "pid")], environment) as session:
        session.see("Nothing here yet")
        session.press("n")
        session.see("What is the certificate for?")
        session.press("closed.example")
        session.see("closed.example")
        pid = int((tmp_path / "pid").read_text())
        session.hang_up()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and os.path.exists(f"/proc/{pid}"):  # noqa: PTH110  # of a process, not of a file
            time.sleep(0.05)
        ended = not os.path.exists(f"/proc/{pid}")  # noqa: PTH110
        if not ended:
            os.kill(pid, 9)

    assert ended
    listed = subprocess.run([sys.executable, "-m", "csr_tui", "list"], env=environment, capture_output=True, check=True)
    assert b"closed.example" in listed.stdout


STUCK = """
import signal, time
from csr_tui.ui import hangup
signal.signal(signal.SIGHUP, signal.SIG_IGN)
hangup.PATIENCE = 0.1
hangup.watch(0, lambda: None)
print("ready", flush=True)
time.sleep(300)
"""


def test_a_program_that_does_not_come_to_its_end_is_ended(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    with Session([sys.executable, "-c", STUCK], {**os.environ, "CSR_TUI_HOME": str(tmp_path)}) as session:
        session.see("ready")
        session.hang_up()
        assert session.process.wait(PATIENCE) == 129
