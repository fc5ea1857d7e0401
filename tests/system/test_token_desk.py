"""A token whose module hangs, beneath the program on a real terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest
from bursts import F6, NEXT, QUIT
from pty_session import Session
from soft_token import MODULE, choose, need

from csr_tui.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

UP = "\x1b[A"


def test_a_module_that_hangs_leaves_the_screen_usable_and_the_program_ends(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    need()
    require("setsid")
    choose(Paths(tmp_path / "data", tmp_path / "config", tmp_path), MODULE)
    os.mkfifo(tmp_path / "pipe.conf")  # SoftHSM waits for its configuration without end
    environment = {**os.environ, "CSR_TUI_HOME": str(tmp_path), "SOFTHSM2_CONF": str(tmp_path / "pipe.conf")}
    with Session([sys.executable, "-m", "csr_tui"], environment) as session:
        session.see("Nothing here yet")
        session.press(f"nslow.example{NEXT * 3}{UP}")
        session.see("Reading the tokens")
        since = len(session.raw)
        session.press(F6)
        session.see("Which names should the certificate cover?", since=since)
        session.press(QUIT)
        pressed = time.monotonic()
        assert session.end() == 0

    assert time.monotonic() - pressed < 15  # the limit of a call is 30 s
