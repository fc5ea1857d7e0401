"""Submitting many records at once: paced by the client, each with its own result, to be stopped and gone on with."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from csr_tui.core.record import Origin, Record, State
from csr_tui.errors import CsrTuiError

AT_ONCE = 24
"""Records in flight: enough to keep the busiest action at its rate through two seconds of latency."""


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What became of one record: as it is now, or why not; both None where it was not begun."""

    before: Record
    after: Record | None = None
    error: CsrTuiError | None = None


def submit_all(
    records: Sequence[Record],
    submit: Callable[[Record], Record],
    *,
    ended: Callable[[SubmitResult], None] = lambda _: None,
    stop: threading.Event | None = None,
    at_once: int = AT_ONCE,
) -> tuple[SubmitResult, ...]:
    """Run `submit` on each, several at a time; the results in the order of `records`.

    Once `stop` is set, or the caller's thread is interrupted, no record is begun any more, and those under way come
    to their end; a second interruption leaves them behind. `ended` is called in the caller's thread.
    """
    stop = stop or threading.Event()
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    over: queue.SimpleQueue[tuple[int, SubmitResult | BaseException]] = queue.SimpleQueue()
    for number in range(len(records)):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            over.put((number, _outcome(records[number], submit, stop)))

    for _ in range(min(at_once, len(records))):
        threading.Thread(target=work, daemon=True).start()
    results: dict[int, SubmitResult] = {}

    def collect() -> None:
        while len(results) < len(records):
            number, one = over.get()
            results[number] = one if isinstance(one, SubmitResult) else SubmitResult(records[number])
            if not isinstance(one, SubmitResult):
                raise one
            ended(one)

    try:
        collect()
    except BaseException:
        stop.set()
        collect()
        raise
    return tuple(results[number] for number in range(len(records)))


def _outcome(record: Record, submit: Callable[[Record], Record], stop: threading.Event) -> SubmitResult | BaseException:
    if stop.is_set():
        return SubmitResult(record)
    if record.state is not State.DRAFT and record.origin is Origin.TENCENT:  # an earlier run finalised it
        return SubmitResult(record, record)
    try:
        return SubmitResult(record, submit(record))
    except CsrTuiError as error:
        return SubmitResult(record, error=error)
    except BaseException as error:  # noqa: BLE001  # handed over whole to the caller's thread
        return error
