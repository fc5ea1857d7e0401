"""A person at a real terminal: types a whole request in tmux, and finds the files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.system


@pytest.fixture
def terminal(tmp_path: Path, require: Callable[..., None]) -> Iterator[Terminal]:
    require("tmux", "ps")
    with Terminal(tmp_path) as terminal:
        yield terminal


def test_a_whole_request_is_typed_and_its_files_are_found(
    terminal: Terminal, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl")
    out = tmp_path / "out"
    terminal.see("Nothing here yet")
    terminal.press("n")
    terminal.see("What is the certificate for?")
    terminal.type("www.example.com")
    terminal.press("Enter")
    terminal.see("The legal name")
    terminal.type("Example Ltd")
    terminal.press("C-n")
    terminal.see("Which names should the certificate cover?")
    terminal.paste("example.com, *.example.com\nhttps://api.example.com/v1")
    terminal.see("api.example.com", "*.example.com", "matches")
    terminal.press("C-n")
    terminal.see("Key type")
    terminal.press("Down", "Down", "Down")
    terminal.see("(•) ECC P-256")
    terminal.press("M-k")
    terminal.see("How should the key be protected?", "(•) Your own password, typed each time")
    terminal.press("NPage")
    terminal.see("No OS keyring is reachable here")
    terminal.press("Tab")
    terminal.see("A key file: PEM")
    terminal.press("BTab")
    terminal.see("You enter a password of your own when you generate")
    terminal.press("Down")
    terminal.see("(•) No encryption at all")
    terminal.press("M-r")
    terminal.see("Ready to generate", "organization")
    terminal.press("C-g")
    terminal.see("generated, verified and saved")
    terminal.press("e")
    terminal.see("Export www.example.com")
    terminal.press("C-u")
    terminal.see("Folder                          ")
    terminal.type("./out")
    terminal.see("Folder            ./out")
    terminal.press("BTab")
    terminal.press("Enter")
    terminal.see("written", "www.example.com.key")
    terminal.press("Escape")
    terminal.see("generated")
    terminal.press("C-q")
    terminal.see("STATUS 0")

    key, request = out / "www.example.com.key", out / "www.example.com.csr"
    assert (out / "www.example.com.private-bundle.pem").is_file()
    public = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout"], capture_output=True, text=True, check=True)
    shown = subprocess.run(
        ["openssl", "req", "-in", str(request), "-noout", "-verify", "-text", "-pubkey"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "verify OK" in shown.stdout + shown.stderr
    assert public.stdout in shown.stdout
    for name in ("www.example.com", "example.com", "*.example.com", "api.example.com"):
        assert f"DNS:{name}" in shown.stdout


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_saves_the_draft_and_gives_the_terminal_back(terminal: Terminal, signum: signal.Signals) -> None:
    terminal.see("Nothing here yet")
    terminal.press("n")
    terminal.see("What is the certificate for?")
    terminal.type("half.example")
    terminal.see("half.example")
    os.kill(terminal.pid(), signum)
    screen = terminal.see(f"STATUS {128 + signum}")

    assert "What is the certificate" not in screen
    listed = subprocess.run(
        [sys.executable, "-m", "csr_tui", "list"],
        env={**os.environ, "CSR_TUI_HOME": str(terminal.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "half.example" in listed.stdout


def test_a_window_that_is_closed_loses_nothing(terminal: Terminal) -> None:
    terminal.see("Nothing here yet")
    terminal.press("n")
    terminal.see("What is the certificate for?")
    terminal.type("closed.example")
    terminal.see("closed.example")
    pid = terminal.pid()
    terminal.close()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and os.path.exists(f"/proc/{pid}"):  # noqa: PTH110  # of a process, not of a file
        time.sleep(0.05)

    listed = subprocess.run(
        [sys.executable, "-m", "csr_tui", "list"],
        env={**os.environ, "CSR_TUI_HOME": str(terminal.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "closed.example" in listed.stdout
