"""Reading key passwords: from standard input by the line, or from a person who types them unseen."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from csr_tui.cli.context import Prompter
from csr_tui.core.custody import PROTECTIONS
from csr_tui.core.secret import Secret
from csr_tui.core.text import decoded
from csr_tui.errors import PasswordError, VaultError

if TYPE_CHECKING:
    from csr_tui.cli.command import Parser

LONGEST_LINE = 1 << 16
"""Bytes; longer than any password a key can have, which is what the rules then say."""


def add_choice(parser: Parser, *, none: bool = True) -> None:
    """The flags that say which key password is wanted."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--random-password",
        dest="choice",
        action="store_const",
        const="random",
        help="make a random password and keep it in the keyring (the default)",
    )
    group.add_argument(
        "--password-stdin",
        dest="choice",
        action="store_const",
        const="typed",
        help="read the key password from one line of standard input",
    )
    if none:
        group.add_argument(
            "--no-password",
            dest="choice",
            action="store_const",
            const="none",
            help="no password of its own: exports are clear; at rest it is still encrypted by way of the keyring",
        )
    add_weak(parser)


def add_weak(parser: Parser) -> None:
    """The flag that takes a password although it is weak."""
    parser.add_argument("--weak-password", action="store_true", help="take a typed password even if it is weak")


def add_current(parser: Parser, help_text: str) -> None:
    """The flag that gives a password which is there already."""
    parser.add_argument("--password-stdin", action="store_true", help=help_text)


def add_protection(parser: Parser, *, required: bool = False) -> None:
    """The flag that says who holds the key password."""
    parser.add_argument(
        "--protect",
        dest="protection",
        metavar="P",
        choices=PROTECTIONS,
        required=required,
        help="who holds the key password: keyring (the default), prompt (you), "
        "or unprotected (nobody: the key is kept in clear)",
    )


@contextmanager
def led(command: str) -> Iterator[None]:
    """Where the keyring fails a new key, name the two ways that need none; `command` is the one to give again."""
    try:
        yield
    except VaultError as error:
        raise VaultError(
            f"{error} "
            "Start or unlock the keyring. Or hold the password yourself and type it each time: "
            f"csr-tui {command} --protect prompt. Or, if you accept a key in clear that nothing but its file mode "
            f"protects: csr-tui {command} --no-password --protect unprotected.",
        ) from error


def from_stdin(stdin: BinaryIO, *, otherwise: Secret | None = None) -> Secret:
    """The next line, without its line end; `otherwise` where there is none."""
    try:
        line = next_line(stdin)
    except UnicodeDecodeError:
        raise PasswordError("The password on standard input is not Unicode text. Save it as UTF-8.") from None
    if line is None and otherwise is not None:
        return otherwise
    if line is None:
        raise PasswordError("Standard input ended before the password. Give it as one line.")
    return Secret(line)


def next_line(stdin: BinaryIO) -> str | None:
    """A line of UTF-8 or, as PowerShell writes it, of UTF-16, without mark and line end; None at the end."""
    line = stdin.readline(LONGEST_LINE)
    little = line.startswith(codecs.BOM_UTF16_LE) or (len(line) > 1 and not any(line[1::2]))
    if not little and not line.startswith(codecs.BOM_UTF16_BE) and (not line or any(line[::2])):
        return line.decode("utf-8-sig").removesuffix("\n").removesuffix("\r") if line else None
    while little and line.endswith(b"\n") and (more := stdin.read(1)):
        line += more if more == b"\0" else more + stdin.readline(LONGEST_LINE)  # else it was half of a letter
    return decoded(line).removesuffix("\n").removesuffix("\r")


def ask(person: Prompter, prompt: str) -> Secret:
    """A password typed once."""
    try:
        typed = person.secret(f"{prompt}: ")
        typed.encode()
    except EOFError:
        raise PasswordError("No password was typed.") from None
    except UnicodeError:
        raise PasswordError("What was typed is not UTF-8 text. Is the terminal set to UTF-8?") from None
    return Secret(typed)


def ask_new(person: Prompter, prompt: str = "New key password") -> Secret:
    """A new password, typed twice."""
    first = ask(person, prompt)
    if first != ask(person, "The same once more"):
        raise PasswordError("The two passwords differ. Nothing was changed.")
    return first
