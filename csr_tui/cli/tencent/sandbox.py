"""The command that is Tencent Cloud on loopback: sandbox."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from argparse import Namespace

from csr_tui.cli import exits, output
from csr_tui.cli.command import Command, Parser, Reply, whole_number
from csr_tui.cli.context import Context
from csr_tui.core.secret import Environ, Secret, variable
from csr_tui.errors import UsageError
from csr_tui.lifecycle.tencent.account import credentials_of
from csr_tui.tencent.sandbox import Sandbox

VARIABLES = ("CSR_TUI_SANDBOX_SECRET_ID", "CSR_TUI_SANDBOX_SECRET_KEY")
DEFAULT_PORT = 0
RUNNING = (
    "The sandbox is running: Tencent Cloud's CSR API on this machine, without an account. Paste the line above into "
    "another terminal and submit there; Ctrl+C ends the sandbox."
)


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number,
        default=DEFAULT_PORT,
        help="the port to listen on (default: any free port)",
    )
    parser.add_argument(
        "--quirks",
        action="store_true",
        help="reply as in the vendor's documented sample: no OU, email or SAN, SHA-1, CRLF, no private key",
    )


def _sandbox(arguments: Namespace, context: Context) -> Reply:
    """Serve until the process is told to stop; its one answer is printed at the start."""
    secret_id, secret_key = _given(context.environ)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a script starts it with "&"
    with Sandbox(port=arguments.port, secret_id=secret_id, secret_key=secret_key, quirks=arguments.quirks) as sandbox:
        environment = {"endpoint": sandbox.endpoint, "secret_id": sandbox.secret_id, "secret_key": sandbox.secret_key}
        line = json.dumps(environment) if arguments.json else _exports(environment)
        output.write(f"{line}\n")
        if not arguments.json:
            output.say(RUNNING)
        with contextlib.suppress(KeyboardInterrupt, exits.Interrupted):
            threading.Event().wait()
    return Reply(None)


def _given(environ: Environ) -> tuple[str | None, str | None]:
    secret_id, secret_key = (variable(environ, name) or None for name in VARIABLES)
    if (secret_id is None) != (secret_key is None):
        raise UsageError(f"Set both {VARIABLES[0]} and {VARIABLES[1]}, or neither.")
    if secret_id is not None and secret_key is not None:
        credentials_of(secret_id, Secret(secret_key))
    return secret_id, secret_key


def _exports(environment: dict[str, str]) -> str:
    """One line to paste into another terminal."""
    return (
        f"export CSR_TUI_ENDPOINT={environment['endpoint']} TENCENTCLOUD_SECRET_ID={environment['secret_id']} "
        f"TENCENTCLOUD_SECRET_KEY={environment['secret_key']}"
    )


COMMANDS = {
    "sandbox": Command(
        _arguments,
        _sandbox,
        "Run Tencent Cloud's five CSR actions on 127.0.0.1, to rehearse submitting without\n"
        "an account: nothing leaves this machine, and all data is gone when you end it with\n"
        "Ctrl+C. It prints a line to paste into another terminal. The API key is new each\n"
        f"time, unless you set {VARIABLES[0]} and\n{VARIABLES[1]}.\n"
        'With --json that line is {"endpoint", "secret_id", "secret_key"}.',
        "examples:\n  csr-tui sandbox\n  csr-tui sandbox --port 4800 --quirks",
    )
}
