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
        metavar="SITE",
        default=None,
        help="international (the default), mainland, or the URL of an endpoint; an API key belongs to one site",
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
    text = f"The API key for {endpoint.label} is kept in the keyring. csr-tui logout takes it out.\n"
    return Reply(lambda: {"endpoint": endpoint.url}, text)


def _line(context: Context) -> Secret:
    try:
        line = prompts.next_line(context.stdin) or ""
    except UnicodeDecodeError:
        line = ""
    if not line.strip():
        raise UsageError("Give the SecretId and the SecretKey on standard input, one per line.")
    return Secret(line)


def _logout_arguments(parser: Parser) -> None:
    del parser


def _logout(arguments: Namespace, context: Context) -> Reply:
    del arguments
    there = account.logout(context.vault)
    text = "The API key is gone from the keyring.\n" if there else "There was no API key in the keyring.\n"
    return Reply(lambda: {"removed": there}, text)


COMMANDS = {
    "login": Command(
        _login_arguments,
        _login,
        "Keep the API key of a Tencent Cloud account in the keyring. At a terminal it is\n"
        "asked for; otherwise standard input has the SecretId and the SecretKey, a line\n"
        "each. Without a keyring, use the environment: TENCENTCLOUD_SECRET_ID and\n"
        'TENCENTCLOUD_SECRET_KEY, which always go first. With --json: {"endpoint"}.',
        "examples:\n  csr-tui login\n  csr-tui login --site mainland",
    ),
    "logout": Command(
        _logout_arguments,
        _logout,
        'Take the API key out of the keyring. With --json: {"removed": true or false}.',
        "example:\n  csr-tui logout",
    ),
}
