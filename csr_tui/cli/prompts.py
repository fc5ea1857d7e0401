"""Reading key passwords: from standard input by the line, or from a person who types them unseen."""

from __future__ import annotations

import codecs
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from csr_tui.cli.command import Parser
from csr_tui.cli.context import Context, Prompter
from csr_tui.core.custody import PROTECTIONS
from csr_tui.core.secret import Secret
from csr_tui.core.text import decoded
from csr_tui.errors import PasswordError, VaultError

LONGEST_LINE = 1 << 16
"""Bytes; longer than any password a key can have, which is what the rules then say."""


def add_choice(parser: Parser, *, none: bool = True) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--random-password",
        dest="choice",
        action="store_const",
        const="random",
        help="generate a random password and store it in the keyring (the default)",
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
            help="no password on exports; the stored key is still encrypted through the keyring",
        )
    add_weak(parser)


def add_weak(parser: Parser) -> None:
    parser.add_argument("--weak-password", action="store_true", help="accept a weak password")


def add_current(parser: Parser, help_text: str) -> None:
    parser.add_argument("--password-stdin", action="store_true", help=help_text)


def add_protection(parser: Parser, *, required: bool = False) -> None:
    parser.add_argument(
        "--protect",
        dest="protection",
        choices=PROTECTIONS,
        required=required,
        help="who holds the key password: the keyring (the default), you (prompt), "
        "or nobody (unprotected: the stored key is not encrypted)",
    )


@contextmanager
def suggest_without_keyring(command: str) -> Iterator[None]:
    """Where the keyring fails a new key, name the two ways that need none; `command` is the one to give again."""
    try:
        yield
    except VaultError as error:
        raise VaultError(
            f"{error} "
            "Start or unlock the keyring. Or hold the password yourself and type it each time: "
            f"csr-tui {command} --protect prompt. Or store the key unencrypted, protected by its file mode alone: "
            f"csr-tui {command} --no-password --protect unprotected."
        ) from error


def from_stdin(stdin: BinaryIO, *, otherwise: Secret | None = None, what: str = "password") -> Secret:
    """The next line, without its line end; `otherwise` where there is none."""
    try:
        line = next_line(stdin)
    except UnicodeDecodeError:
        raise PasswordError(f"The {what} on standard input is not Unicode text. Encode it as UTF-8.") from None
    if line is None and otherwise is not None:
        return otherwise
    if line is None:
        raise PasswordError(f"Standard input has no line with the {what}.")
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


def new_password(arguments: Namespace, context: Context) -> Secret | None:
    """The password of new keys, where the flags want one that is typed; None where nobody can be asked."""
    if arguments.choice == "typed":
        return from_stdin(context.stdin)
    if arguments.protection == "prompt" and context.person is not None:
        return ask_new(context.person)
    return None


def ask(person: Prompter, prompt: str) -> Secret:
    """A password typed once."""
    try:
        typed = person.secret(f"{prompt}: ")
        typed.encode()
    except EOFError:
        raise PasswordError("No password was entered.") from None
    except UnicodeError:
        raise PasswordError("The password is not UTF-8 text. Set the terminal to UTF-8.") from None
    return Secret(typed)


def ask_account(person: Prompter | None, ca: str) -> Secret | None:
    """The password of an account's key at a CA; None where nobody can be asked."""
    return None if person is None else ask(person, f"Password of the account's key at {ca}")


def confirmed(person: Prompter, question: str) -> bool:
    """Ask a question that only y or yes confirms."""
    return person.line(f"{question} [y/N] ").strip().casefold() in ("y", "yes")


def ask_new(person: Prompter, prompt: str = "New key password") -> Secret:
    """A new password, typed twice."""
    first = ask(person, prompt)
    if first != ask(person, "Repeat the password"):
        raise PasswordError("The passwords do not match. Nothing was changed.")
    return first
