"""Keys and CSRs made in several processes at once: threads would wait for one another over Python's own lock."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Self, TypeAlias

from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import generate, locks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csr_tui.core.record import Record

Task: TypeAlias = "tuple[int, Record]"
"""A draft, and the number of the lock that its key gets."""

Made: TypeAlias = "tuple[Record, str]"
"""A record as it will be, and its key as it is kept at rest."""

PROGRAM = "import sys; from csr_tui.lifecycle.makers import serve; serve(int(sys.argv[1]))"

GROUP = 16
"""Records that go to a process at once, where making one takes less than a millisecond."""


def processors() -> int:
    """How many processes can make keys at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Makers:
    """Processes that are given drafts and give back what is to be kept; they keep nothing themselves.

    Used as a context, at whose end they are stopped, whatever they are at. They live no longer than this process.
    """

    def __init__(self, count: int) -> None:
        self._waiting: queue.SimpleQueue[list[Task] | None] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[list[Made] | str] = queue.SimpleQueue()
        self._count = count
        self._processes: list[subprocess.Popen[bytes]] = []
        self._pipes: list[Connection] = []
        self.under_way = 0

    def __enter__(self) -> Self:
        for _ in range(self._count):
            ours, theirs = Pipe()
            self._processes.append(_start(theirs.fileno()))
            theirs.close()
            self._pipes.append(ours)
        return self

    def __exit__(self, *exception: object) -> None:
        del exception
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        for _ in self._pipes:
            self._waiting.put(None)

    def begin(self, wanted: Sequence[locks.Lock]) -> None:
        """Tell every process how keys are locked; the passwords go through a pipe that nobody else can read."""
        told = [(lock.choice, None if lock.password is None else lock.password.reveal(), lock.ref) for lock in wanted]
        for pipe in self._pipes:
            threading.Thread(target=self._drive, args=(pipe, told), daemon=True).start()

    def give(self, tasks: Sequence[Task]) -> None:
        """Have these made; returns at once."""
        self.under_way += len(tasks)
        size = GROUP if all(draft.key.algorithm != "RSA" for _, draft in tasks) else 1
        for start in range(0, len(tasks), size):
            self._waiting.put(list(tasks[start : start + size]))

    def take(self) -> list[Made]:
        """Some that are made; waits for them. CsrTuiError where a process ended that should not have."""
        made = self._made.get()
        if isinstance(made, str):
            raise CsrTuiError(f"A process that makes keys ended before its time{made}. Run the same command again.")
        self.under_way -= len(made)
        return made

    def _drive(self, pipe: Connection, told: list[tuple[locks.Choice, str | None, str | None]]) -> None:
        """One thread for each process: it never writes while the process does, so neither waits for the other."""
        try:
            pipe.send(told)
            while (tasks := self._waiting.get()) is not None:
                pipe.send(tasks)
                self._made.put(pipe.recv())
        except (EOFError, OSError):
            self._made.put("")
        finally:
            pipe.close()


def _start(pipe: int) -> subprocess.Popen[bytes]:
    """A Python that knows the same modules, with nothing but this pipe.

    Not one of `multiprocessing`, which wants the streams that Textual has taken. In a session of its own, so that
    Ctrl+C at the terminal is this process's to deal with.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, str(pipe)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(pipe,),
        start_new_session=True,
    )


def serve(descriptor: int) -> None:
    """The life of one process: how keys are locked, then drafts, until nobody is there any more."""
    pipe = Connection(descriptor)
    with suppress(EOFError, OSError):
        wanted = [
            locks.Lock(choice, None if password is None else Secret(password), ref)
            for choice, password, ref in pipe.recv()
        ]
        while True:
            tasks = pipe.recv()
            try:
                made: list[Made] | str = [generate.make(draft, wanted[number]) for number, draft in tasks]
            except Exception as error:  # noqa: BLE001  # told to the process that can show it
                made = f" ({type(error).__name__})"
            pipe.send(made)
