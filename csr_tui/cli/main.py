"""The command line: which command runs, and the one place where errors become exit statuses."""

from __future__ import annotations

import codecs
import gc
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from csr_tui import access
from csr_tui.cli import advice, exits, output
from csr_tui.cli.commands import COMMANDS, text
from csr_tui.cli.context import NO_SECRETS, Context, from_process
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, FileError, UsageError

if TYPE_CHECKING:
    from csr_tui.cli.command import Reply

NO_SCREEN = (
    "The desk needs a terminal, and there is none here. Use a command instead, such as "
    "csr-tui new --domain www.example.com; csr-tui --help lists them all."
)


def main(argv: Sequence[str], context: Context | None = None, *, secrets: Mapping[str, Secret] = NO_SECRETS) -> int:
    """Run one command; the exit status. `secrets` are variables that were taken out of the environment."""
    output.prepare()
    as_json = "--json" in argv
    try:
        with _interruptible():
            found = context or from_process(secrets)
            if list(argv) in ([], ["--json"]):
                return _desk(found, as_json=as_json)
            reply = _run(argv, found, as_json=as_json)
            if reply.document is not None:
                text = reply.text if reply.exact else output.harmless(reply.text)
                output.write(*(output.dump(reply.document()) if as_json else [text]))
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
    except OSError as error:  # of a place where nobody foresaw that the system would refuse
        return _failed(_refused(error), as_json=as_json)
    except Exception as error:  # noqa: BLE001  # the contract gives an exit status to what nobody foresaw
        return _failed(_unexpected(error, as_json=as_json), as_json=as_json)


def _run(argv: Sequence[str], context: Context, *, as_json: bool) -> Reply:
    from csr_tui.cli.command import Reply, run

    words = list(argv)
    if words[:1] == ["--json"]:
        words = [*words[1:], "--json"]
    name, *rest = words
    match name:
        case "--help" | "-h":
            return Reply(lambda: {"usage": text()}, text())
        case "--version":
            from csr_tui import __version__

            return Reply(lambda: {"version": __version__}, f"csr-tui {__version__}\n")
    if name not in COMMANDS:
        what = "option" if name.startswith("-") else "command"
        raise UsageError(f"There is no {what} {name[:40]!r}. csr-tui --help lists the commands.")
    return run(name, rest, replace(context, person=None) if as_json else context)


def _desk(context: Context, *, as_json: bool) -> int:
    if as_json or not context.screen:
        raise UsageError(NO_SCREEN)
    if context.person is not None and context.plain:
        from csr_tui.cli.ask import menu

        return menu.run(context, context.person)
    if reason := _unfit(sys.stdout, sys.stderr):
        raise UsageError(reason)

    gc.disable()  # 12 of the 230 ms until the desk is painted; the desk enables it then
    from csr_tui.ui.start import run

    return run(context.paths, context.environ)


def _unfit(*streams: TextIO | None) -> str:
    """Why the desk would be torn on this terminal; an empty text where it would not."""
    for stream in streams:
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if codecs.lookup(encoding).name != "utf-8":
            return (
                f"The desk needs UTF-8, and this terminal uses {encoding.upper()}. Set the terminal and "
                "LC_ALL to UTF-8, as in LC_ALL=C.UTF-8, and start csr-tui again without PYTHONIOENCODING."
            )
    return ""


def _failed(error: CsrTuiError, *, as_json: bool) -> int:
    """Report the error: in a sentence always, as JSON on request."""
    output.say(advice.sentence(error))
    if as_json:
        with suppress(FileError):
            output.write(*output.dump(exits.document_of(error)))
    elif isinstance(error, InvalidError):
        output.say_findings(error.findings[1:])
    return exits.STATUS[error.kind]


def _refused(error: OSError) -> FileError:
    if isinstance(error.filename, str) and error.filename:
        return FileError(access.why(Path(error.filename), error))
    return FileError(f"The system reported an error: {error.strerror or error}.")


def _unexpected(error: Exception, *, as_json: bool) -> CsrTuiError:
    if not as_json:
        import traceback

        output.say("".join(traceback.format_exception(error)).rstrip())
    return CsrTuiError(f"Unexpected error ({type(error).__name__}). This is a bug in csr-tui: report it.")


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
