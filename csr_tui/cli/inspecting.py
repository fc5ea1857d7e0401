"""The command that says what files hold: inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.cli import passwords
from csr_tui.cli.command import Command, Reply, path_text
from csr_tui.cli.exit import BAD_FINDINGS
from csr_tui.cli.files import read_file
from csr_tui.core import inspect
from csr_tui.core.text import visible
from csr_tui.errors import InvalidError, PasswordError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from csr_tui.cli.command import Parser
    from csr_tui.cli.document import Json
    from csr_tui.cli.neighbours import Neighbours
    from csr_tui.core.inspect import Item
    from csr_tui.core.secret import Secret

TOGETHER = {
    True: "They belong together: both have the same public key.",
    False: "They do not belong together: their public keys differ.",
    None: "Nobody can tell whether they belong together: one of them shows no public key. "
    "An encrypted key shows it with its password: --password-stdin.",
}


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=path_text, help="a CSR, key, certificate or bundle, in PEM or DER"
    )
    passwords.add_current(parser, "read the password of an encrypted key from one line of standard input")


def _inspect(arguments: Namespace, neighbours: Neighbours) -> Reply:
    if len(arguments.files) > 2:
        raise UsageError("Two files at most can be compared. See csr-tui inspect --help.")
    password = passwords.from_stdin(neighbours.stdin) if arguments.password_stdin else None
    files = [(path, _read(path, password)) for path in arguments.files]
    match = _together(*(items for _, items in files)) if len(files) == 2 else None
    bad = (len(files) == 2 and not match) or any(item.problems for _, items in files for item in items)
    text = "".join(f"{line}\n" for path, items in files for line in _lines(path, items))
    return Reply(
        lambda: {"files": [_file(path, items) for path, items in files], "match": match},
        text + (f"{TOGETHER[match]}\n" if len(files) == 2 else ""),
        BAD_FINDINGS if bad else 0,
    )


def _read(path: str, password: Secret | None) -> tuple[Item, ...]:
    """What a file holds; what is wrong with it is said with its name."""
    try:
        return inspect.read(read_file(Path(path)), password)
    except (InvalidError, PasswordError) as error:
        raise type(error)(f"{visible(path)}: {error}") from error


def _together(one: tuple[Item, ...], other: tuple[Item, ...]) -> bool | None:
    """Whether two files have the same key; None where one of them shows none."""
    if not all(any(item.fingerprint for item in items) for items in (one, other)):
        return None
    return inspect.belong_together(one, other)


def _file(path: str, items: tuple[Item, ...]) -> Json:
    return {
        "path": path,
        "items": [
            {
                "kind": item.kind,
                "fingerprint": item.fingerprint,
                "fields": {
                    label: ", ".join(value for other, value in item.lines if other == label) for label, _ in item.lines
                },
                "problems": item.problems,
            }
            for item in items
        ],
    }


def _lines(path: str, items: tuple[Item, ...]) -> Iterator[str]:
    yield visible(path)
    for item in items:
        yield f"  {item.kind}"
        said = (*item.lines, *((("fingerprint", item.fingerprint),) if item.fingerprint else ()))
        yield from (f"    {label:<12}  {visible(value)}" for label, value in said)
        yield from (f"    {'PROBLEM':<12}  {visible(problem)}" for problem in item.problems)


COMMANDS = {
    "inspect": Command(
        _arguments,
        _inspect,
        "What a CSR, key, certificate or bundle says; of two files, whether they belong\n"
        "together. Exit status 4 when they do not, or when something in them is bad.\n"
        'With --json: {"files": [{"path", "items": [{"kind", "fingerprint", "fields",\n'
        '"problems"}]}], "match"}; match is true, false, or null where there is nothing\n'
        "to compare.",
        "examples:\n  csr-tui inspect www.example.com.csr\n  csr-tui inspect www.example.com.key www.example.com.crt",
    )
}
