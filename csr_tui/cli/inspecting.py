"""The command that reports the contents of files: inspect."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.cli import prompts
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context
from csr_tui.cli.exits import BAD_FINDINGS, STATUS
from csr_tui.core import inspect
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect import Item
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import PasswordError, UsageError
from csr_tui.files import read_file

if TYPE_CHECKING:
    from csr_tui.cli.document import Json

MATCH, MISMATCH, LOCKED, UNKNOWN = "match", "mismatch", "locked", "unknown"
"""The results of comparing two files."""


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=path_text,
        help="a CSR, key or certificate, or a bundle of them: PEM, DER, PKCS#7, PKCS#12 or a zip",
    )
    prompts.add_current(
        parser,
        "read the password of encrypted files from standard input: one line, or one for each file if they differ",
    )


def _inspect(arguments: Namespace, context: Context) -> Reply:
    if len(arguments.files) > 2:
        raise UsageError("inspect takes one file, or two to compare. See csr-tui inspect --help.")
    opener = _Opener(arguments, context)
    files = [(path, _read(path, opener)) for path in arguments.files]
    result, sentence = _compared(files) if len(files) == 2 else (None, "")
    bad = result in {MISMATCH, UNKNOWN} or any(item.problems for _, items in files for item in items)
    text = "".join(f"{line}\n" for path, items in files for line in _lines(path, items))
    return Reply(
        lambda: {
            "files": [_file(path, items) for path, items in files],
            "match": {MATCH: True, MISMATCH: False}.get(result or ""),
            **({"result": result} if result else {}),
        },
        text + sentence,
        STATUS["password"] if result == LOCKED else BAD_FINDINGS if bad else 0,
    )


class _Opener:
    """Gets passwords for what is encrypted: from standard input, or from the person at the terminal."""

    def __init__(self, arguments: Namespace, context: Context) -> None:
        self._from_stdin = arguments.password_stdin
        self._neighbours = context
        self._last: Secret | None = None

    def password(self, path: str) -> Secret | None:
        """The next line of standard input, or the last one again where there is no more; None: leave it closed."""
        if self._from_stdin:
            self._last = prompts.from_stdin(self._neighbours.stdin, otherwise=self._last)
            return self._last
        if self._neighbours.person is None:
            return None
        typed = prompts.ask(self._neighbours.person, f"Password of {escaped(path)} (Enter: skip)")
        return typed if typed.reveal() else None


def _read(path: str, opener: _Opener) -> tuple[Item, ...]:
    """The contents of a file; an error names the file."""
    now = datetime.now(UTC)
    try:
        data = read_file(Path(path))
        items = inspect.read(data, now=now)
        if any(item.locked for item in items) and (password := opener.password(path)) is not None:
            items = inspect.read(data, password, now=now)
    except (InvalidError, PasswordError) as error:
        raise error.reworded(f"{escaped(path)}: {error}") from None
    return items


def _compared(files: Sequence[tuple[str, tuple[Item, ...]]]) -> tuple[str, str]:
    """Whether two files have a public key in common, and the sentence on that."""
    (one, mine), (other, theirs) = files
    if (pair := inspect.match(mine, theirs)) is not None:
        pair_of = f"the {pair[0].kind} in {escaped(one)} and the {pair[1].kind} in {escaped(other)}"
        return MATCH, f"Match: {pair_of} have the same public key.\n"
    locked = [path for path, items in files if any(item.locked for item in items)]
    if locked:
        names, verb = " and ".join(map(escaped, locked)), "are" if len(locked) > 1 else "is"
        return LOCKED, f"Could not compare: {names} {verb} encrypted. Give the password with --password-stdin.\n"
    shown = [path for path, items in files if not inspect.principals(items)]
    if shown:
        return UNKNOWN, f"Could not compare: {escaped(shown[0])} has no public key.\n"
    sentence = "No match: the public keys differ.\n"
    for (path, items), (chain, issuers) in ((files[0], files[1]), (files[1], files[0])):
        if inspect.issued(issuers, items):
            sentence += f"{escaped(chain)} contains the issuer of the certificate in {escaped(path)}.\n"
    return MISMATCH, sentence


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
    yield escaped(path)
    for item in items:
        yield f"  {item.kind}"
        facts = (*item.lines, *((("fingerprint", item.fingerprint),) if item.fingerprint else ()))
        yield from (f"    {label:<12}  {escaped(value)}" for label, value in facts)
        yield from (f"    {'PROBLEM':<12}  {escaped(problem)}" for problem in item.problems)


COMMANDS = {
    "inspect": Command(
        _arguments,
        _inspect,
        "Report the contents of a CSR, key or certificate, or of all of them in a bundle,\n"
        "PKCS#7 or PKCS#12. Two files are compared: they match if they share a public key.\n"
        "Exit status 4 if they do not, or if a file has a problem: an invalid signature, a\n"
        "weak key, an expired certificate, a key that does not match the certificate beside\n"
        "it, a chain out of order. Exit status 5 if two files cannot be compared because\n"
        "one is encrypted and you gave no password.\n"
        'With --json: {"files": [{"path", "items": [{"kind", "fingerprint", "fields",\n'
        '"problems"}]}], "match", "result"?}. kind is request, certificate, private key,\n'
        "public key, PKCS#7, PKCS#12, or the label of a block that was skipped (file: one in\n"
        "a zip); fingerprint is the SHA-256 of the public key, or null; fields are texts\n"
        "under short names; problems are sentences. match is true, false, or null if\n"
        "unknown; result, for two files, is match, mismatch, locked or unknown.",
        "examples:\n"
        "  csr-tui inspect www.example.com.csr\n"
        "  csr-tui inspect www.example.com.key www.example.com.crt\n"
        "  pass show store | csr-tui inspect keystore.p12 --password-stdin",
    )
}
