"""A person at a real terminal: tmux, with the program in it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATIENCE = 30.0
"""Seconds a screen may take to show what is waited for, on the slowest machine."""


class Terminal:
    """A tmux server of its own with the program in it; with `in_shell`, bash, to which `command` may be typed.

    Started by `with`; killed when that ends.
    """

    def __init__(
        self,
        folder: Path,
        columns: int = 80,
        lines: int = 24,
        *,
        program: Sequence[str] = ("-m", "csr_tui"),
        variables: Mapping[str, str] | None = None,
        in_shell: bool = False,
    ) -> None:
        self._socket = str(folder / "tmux")
        self.home = folder / "home-of-terminal"
        self.home.mkdir(exist_ok=True)
        if variables is None:
            variables = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        variables = {"HOME": str(self.home), **variables, "CSR_TUI_HOME": str(self.home)}
        environment = shlex.join(f"{name}={value}" for name, value in variables.items())
        python = shlex.join((sys.executable, *program))
        self.command = f"{python}; echo STATUS $?"
        started = "bash --norc" if in_shell else f"{python}; echo STATUS $?; exec sleep 600"
        command = f"env -u PYTHON_KEYRING_BACKEND {environment} {started}"
        self._tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-s",
            "t",
            "-c",
            str(folder),
            "-x",
            str(columns),
            "-y",
            str(lines),
            command,
        )

    def __enter__(self) -> Self:
        return self

    def _tmux(self, *words: str) -> str:
        return subprocess.run(["tmux", "-S", self._socket, *words], capture_output=True, text=True, check=True).stdout

    def screen(self, *, colours: bool = False) -> str:
        """Its lines; with `colours`, and with the sequences that set them."""
        return self._tmux("capture-pane", *(["-e"] if colours else []), "-p", "-t", "t")

    def see(self, *texts: str) -> str:
        """Wait until all of these are on the screen."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            screen = self.screen()
            if all(text in screen for text in texts):
                return screen
            time.sleep(0.05)
        return pytest.fail(f"{texts} did not appear:\n{self.screen()}")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", "t", *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", text)

    def paste(self, text: str) -> None:
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p", "-t", "t")

    def pid(self) -> int:
        """The program's own process."""
        shell = int(self._tmux("display-message", "-p", "-t", "t", "#{pane_pid}"))
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(shell)], capture_output=True, text=True, check=True
        )
        return int(children.stdout.split()[0])

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False)
