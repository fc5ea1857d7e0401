"""A command: its arguments, its work, and its reply."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from textwrap import fill
from typing import TYPE_CHECKING, NoReturn

from csr_tui.cli import output
from csr_tui.cli.commands import COMMANDS
from csr_tui.cli.context import Context
from csr_tui.errors import UsageError

if TYPE_CHECKING:
    from csr_tui.cli.document import Json, Lines

LONGEST_COMPLAINT = 400
WIDTH = 80
PARAGRAPHS = re.compile(r"\n(?=\n|With --json|With several ids)")


@dataclass(frozen=True, slots=True)
class Reply:
    """A command's answer: a document for `--json`, made only when it is wanted, or a text for people.

    None in its place: the command has printed its answer already. A text is shown without what a terminal obeys,
    unless it has to be `exact`.
    """

    document: Callable[[], Json | Lines] | None
    text: str = ""
    status: int = 0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments` adds what the command takes to its parser, `run` does the work; `more` ends its help."""

    arguments: Callable[[Parser], None]
    run: Callable[[Namespace, Context], Reply]
    about: str
    more: str = ""


class Parser(argparse.ArgumentParser):
    """Reports a mistake as UsageError, so that it is shown like every other error."""

    def __init__(self, name: str, about: str, more: str) -> None:
        super().__init__(
            prog=f"csr-tui {name}",
            description=wrapped(about),
            epilog=more,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=30),
            allow_abbrev=False,
        )

    @property
    def actions(self) -> tuple[argparse.Action, ...]:
        """Its options and positional arguments, in their order; argparse has no public way to list them."""
        return tuple(self._actions)

    def error(self, message: str) -> NoReturn:
        sentence = f"{message[:1].upper()}{message[1:]}".rstrip(".")
        raise UsageError(f"{sentence[:LONGEST_COMPLAINT]}. See {self.prog} --help.")

    def print_help(self, file: object = None) -> None:  # noqa: ARG002  # argparse's signature
        output.write(self.format_help())


def wrapped(text: str) -> str:
    """Paragraphs in lines that fit the screen; indented ones as they are, and JSON in paragraphs of its own."""
    paragraphs = (part.strip("\n") for part in PARAGRAPHS.split(text))
    return "\n\n".join(
        part if part.startswith(" ") else fill(part, WIDTH, break_long_words=False, break_on_hyphens=False)
        for part in paragraphs
        if part
    )


def parser_of(name: str, command: Command) -> Parser:
    """The parser of one command; every one takes `--json`."""
    parser = Parser(name, command.about, command.more)
    command.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document; never ask anything")
    return parser


def run(name: str, words: Sequence[str], context: Context) -> Reply:
    """What a command replies to these words."""
    command: Command = import_module(f"csr_tui.cli.{COMMANDS[name]}").COMMANDS[name]
    return command.run(parser_of(name, command).parse_args(words), context)


def add_id(parser: Parser) -> None:
    parser.add_argument(
        "id", metavar="ID", help="a record: its id, the beginning of it, or its domain where that is clear"
    )


def path_text(text: str) -> str:
    """A path that a file system can have."""
    if "\0" in text:
        raise argparse.ArgumentTypeError("a path cannot contain a NUL character")
    if not text:
        raise argparse.ArgumentTypeError("enter a path; this one is empty")
    return text


def whole_number(text: str) -> int:
    """Zero or more, and no more than a list or a calendar can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise argparse.ArgumentTypeError(f"enter a whole number from 0 to 999,999, not {text[:20]!r}")
    return int(text)
