"""Work done in several processes at once: threads would wait for one another over Python's own lock."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from io import BufferedRWPair
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

from csr_tui.errors import CsrTuiError

if TYPE_CHECKING:
    import subprocess

Common = TypeVar("Common")
Task = TypeVar("Task")
Result = TypeVar("Result")

Prepare: TypeAlias = "Callable[[Common], Callable[[Sequence[Task]], list[Result]]]"
"""Given what all tasks have in common, how some are done; a function of a module, which every process can find."""

PROGRAM = "import sys; from csr_tui.lifecycle.batch.processes import serve; serve(*map(int, sys.argv[1:]))"
"""What the first process runs, once it has imported what all of them need."""


def processors() -> int:
    """How many processes can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """So many processes that do what they are told, and keep nothing. With none, this one does the work itself.

    Used as a context, at whose end they are stopped, whatever they are at. They live no longer than this process.
    """

    def __init__(self, count: int, *, preload: Sequence[str] = ()) -> None:
        """`preload` names the modules that the first loads before it forks the others, which takes longest."""
        self._count = count
        self._preload = preload
        self._first: subprocess.Popen[bytes] | None = None
        self._pipes: list[BufferedRWPair] = []
        self._job: Job[Any, Any] | None = None

    def __enter__(self) -> Self:
        import socket

        if self._count:
            with ExitStack() as stack:
                pairs = [socket.socketpair() for _ in range(self._count)]
                for one in chain(*pairs):
                    stack.enter_context(one)
                self._first = _start([theirs.fileno() for _, theirs in pairs], self._preload)
                self._pipes = [ours.makefile("rwb") for ours, _ in pairs]
        return self

    def __exit__(self, *exception: object) -> None:
        del exception
        if self._first is not None:
            with suppress(OSError):
                os.killpg(self._first.pid, signal.SIGKILL)
            self._first.wait()
        if self._job is not None:
            self._job.end()
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()

    def begin(self, prepare: Prepare[Common, Task, Result], common: Common) -> Job[Task, Result]:
        """Another kind of work; of the one before, what nobody began is dropped.

        `common` goes through pipes that nobody else can read.
        """
        if self._job is not None:
            self._job.end()
        self._job = job = Job(self._pipes, prepare, common)
        return job


class Job(Generic[Task, Result]):
    """Tasks of one kind, and their results in the order in which they are done."""

    def __init__(self, pipes: Sequence[BufferedRWPair], prepare: Prepare[Common, Task, Result], common: Common) -> None:
        self._waiting: queue.SimpleQueue[list[Task] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[list[Result] | str] = queue.SimpleQueue()
        message = (prepare, common)
        self._drivers = [threading.Thread(target=self._drive, args=(pipe, message), daemon=True) for pipe in pipes]
        for driver in self._drivers:
            driver.start()
        self._here = None if pipes else prepare(common)
        self.under_way = 0

    def submit(self, tasks: Sequence[Task], at_once: int) -> None:
        """Have these done, so many by one process before it says so; returns at once."""
        self.under_way += len(tasks)
        for start in range(0, len(tasks), at_once):
            self._waiting.put(list(tasks[start : start + at_once]))

    def results(self) -> list[Result]:
        """Some results; waits for them. CsrTuiError where a process ended that should not have."""
        if self._here is not None:
            self._done.put(self._here(self._waiting.get() or ()))
        done = self._done.get()
        if isinstance(done, str):
            raise CsrTuiError(f"A worker process died{done}. Run the command again.")
        self.under_way -= len(done)
        return done

    def end(self) -> None:
        """Let every process come to the end of what it is at, and drop the rest."""
        with suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        for _ in self._drivers:
            self._waiting.put(None)
        for driver in self._drivers:
            driver.join()

    def _drive(self, pipe: BufferedRWPair, message: tuple[Prepare[Common, Task, Result], Common]) -> None:
        """One thread for each process: it never writes while the process does, so neither waits for the other."""
        try:
            _send(pipe, message)
            while (tasks := self._waiting.get()) is not None:
                _send(pipe, tasks)
                self._done.put(pickle.load(pipe))  # noqa: S301  # from a process of this one's own
        except (EOFError, OSError, pickle.UnpicklingError):
            self._done.put("")
        except Exception as error:  # noqa: BLE001  # of what cannot go through a pipe; nobody else would hear of it
            self._done.put(f" ({type(error).__name__})")


def _start(pipes: Sequence[int], preload: Sequence[str]) -> subprocess.Popen[bytes]:
    """A Python that knows the same modules, with nothing but these pipes; there will be a process for each.

    Not one of `multiprocessing`, which wants the streams that Textual has taken. In a session of its own, so that
    Ctrl+C at the terminal is this process's to deal with.
    """
    import subprocess

    program = "".join(f"import {module}; " for module in preload) + PROGRAM
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, *map(str, pipes)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pipes,
        start_new_session=True,
    )


def _send(pipe: BufferedRWPair, what: object) -> None:
    """All of it or nothing: what cannot be pickled leaves no half of it in the pipe."""
    pipe.write(pickle.dumps(what))
    pipe.flush()


def serve(*pipes: int) -> None:
    """The life of all processes: the first, with one thread and no files but its pipes, forks the others."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which is ignored where the first process was started with "&"
    own = next((pipe for pipe in pipes[1:] if not os.fork()), pipes[0])
    for pipe in pipes:
        if pipe != own:
            os.close(pipe)
    _serve(own)


def _serve(descriptor: int) -> None:
    """The life of one process: a job, then its tasks, then perhaps another, until nobody is there any more."""
    import socket

    with suppress(EOFError, OSError), socket.socket(fileno=descriptor).makefile("rwb") as pipe:
        while True:
            message = pickle.load(pipe)  # noqa: S301  # from the process that started this one
            if isinstance(message, tuple):
                prepare, common = message
                work = None
                continue
            try:
                work = work or prepare(common)
                done: list[object] | str = work(message)
            except Exception as error:  # noqa: BLE001  # the process that started this one reports it
                done = f" ({type(error).__name__})"
            _send(pipe, done)
