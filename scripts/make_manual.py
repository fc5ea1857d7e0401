"""The manual page, from the very texts of `--help`: python scripts/make_manual.py > csr-tui.1."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from textwrap import wrap

import csr_tui
from csr_tui.cli.command import Parser, parser_of
from csr_tui.cli.commands import GROUPS, HELP

ESCAPES = {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "`": "\\(ga"}


def manual(date: datetime) -> str:
    """The page in roff's man macros; no paragraph begins right below a heading, which mandoc would skip."""
    lines = list(_lines(date))
    after = zip(lines, ["", *lines], strict=False)
    return "".join(f"{line}\n" for line, before in after if line != ".PP" or before[:3] not in (".SH", ".SS"))


def _lines(date: datetime) -> Iterator[str]:
    intro, _, rest = HELP.partition("{commands}")
    synopsis, _, description = intro.partition("\n\n")
    options, _, after = rest.strip("\n").partition("\n\n")
    general, _, after = after.partition("\n\nexamples:\n")
    examples, _, statuses = after.partition("\n\nexit status:\n")
    yield f'.TH CSR\\-TUI 1 "{date:%Y-%m-%d}" "csr\\-tui {csr_tui.__version__}"'
    yield ".SH NAME"
    yield f"csr\\-tui \\- {_text((csr_tui.__doc__ or '').rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield from _as_is(synopsis.removeprefix("usage: ").replace("\n       ", "\n"))
    yield ".SH DESCRIPTION"
    yield from _paragraphs(description)
    yield from _paragraphs(general)
    yield ".SH OPTIONS"
    for line in options.splitlines():
        flags, _, about = line.strip().partition("  ")
        yield from _item(flags, about.strip())
    for heading, commands in GROUPS.items():
        yield f'.SH "COMMANDS: {_text(heading.upper())}"'
        for name, (module, _) in commands.items():
            yield from _command(parser_of(name, import_module(f"csr_tui.cli.{module}").COMMANDS[name]))
    yield ".SH EXAMPLES"
    yield from _as_is(examples)
    yield '.SH "EXIT STATUS"'
    yield from _as_is(statuses)


def _command(parser: Parser) -> Iterator[str]:
    yield f'.SS "{_text(parser.prog)}"'
    usage = parser.format_usage().removeprefix("usage: ")
    indent = " " * (len("usage: ") + len(parser.prog) + 1)
    yield from _as_is(usage.replace(f"\n{indent}", "\n    "))
    yield from _paragraphs(parser.description or "")
    for action in parser.actions:
        if action.help is not argparse.SUPPRESS:
            yield from _item(_invocation(action), (action.help or "") % vars(action))
    if parser.epilog:
        yield from _as_is(parser.epilog)


def _invocation(action: argparse.Action) -> str:
    """How an option or an argument is written, as `--help` has it."""
    choices = f"{{{','.join(map(str, action.choices))}}}" if action.choices is not None else ""
    value = choices if action.metavar is None else str(action.metavar)
    value = value or action.dest.upper()
    if not action.option_strings:
        return value
    return ", ".join(action.option_strings) + ("" if action.nargs == 0 else f" {value}")


def _item(name: str, about: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_text(name)}"
    yield from _filled(about)


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs, of which the indented ones keep their lines."""
    for paragraph in filter(None, text.split("\n\n")):
        if paragraph.startswith(" "):
            yield from _as_is(paragraph)
        else:
            yield ".PP"
            yield from _filled(paragraph)


def _filled(text: str) -> Iterator[str]:
    """Lines that roff fills by itself."""
    for line in wrap(_escaped(text), 78, break_long_words=False, break_on_hyphens=False):
        yield _guarded(line)


def _as_is(text: str) -> Iterator[str]:
    yield ".PP"
    yield ".nf"
    yield from (_text(line) or "\\&" for line in text.strip("\n").splitlines())
    yield ".fi"


def _text(text: str) -> str:
    """A line that roff reads as a text."""
    return _guarded(_escaped(text))


def _escaped(text: str) -> str:
    """Without escapes of roff's own, and with hyphens and quotes that can be copied."""
    return "".join(ESCAPES.get(char, char) for char in text)


def _guarded(line: str) -> str:
    """What begins like a request of roff is none."""
    return f"\\&{line}" if line.startswith(".") else line


if __name__ == "__main__":
    sys.stdout.write(manual(datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)))
