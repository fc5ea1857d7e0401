"""The two streams: one answer on standard output, sentences on standard error, nothing raw on either."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from csr_tui.core.findings import Finding
from csr_tui.core.text import escaped
from csr_tui.errors import FileError

if TYPE_CHECKING:
    from csr_tui.cli.document import Json, Lines


MANY = 5_000
"""From twice as many records on, a second process encodes half of them: 100,000 take 3.2 s instead of 4.1."""


def prepare() -> None:
    """Let both streams write any character, whatever their encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(*parts: str) -> None:
    """The whole answer; a reader who went away (`| head`) is no error, a full disk is."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.writelines(parts)
        sys.stdout.flush()
    except OSError as error:
        give_up(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise FileError(f"Could not write to standard output: {error.strerror}.") from error


def give_up(stream: TextIO) -> None:
    """Drop what it cannot write: left in the buffer, that would fail once more when Python ends, with status 120."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def harmless(text: str) -> str:
    """Lines without anything that a terminal obeys, whatever columns of the store or of a file are in them."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def dump(document: Json | Lines) -> Sequence[str]:
    """JSON in ASCII, in parts: what cannot be seen is escaped, so it is safe on a terminal too."""
    if isinstance(document, Mapping | Sequence | int | None):
        return (_seen(json.dumps(document, indent=2) + "\n"),)
    lines = _lines(document)
    document.report(document.damaged)
    end = "\n" if lines else ""
    return (f'{{"{document.name}": [{end}', *map(_seen, lines), f"{end}], {json.dumps(document.rest)[1:]}\n")


def _lines(document: Lines) -> Sequence[str]:
    """A line for each record, a thousand in a part; the second half of many by a process of its own.

    That one fails where a record is damaged, for its count stays there.
    """
    half = len(document.records) // 2
    if half < MANY or threading.active_count() > 1:
        return document.parts()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            with open(write, "w") as pipe:  # noqa: PTH123  # no path, but a descriptor
                pipe.writelines(document.parts(half))
            os._exit(bool(document.damaged))
        finally:
            os._exit(1)
    os.close(write)
    beginning = document.parts(0, half)
    with open(read) as pipe:  # noqa: PTH123
        rest = pipe.read()
    _, failed = os.waitpid(child, 0)
    return (*beginning, ",\n", *(document.parts(half) if failed else (rest,)))


def _seen(text: str) -> str:
    return text.replace("\x7f", "\\u007f")


def say(sentence: str) -> None:
    """One sentence for the person, on standard error."""
    prompt(escaped(sentence, keep="\n") + "\n")


def prompt(text: str) -> None:
    """The beginning of a line for the person, on standard error, as it is."""
    if sys.stderr is None:  # closed by the shell: 2>&-
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        give_up(sys.stderr)


def say_findings(findings: Iterable[Finding]) -> None:
    """One line for each finding, on standard error."""
    for found in findings:
        say(f"{found.level}: {escaped(found.labelled)}")
