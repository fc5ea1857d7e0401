"""Work in several processes: told what to do, another kind after one, and ended with this one."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.batch.processes import Job, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def who(_: None) -> Callable[[Sequence[object]], list[int]]:
    """Work that tells in which process it is done, when another has begun, too."""

    def tell(tasks: Sequence[object]) -> list[int]:
        time.sleep(0.1)
        return [os.getpid() for _ in tasks]

    return tell


def picking(key: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Work that takes this out of each task."""
    return lambda tasks: [task[key] for task in tasks]


def real(_: None) -> Callable[[Sequence[complex]], list[float]]:
    """Work that takes the real part of each number."""
    return lambda tasks: [task.real for task in tasks]


def gone(process: int) -> bool:
    """Whether there is no such process, or nothing of it but its end."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True


def seen_gone(processes: Iterable[int]) -> bool:
    """Whether they all end within a minute."""
    until = time.monotonic() + 60
    while not (ended := all(map(gone, processes))) and time.monotonic() < until:
        time.sleep(0.01)
    return ended


def told_by(pool: Workers, count: int) -> set[int]:
    """The processes that so many tasks are done in."""
    job = pool.begin(who, None)
    job.submit(range(count), 1)
    return set(taken(job))


Result = TypeVar("Result")


def taken(job: Job[Any, Result]) -> list[Result]:
    """All results."""
    done: list[Result] = []
    while job.under_way:
        done += job.results()
    return done


def test_the_workers_leave_an_interrupt_at_the_terminal_to_this_process_and_end_with_it() -> None:
    with Workers(3) as pool:
        processes = told_by(pool, 9)
        assert len(processes) == 3
        assert {os.getsid(process) for process in processes} == {os.getsid(min(processes))} != {os.getsid(0)}
        for pipe in pool._pipes:  # as when this process ends
            pipe.close()
        assert seen_gone(processes)


def sleeping(_: None) -> Callable[[Sequence[int]], list[None]]:
    """Work that takes so many seconds."""

    def sleep(tasks: Sequence[int]) -> list[None]:
        time.sleep(sum(tasks))
        return [None] * len(tasks)

    return sleep


def test_the_workers_are_gone_when_the_work_is_left_whatever_they_are_at() -> None:
    with Workers(3) as pool:
        processes = told_by(pool, 9)
        pool.begin(sleeping, None).submit([600, 600], 1)
    assert seen_gone(processes)


@pytest.mark.parametrize("which", [min, max])
def test_one_that_dies_is_told_while_the_others_live_on(which: Callable[[Iterable[int]], int]) -> None:
    with Workers(2) as pool:
        processes = told_by(pool, 6)
        job = pool.begin(who, None)
        os.kill(which(processes), signal.SIGKILL)
        job.submit(range(6), 1)
        with pytest.raises(CsrTuiError, match="worker process died"):
            taken(job)
        assert job.results() == [*(processes - {which(processes)})]


def test_what_is_wrong_in_a_process_is_told_and_without_processes_it_is_raised_as_it_is() -> None:
    for count, said in ((0, "^'x'$"), (1, r"worker process died \(KeyError\)")):
        with Workers(count) as pool:
            job = pool.begin(picking, "x")
            job.submit([{}], 1)
            with pytest.raises(CsrTuiError if count else KeyError, match=said):
                job.results()
    with Workers(1) as pool:
        job = pool.begin(picking, lambda: "cannot go through a pipe")
        job.submit([{}], 1)
        with pytest.raises(CsrTuiError, match="worker process died"):
            job.results()


def test_one_kind_of_work_follows_another_in_the_same_processes() -> None:
    with Workers(2) as pool:
        parts = pool.begin(real, None)
        parts.submit([1, 2, 3], 1)
        assert sorted(taken(parts)) == [1, 2, 3]
        letters = pool.begin(picking, 1)
        letters.submit(["ab", "cd"], 1)
        assert sorted(taken(letters)) == ["b", "d"]


def touching(folder: Path) -> Callable[[Sequence[int]], list[int]]:
    """Work that leaves a trace, and takes a moment."""

    def touch(numbers: Sequence[int]) -> list[int]:
        time.sleep(0.05)
        for number in numbers:
            (folder / str(number)).touch()
        return list(numbers)

    return touch


def test_what_nobody_began_is_dropped_where_other_work_follows(tmp_path: Path) -> None:
    with Workers(2) as pool:
        job = pool.begin(touching, tmp_path)
        job.submit(range(200), 1)
        job.results()
        pool.begin(picking, 0)

    assert 1 <= len(list(tmp_path.iterdir())) < 100


def loaded(module: str) -> Callable[[Sequence[int]], list[bool]]:
    """Whether a process has a module before it is told anything that needs it."""
    return lambda _: [module in sys.modules]


def test_processes_begin_with_the_modules_that_they_are_to_need() -> None:
    for preload in ((), ("this",)):
        with Workers(1, preload=preload) as pool:
            job = pool.begin(loaded, "this")
            job.submit([0], 1)

            assert job.results() == [bool(preload)]
