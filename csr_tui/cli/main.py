"""The command line: which command runs, and the one place where errors become exit statuses."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from csr_tui.cli import exit as exits
from csr_tui.cli import neighbours as around
from csr_tui.cli import output
from csr_tui.cli.command import Command, Reply, parser_of
from csr_tui.errors import CsrTuiError, FileError, InvalidError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from csr_tui.cli.neighbours import Neighbours

GROUPS = {
    "requests": {
        "new": ("drafts", "start a draft and print its id"),
        "edit": ("drafts", "change a draft; remark and tags of any record"),
        "copy": ("drafts", "make a new draft that asks for the same"),
        "renew": ("drafts", "make a new draft of a generated request, with a new key or the same"),
        "profiles": ("profiles", "named values that new requests begin with"),
        "list": ("listing", "the records, newest first"),
        "apply": ("applying", "make many at once, of the rows of a table"),
        "show": ("listing", "one record; its CSR, an openssl configuration, or TOML"),
    },
    "keys": {
        "generate": ("finalise", "make the key and the CSR of a draft"),
        "password": ("finalise", "show, change or forget a key password"),
        "protect": ("finalise", "change who holds a key password"),
        "attach": ("attaching", "take the certificate that a CA sent"),
        "export": ("exporting", "write the files that a server loads into a folder"),
    },
    "Tencent Cloud": {
        "submit": ("cloud", "have Tencent Cloud make the key and the CSR of drafts"),
        "reconcile": ("cloud", "find out what came of submissions whose answer was lost"),
        "detach": ("cloud", "untie a draft from its counterpart there"),
        "login": ("account", "keep the account's API key in the keyring"),
        "logout": ("account", "take it out again"),
        "sandbox": ("sandbox", "the same API on this machine, to try it all"),
    },
    "trash": {
        "delete": ("trash", "move a record to the trash"),
        "restore": ("trash", "bring a record back from the trash"),
        "purge": ("trash", "remove a record and its key for good"),
    },
    "checks and backups": {
        "inspect": ("inspecting", "what a CSR, key, certificate or bundle says; do two files belong together"),
        "backup": ("backups", "all records in one file, with their passwords if you wish"),
        "restore-backup": ("backups", "put such a file in the place of the records here"),
        "doctor": ("doctor", "versions, folders, keyring, leftovers"),
        "completion": ("completion", "a script with which bash, zsh or fish completes all this"),
    },
}
"""Heading -> command -> the module of this folder that knows it, and what it does."""

COMMANDS = {name: module for group in GROUPS.values() for name, (module, _) in group.items()}

HELP = """\
usage: csr-tui
       csr-tui COMMAND [ARGUMENT ...]
       csr-tui COMMAND --help

A guided desk for certificate signing requests. Without a command the desk opens
in the terminal; the commands do the same without a screen.

{commands}

  --help, -h  this text
  --version   the version

Every command takes --json: one document on standard output, never a question.

examples:
  csr-tui new --domain www.example.com --organization "Example Ltd" --country CN
  csr-tui generate ID
  csr-tui export ID --to ./certificates

exit status:
  0  done                             5  keyring or password
  1  unexpected                       6  Tencent Cloud refused
  2  usage, or no terminal            7  the outcome at Tencent Cloud is unknown
  3  the input has errors             8  a file is in the way or cannot be written
  4  not possible, not found, or      129, 130, 143  interrupted
     bad findings of a check
"""

NO_SCREEN = (
    "The desk cannot be opened here, because there is no terminal for it. Use a command instead, such as "
    "csr-tui new --domain www.example.com; csr-tui --help lists them all."
)


def main(argv: Sequence[str], neighbours: Neighbours | None = None) -> int:
    """Run one command; the exit status."""
    output.prepare()
    as_json = "--json" in argv
    try:
        with _interruptible():
            reply = _run(argv, neighbours or around.here(), as_json=as_json)
            if reply.document is not None:
                output.write(output.dump(reply.document()) if as_json else reply.text)
            return reply.status
    except CsrTuiError as error:
        return _failed(error, as_json=as_json)
    except KeyboardInterrupt:
        output.say("\nInterrupted.")
        return 128 + signal.SIGINT
    except exits.Interrupted as interrupted:
        return interrupted.status
    except SystemExit:  # argparse leaves this way once it has shown the help
        return 0
    except Exception as error:  # noqa: BLE001  # the contract gives an exit status to what nobody foresaw
        return _failed(_unexpected(error, as_json=as_json), as_json=as_json)


def _run(argv: Sequence[str], neighbours: Neighbours, *, as_json: bool) -> Reply:
    words = list(argv)
    if words[:1] == ["--json"]:
        words = [*words[1:], "--json"]
    if words in ([], ["--json"]):
        return _desk(neighbours, as_json=as_json)
    name, *rest = words
    match name:
        case "--help" | "-h":
            return Reply(lambda: {"usage": _help()}, _help())
        case "--version":
            from csr_tui import __version__

            return Reply(lambda: {"version": __version__}, f"csr-tui {__version__}\n")
    if name not in COMMANDS:
        what = "option" if name.startswith("-") else "command"
        raise UsageError(f"There is no {what} {name[:40]!r}. csr-tui --help lists the commands.")
    command: Command = import_module(f"csr_tui.cli.{COMMANDS[name]}").COMMANDS[name]
    arguments = parser_of(name, command).parse_args(rest)
    return command.run(arguments, replace(neighbours, person=None) if as_json else neighbours)


def _desk(neighbours: Neighbours, *, as_json: bool) -> Reply:
    if as_json or not neighbours.screen:
        raise UsageError(NO_SCREEN)

    from csr_tui.ui.app import run

    status = run(neighbours.paths)
    return Reply(lambda: None, status=status)


def _help() -> str:
    lines = []
    for heading, commands in GROUPS.items():
        lines.append(f"{heading}:")
        lines += [f"  {name:<15} {summary}" for name, (_, summary) in commands.items()]
    return HELP.format(commands="\n".join(lines))


def _failed(error: CsrTuiError, *, as_json: bool) -> int:
    """Say what went wrong, to a person always and to a program when it asked."""
    output.say(str(error))
    if as_json:
        with suppress(FileError):
            output.write(output.dump(exits.document_of(error)))
    elif isinstance(error, InvalidError):
        output.say_findings(error.findings[1:])
    return exits.STATUS[error.kind]


def _unexpected(error: Exception, *, as_json: bool) -> CsrTuiError:
    if not as_json:
        import traceback

        output.say("".join(traceback.format_exception(error)).rstrip())
    return CsrTuiError(
        f"Something unexpected happened ({type(error).__name__}). This is a fault of csr-tui; please report it."
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP pass through as an exception, so that what is under way is undone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for signum in wanted:
        signal.signal(signum, _interrupt)
    try:
        yield
    finally:
        for signum in wanted:
            signal.signal(signum, signal.SIG_DFL)


def _interrupt(signum: int, _: FrameType | None) -> None:
    raise exits.Interrupted(signum)
