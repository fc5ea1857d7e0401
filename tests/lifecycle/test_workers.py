"""Work in several processes: told what to do, another kind after one, and ended with this one."""

from __future__ import annotations

import operator
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_workers_leave_an_interrupt_at_the_terminal_to_this_process_and_end_with_it() -> None:
    with workers.Workers(1) as one:
        (process,) = one._processes
        assert os.getsid(process.pid) != os.getsid(0)
        one._pipes[0].close()
        assert process.wait(timeout=60) == 0


def test_what_is_wrong_in_a_process_is_told_and_without_processes_it_is_raised_as_it_is() -> None:
    for count, said in ((0, "^'x'$"), (1, r"ended before its time \(KeyError\)")):
        with workers.Workers(count) as crew:
            work = crew.begin(operator.itemgetter, "x")
            work.give([{}], 1)
            with pytest.raises(CsrTuiError if count else KeyError, match=said):
                work.take()
    with workers.Workers(1) as crew:
        work = crew.begin(operator.itemgetter, lambda: "cannot go through a pipe")
        work.give([{}], 1)
        with pytest.raises(CsrTuiError, match="ended before its time"):
            work.take()


def test_one_kind_of_work_follows_another_in_the_same_processes() -> None:
    with workers.Workers(2) as crew:
        for job, common, tasks, expected in (
            (operator.attrgetter, "real", [1, 2, 3], [1, 2, 3]),
            (operator.itemgetter, 1, ["ab", "cd"], ["b", "d"]),
        ):
            work = crew.begin(job, common)
            work.give(tasks, 1)
            done = []
            while work.under_way:
                done += work.take()
            assert sorted(done) == expected


def touching(folder: Path) -> Callable[[int], int]:
    """Work that leaves a trace, and takes a moment."""

    def touch(number: int) -> int:
        time.sleep(0.05)
        (folder / str(number)).touch()
        return number

    return touch


def test_what_nobody_began_is_dropped_where_other_work_follows(tmp_path: Path) -> None:
    with workers.Workers(2) as crew:
        work = crew.begin(touching, tmp_path)
        work.give(range(200), 1)
        work.take()
        crew.begin(operator.itemgetter, 0)

    assert 1 <= len(list(tmp_path.iterdir())) < 100


def meeting(parties: int) -> Callable[[int], int]:
    """Work that ends when so many are at it at once."""
    barrier = threading.Barrier(parties, timeout=30)

    def meet(number: int) -> int:
        barrier.wait()
        return number

    return meet


def test_a_process_does_as_many_tasks_at_once_as_it_has_threads_and_tells_them_in_their_order() -> None:
    with workers.Workers(1) as crew:
        work = crew.begin(meeting, 3, threads=3)
        work.give(range(6), 6)

        assert work.take() == [0, 1, 2, 3, 4, 5]
