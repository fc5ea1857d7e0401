"""A program at a terminal of its own: every byte that it sends there is kept."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE = 60.0
"""Seconds that something may take to appear on the slowest machine."""

SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
"""A terminal's own commands: CSI and OSC sequences, and those of two characters."""


class Session:
    """Started by `with`; killed when that ends, if it has not ended by itself."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 100, lines: int = 30
    ) -> None:
        self._person, program = pty.openpty()
        fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            env={"TERM": "xterm-256color", **environment},
            stdin=program,
            stdout=program,
            stderr=program,
            start_new_session=False,
        )
        os.close(program)
        self._raw = bytearray()
        self._hung_up = threading.Event()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._hung_up.is_set():
            self._reading.join(PATIENCE)
            os.close(self._person)

    def hang_up(self) -> None:
        """Close the terminal, which has to be read by nobody for that."""
        self._hung_up.set()
        self._reading.join(PATIENCE)
        os.close(self._person)

    def _read(self) -> None:
        try:
            while not self._hung_up.is_set():
                if not select.select([self._person], [], [], 0.1)[0]:
                    continue
                if not (chunk := os.read(self._person, 65536)):
                    return
                self._raw += chunk
        except OSError:  # Linux says so when the other side has gone
            return

    @property
    def raw(self) -> bytes:
        return bytes(self._raw)

    def text(self, since: int = 0) -> str:
        """What was written, without the terminal's commands between."""
        return SEQUENCE.sub(b"", self.raw[since:]).decode(errors="replace")

    def see(self, *texts: str, since: int = 0) -> None:
        """Wait until all of these were written."""
        self.wait(lambda: all(text in self.text(since) for text in texts), f"{texts} did not appear")

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it is so."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f"{what}:\n{self.text()[-3000:]}")
            time.sleep(0.01)

    def press(self, keys: str) -> None:
        """Send what a keyboard sends."""
        rest = memoryview(keys.encode())
        while rest:
            rest = rest[os.write(self._person, rest) :]

    def end(self) -> int:
        """The status, once it has ended by itself; everything that it wrote is in `raw` then."""
        status = self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        return status
