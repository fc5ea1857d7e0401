"""The program, with one of its guards taken away, or with a crash planted in it.

python program.py GUARD CRASH LOG WORDS... ; an empty word leaves everything as it is. LOG is a file to which a careless
person has every library write all that it has to say.
"""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from canaries.listening import TYPED

import csr_tui.__main__ as program
from csr_tui.cli import terminal
from csr_tui.core.keys import encryption
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.tencent import client

if TYPE_CHECKING:
    from collections.abc import Iterator

# Guards, each taken away


def _at_rest() -> Iterator[Any]:
    yield patch.object(KeyEncryption, "encrypt", lambda _, key: encryption.to_plain_pem(key))


def _logger() -> Iterator[Any]:
    from csr_tui.tencent import transport

    yield patch.object(transport, "_LOGGER", "somebody else's")


def _refusal() -> Iterator[Any]:
    yield patch.object(client, "without", lambda text, _: text)


def _repr() -> Iterator[Any]:
    yield patch.object(Secret, "__repr__", Secret.reveal)


def _prompt() -> Iterator[Any]:
    yield patch.object(terminal, "secret", terminal.line)


def _masks() -> Iterator[Any]:
    from csr_tui.ui.widgets.text_input import PasswordInput, TextInput

    yield patch.object(PasswordInput, "__init__", TextInput.__init__)


def _copying() -> Iterator[Any]:
    from textual.widgets import Input

    from csr_tui.ui.widgets.text_input import PasswordInput

    yield patch.object(PasswordInput, "action_copy", Input.action_copy)


def _recorders() -> Iterator[Any]:
    yield patch.object(program, "RECORDERS", ())


def _locals() -> Iterator[Any]:
    from textual.app import App

    from csr_tui.ui.app import CsrTui

    yield patch.object(CsrTui, "_fatal_error", App._fatal_error)


def _programs() -> Iterator[Any]:
    yield patch.object(program, "SECRETS", ())


def _cores() -> Iterator[Any]:
    yield patch.object(program, "no_core_dumps", lambda: None)


GUARDS = {
    "the key is encrypted at rest": _at_rest,
    "the SDK's logger is silent": _logger,
    "a refusal is told without what it quotes": _refusal,
    "a secret does not show itself": _repr,
    "a prompt does not echo": _prompt,
    "a password field masks": _masks,
    "a password field is not copied": _copying,
    "Textual's recorders are off": _recorders,
    "a crash shows no local variables": _locals,
    "other programs get no API key": _programs,
    "core dumps are off": _cores,
}

# Crashes, each with a password at hand


def _in_command() -> Iterator[Any]:
    def crash(*_: object, **named: object) -> None:
        raise RuntimeError(f"planted crash with {named}")

    yield patch.object(generate, "generate", crash)


def _boom(*_: object, **__: object) -> Any:
    password = TYPED
    raise RuntimeError(f"planted crash {len(password)}")


def _in_handler() -> Iterator[Any]:
    from csr_tui.ui.app import CsrTui

    yield patch.object(CsrTui, "action_help", _boom)


def _in_worker() -> Iterator[Any]:
    from csr_tui.ui import flows

    yield patch.object(flows, "flow_of", _boom)


def _in_rendering() -> Iterator[Any]:
    from csr_tui.ui.widgets.record_list import RecordList

    yield patch.object(RecordList, "render_lines", _boom)


CRASHES = {"command": _in_command, "handler": _in_handler, "worker": _in_worker, "rendering": _in_rendering}


def main(guard: str, crash: str, log: str, *words: str) -> int:
    if log:
        logging.basicConfig(level=logging.DEBUG, filename=log)
    with ExitStack() as stack:
        for patches in (GUARDS.get(guard), CRASHES.get(crash)):
            for one in patches() if patches else ():
                stack.enter_context(one)
        sys.argv[1:] = words
        return program.main()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
