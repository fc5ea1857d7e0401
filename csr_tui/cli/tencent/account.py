"""The commands about the Tencent Cloud account: login, logout."""

from __future__ import annotations

from argparse import Namespace

from csr_tui.cli import prompts
from csr_tui.cli.command import Command, Parser, Reply
from csr_tui.cli.context import Context
from csr_tui.core.secret import Secret, variable
from csr_tui.errors import UsageError
from csr_tui.lifecycle.tencent import account
from csr_tui.tencent.endpoint import endpoint_of


def _login_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--site",
        metavar="international|mainland|URL",
        default=None,
        help="the site that the API key belongs to (default: international), or the URL of an endpoint",
    )


def _login(arguments: Namespace, context: Context) -> Reply:
    wanted = arguments.site or variable(context.environ, "CSR_TUI_ENDPOINT") or account.DEFAULT
    endpoint = endpoint_of(wanted)
    account.need_keyring(context.vault)
    person = context.person
    if person is None:
        secret_id, secret_key = _line(context), _line(context)
    else:
        secret_id = Secret(person.line("SecretId: "))
        secret_key = prompts.ask(person, "SecretKey (not shown)")
    account.login(context.vault, account.credentials_of(secret_id.reveal(), secret_key), endpoint)
    text = f"Stored the API key for {endpoint.label} in the keyring. csr-tui logout removes it.\n"
    return Reply(lambda: {"endpoint": endpoint.url}, text)


def _line(context: Context) -> Secret:
    try:
        line = prompts.next_line(context.stdin) or ""
    except UnicodeDecodeError:
        line = ""
    if not line.strip():
        raise UsageError("Give the SecretId and the SecretKey on standard input, one per line.")
    return Secret(line)


def _logout(arguments: Namespace, context: Context) -> Reply:
    del arguments
    there = account.logout(context.vault)
    text = "Removed the API key from the keyring.\n" if there else "The keyring has no API key.\n"
    return Reply(lambda: {"removed": there}, text)


COMMANDS = {
    "login": Command(
        _login_arguments,
        _login,
        "Store the API key of a Tencent Cloud account in the keyring. At a terminal you\n"
        "are asked for it; otherwise it reads the SecretId and the SecretKey from standard\n"
        "input, one per line. Without a keyring, set TENCENTCLOUD_SECRET_ID and\n"
        'TENCENTCLOUD_SECRET_KEY, which always take precedence. With --json: {"endpoint"}.',
        "examples:\n  csr-tui login\n  csr-tui login --site mainland",
    ),
    "logout": Command(
        lambda _: None,
        _logout,
        'Remove the API key from the keyring. With --json: {"removed": true or false}.',
        "example:\n  csr-tui logout",
    ),
}
