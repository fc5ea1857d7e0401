"""The command about certificate authorities: ca."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.cli import document, output, prompts
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context
from csr_tui.cli.keys import recover
from csr_tui.core.ca import ACCOUNT_CUSTODIES, CA
from csr_tui.errors import Hint, PasswordError, StateError, UsageError
from csr_tui.files import read_file
from csr_tui.lifecycle.obtain import accounts, cas

if TYPE_CHECKING:
    from csr_tui.acme.client import ExternalAccount
    from csr_tui.cli.document import Json
    from csr_tui.core.secret import Secret
    from csr_tui.lifecycle.obtain.accounts import Registration
    from csr_tui.storage import RecordStore

OF_ACCOUNTS = ("email", "ca_file", "eab_kid", "eab_key_stdin", "agree", "protect", "password_stdin", "weak_password")
"""What only a directory takes."""

STAGING = (
    "Let's Encrypt limits its certificates to 5 a week for the same names. Rehearse with its staging directory first: "
    "csr-tui ca add NAME --directory letsencrypt-staging."
)


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=("list", "add", "remove"), default="list", help="what to do (default: list)"
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a short name of your choice for the CA")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--directory",
        metavar="URL",
        help="add an ACME CA: letsencrypt-staging (to rehearse), letsencrypt, or the URL of a directory",
    )
    kind.add_argument(
        "--command",
        metavar="LINE",
        help="add a program that signs: {csr} becomes the path of the CSR, {out} that of the certificate (default: "
        "standard output)",
    )
    parser.add_argument("--email", metavar="E", help="where the CA can reach you about your certificates")
    parser.add_argument("--ca-file", metavar="F", type=path_text, help="the root certificates of a private CA (PEM)")
    parser.add_argument("--eab-kid", metavar="K", help="the key id (EAB) that the CA gave you")
    parser.add_argument(
        "--eab-key-stdin",
        action="store_true",
        help="read the key that belongs to it (EAB) from one line of standard input",
    )
    parser.add_argument("--agree", action="store_true", help="agree to the CA's terms of service")
    parser.add_argument(
        "--protect",
        choices=tuple(ACCOUNT_CUSTODIES),
        help="who holds the password of the account's key: the keyring (the default), you (prompt), or nobody "
        "(unprotected: it is not encrypted)",
    )
    prompts.add_current(parser, "with --protect prompt: read the password from the next line")
    prompts.add_weak(parser)


def _ca(arguments: Namespace, context: Context) -> Reply:
    name = arguments.name
    added = arguments.directory is not None or arguments.command is not None
    if added and arguments.action != "add":
        raise UsageError(f"csr-tui ca {arguments.action} adds nothing: leave out --directory and --command.")
    if arguments.directory is None and (odd := [flag for flag in OF_ACCOUNTS if getattr(arguments, flag)]):
        raise UsageError(f"--{odd[0].replace('_', '-')} is for an account: use it with --directory.")
    if arguments.action == "list":
        if name is not None:
            raise UsageError("csr-tui ca list takes no name.")
        return _list(context)
    if name is None:
        raise UsageError(f"Name the CA, as in csr-tui ca {arguments.action} corp.")
    if arguments.action == "remove":
        return _remove(context, name)
    if not added:
        raise UsageError("Give a directory (--directory URL) or a program (--command 'PROGRAM {csr} {out}').")
    with context.store() as store:
        recover(store, context)
        if arguments.command is not None:
            ca = cas.add_command(store, name, arguments.command)
        else:
            ca = _registered(arguments, context, store)
    return Reply(lambda: _document(ca), f"Added the CA {ca.name}. Next: csr-tui obtain ID --ca {ca.name}.\n")


def _registered(arguments: Namespace, context: Context, store: RecordStore) -> CA:
    """Register an account there, after its terms are shown and agreed to."""
    directory = accounts.directory_of(arguments.directory)
    custody = ACCOUNT_CUSTODIES[arguments.protect or "keyring"]
    if bool(arguments.eab_kid) != arguments.eab_key_stdin and (arguments.eab_key_stdin or context.person is None):
        raise UsageError("Give both the key id and the key of the CA: --eab-kid K --eab-key-stdin.")
    if arguments.password_stdin and not custody.held_by_person:
        raise UsageError("--password-stdin is for an account with --protect prompt.")
    if custody.held_by_person and context.person is None and not arguments.password_stdin:
        raise PasswordError("The account needs a password of your own.", hint=Hint.CURRENT_PASSWORD)
    trust = read_file(Path(arguments.ca_file)) if arguments.ca_file else None
    if accounts.offers_staging(store, directory):
        output.say(STAGING)
        person = None if arguments.agree else context.person
        if person is not None and not prompts.confirmed(person, "Add Let's Encrypt now?"):
            raise StateError("Nothing was added.")
    external = _external(arguments, context)
    password = _password(arguments, context) if custody.held_by_person else None
    new = accounts.begin(
        store,
        context.vault,
        CA(arguments.name, directory=directory, email=arguments.email or ""),
        context.environ,
        trust=trust,
        password=password,
    )
    _agree(arguments, context, new)
    weak_ok = arguments.weak_password
    return accounts.register(store, context.vault, new, custody, password=password, weak_ok=weak_ok, external=external)


def _external(arguments: Namespace, context: Context) -> ExternalAccount | None:
    if not arguments.eab_kid:
        return None
    from csr_tui.acme.client import ExternalAccount

    if arguments.eab_key_stdin or context.person is None:
        return ExternalAccount(arguments.eab_kid, prompts.from_stdin(context.stdin, what="key"))
    return ExternalAccount(arguments.eab_kid, prompts.ask(context.person, f"Key of {arguments.eab_kid}"))


def _password(arguments: Namespace, context: Context) -> Secret:
    if arguments.password_stdin or context.person is None:
        return prompts.from_stdin(context.stdin)
    return prompts.ask_new(context.person, "New password of the account's key")


def _agree(arguments: Namespace, context: Context, new: Registration) -> None:
    if new.terms is None:
        return
    output.say(f"Terms of {new.ca.name}: {new.terms}")
    if arguments.agree:
        return
    if context.person is None:
        raise UsageError(f"Agree to the terms of {new.ca.name} with --agree: {new.terms}")
    if not prompts.confirmed(context.person, "Do you agree to them?"):
        raise StateError("Nothing was added.")


def _list(context: Context) -> Reply:
    with context.store() as store:
        known = store.cas.all()
    text = "".join(f"{line}\n" for line in _lines(known))
    return Reply(lambda: {"cas": [*map(_document, known)]}, text)


def _remove(context: Context, name: str) -> Reply:
    with context.store() as store:
        for sentence in accounts.remove(store, context.vault, store.cas.get(name)):
            output.say(sentence)
    return Reply(lambda: {"name": name, "removed": True}, f"Removed the CA {name}.\n")


def _lines(known: tuple[CA, ...]) -> Iterator[str]:
    if not known:
        yield "No CAs yet. csr-tui ca add NAME --directory letsencrypt-staging adds one; see csr-tui ca --help."
    width = max((len(ca.name) for ca in known), default=0)
    for ca in known:
        missing = " (no account yet)" if ca.directory is not None and ca.account_url is None else ""
        yield f"{ca.name:<{width}}  {ca.directory or ca.command}{missing}"


def _document(ca: CA) -> dict[str, Json]:
    return {
        "name": ca.name,
        "directory": ca.directory,
        "command": ca.command,
        "email": ca.email,
        "account": ca.account_url,
        "protection": None if ca.custody is None else ca.custody.protection,
        "created_at": document.moment(ca.created_at),
    }


COMMANDS = {
    "ca": Command(
        _arguments,
        _ca,
        "List, add or remove the CAs that csr-tui obtain sends requests to.\n\n"
        "With --directory, csr-tui registers an account at an ACME CA (RFC 8555) once you\n"
        "agree to its terms of service. The account's key is stored encrypted, with its\n"
        "password in the keyring unless --protect chooses otherwise. Plain http is accepted\n"
        "for this machine only, and the certificate of the server is always verified.\n\n"
        "With --command, a program of yours signs the CSR. The command line is split into\n"
        "words once, as a shell does it, but no shell runs. The program gets your\n"
        "environment, without the Tencent Cloud credentials.\n"
        'With --json: {"cas": [...]}; for one CA {"name", "directory", "command", "email",\n'
        '"account" (a URL), "protection", "created_at"}; after remove {"name", "removed": true}.',
        "examples:\n"
        "  csr-tui ca add staging --directory letsencrypt-staging --email ops@example.com\n"
        "  csr-tui ca add own --directory https://ca.corp/acme/dir --ca-file root.pem\n"
        "  csr-tui ca add corp --command 'step ca sign {csr} {out} --token-file t'\n"
        "  csr-tui ca\n"
        "  csr-tui ca remove corp\n"
        "environment:\n"
        "  CSR_TUI_PROXY    the URL of a proxy\n"
        "  CSR_TUI_CA_FILE  CA certificates to trust in place of the default ones",
    )
}
