"""What the benchmarks share: programs in pseudo-terminals, stores of any size, and rows of the table they print."""

import compileall
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import csr_tui
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, Tag, new_id
from csr_tui.storage import RecordStore, search
from csr_tui.storage.columns import stamp
from csr_tui.storage.rows import REQUEST, request_of

HELLO = [
    sys.executable,
    "-c",
    """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello there")
Hello().run()
""",
]
DESK = [sys.executable, "-m", "csr_tui"]
SIZE = (30, 100)
# Every start but the first has bytecode; where PYTHONDONTWRITEBYTECODE is set, each compiles the source, for 80 ms.
compileall.compile_dir(csr_tui.__path__[0], quiet=1)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended as well
ORGANIZATIONS = ("Example Trading Ltd", "腾讯云计算有限公司", "示例科技有限公司", "Müller GmbH", "Acme Corporation")


@dataclass
class Terminal:
    """A program on a pseudo-terminal."""

    pid: int
    descriptor: int
    seen: bytes = b""

    def wait_for(self, text: bytes) -> None:
        """Read until this text has been painted, looking only at what comes from now on."""
        give_up = time.monotonic() + 30
        while text not in self.seen:
            if time.monotonic() > give_up or not select.select([self.descriptor], [], [], 30)[0]:
                raise TimeoutError(f"{text!r} was not painted")
            self.seen += os.read(self.descriptor, 65536)
        self.seen = self.seen[self.seen.rindex(text) + len(text) :]

    def read_until(self, moment: float) -> None:
        """Read what is painted until then, by the clock of `time.perf_counter`; unread it would stop the program."""
        while (left := moment - time.perf_counter()) > 0:
            if select.select([self.descriptor], [], [], left)[0]:
                self.seen += os.read(self.descriptor, 65536)

    def press(self, keys: bytes) -> None:
        os.write(self.descriptor, keys)

    def quiet(self, seconds: float) -> None:
        """Read until nothing has been painted for so long."""
        while select.select([self.descriptor], [], [], seconds)[0]:
            os.read(self.descriptor, 65536)
        self.seen = b""

    @property
    def memory(self) -> int:
        """KiB that only this process holds."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii")
        kinds = ("Private_Clean:", "Private_Dirty:")
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(kinds))


@contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[Terminal]:
    """A program on a pseudo-terminal of its own, killed at the end."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)  # noqa: S606
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    try:
        yield Terminal(pid, descriptor)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(descriptor)


def environment_of(home: Path) -> dict[str, str]:
    """An environment in which the desk keeps everything under `home`, and finds no keyring."""
    ours = {"CSR_TUI_HOME": str(home), "TERM": "xterm-256color", "LINES": str(SIZE[0]), "COLUMNS": str(SIZE[1])}
    quiet = {"TEXTUAL_ANIMATIONS": "none", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    return {**os.environ, **ours, **quiet}


def filled(home: Path, size: int) -> Path:
    """A home whose store has so many drafts, one a second, the first of them with the number 0."""
    columns = (
        "id",
        "revision",
        "state",
        *REQUEST,
        "password_choice",
        "protection",
        "created_at",
        "updated_at",
        "flaws",
    )
    sql = f"INSERT INTO record ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    with RecordStore(home / "data" / "records.db") as store:
        for start in range(0, size, 10_000):
            with store._database.writing() as write:
                for number in range(start, min(start + 10_000, size)):
                    record = a_draft(number)
                    at = stamp(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number))
                    row = (record.id, 1, "draft", *request_of(record), "random", "keyring", at, at, 0)
                    search.add(write, write(sql, row).lastrowid, record.id, request_of(record))
    return home


def a_draft(number: int) -> Record:
    """A usual request."""
    domain = f"h{number:07}.shop.example.com"
    subject = Subject(domain, ORGANIZATIONS[number % 5], "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN")
    return Record(new_id(), subject=subject, names=(f"www.{domain}",), tags=(Tag("team", f"web{number % 20}"),))


def timed(action: Callable[[], object]) -> float:
    """Seconds that it takes."""
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def interleaved(rounds: int, *actions: Callable[[], float]) -> list[list[float]]:
    """What each action measures, in rounds: one of each, and again, so that a slow moment meets them all."""
    for action in actions:
        action()
    return [list(one) for one in zip(*([action() for action in actions] for _ in range(rounds)), strict=True)]


def ratio(ours: list[float], base: list[float]) -> float:
    """The median of the ratios within each round."""
    return statistics.median(our / bare for our, bare in zip(ours, base, strict=True))


def row(what: str, against: str, value: float, aim: str) -> None:
    """A row of the table in the README."""
    print(f"| {what} | {against} | {value:.2f} | {aim} |", flush=True)
