"""Running a program of the person's own: without a shell, with a time limit, and with nothing of ours."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

MOST = 1 << 20
"""Bytes of a certificate with its chain."""

TAIL = 8192
"""Bytes of the messages that are kept: the last ones."""

CHUNK = 1 << 16
STEP = 0.2
"""Seconds between two looks at the process, and for which a pipe is read on that another program keeps open."""


class NotStartedError(Exception):
    """Why a program could not be started; it did nothing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, "" where that was with status 0, and what it reported."""

    why: str
    messages: str


def run(words: Sequence[str], environ: Mapping[str, str], limit: float, write: Callable[[bytes], object]) -> Ended:
    """Run a program in a session of its own, to its end or for `limit` seconds, with `write` for its standard output.

    It is killed after that, and where this process is interrupted meanwhile. NotStartedError where it did nothing.
    """
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NotStartedError(getattr(error, "strerror", None) or str(error)) from error
    messages = bytearray()
    end = time.monotonic() + limit
    try:
        why = _read(process, write, messages, end)
        if not why:
            status = process.wait(max(end - time.monotonic(), 0))
            killed = f"was killed by signal {-status}"
            why = killed if status < 0 else f"ended with status {status}" if status else ""
    except subprocess.TimeoutExpired:
        why = LATE
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Ended(why.format(limit), messages.decode("utf-8", "replace").strip())


LATE = "did not end within {:.0f} seconds"


def _read(process: subprocess.Popen[bytes], write: Callable[[bytes], object], messages: bytearray, end: float) -> str:
    """Read both pipes until they are closed, or the program is gone; why it was cut off, if it was."""
    written = 0
    with selectors.DefaultSelector() as selector:
        for pipe in filter(None, (process.stdout, process.stderr)):
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            if (left := end - time.monotonic()) <= 0:
                return LATE
            gone = process.poll() is not None
            ready = selector.select(min(left, STEP))
            if gone and not ready:
                break
            for key, _ in ready:
                data = os.read(key.fd, CHUNK)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    messages += data
                    del messages[:-TAIL]
                else:
                    written += len(data)
                    if written > MOST:
                        return f"wrote more than {MOST >> 20} MiB"
                    try:
                        write(data)
                    except OSError as error:
                        return f"was stopped, because its output cannot be written to disk: {error.strerror}"
    return ""
