"""The command about certificate authorities: ca."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from csr_tui.cli import document
from csr_tui.cli.command import Command, Parser, Reply
from csr_tui.cli.context import Context
from csr_tui.errors import UsageError
from csr_tui.lifecycle.obtain import cas

if TYPE_CHECKING:
    from csr_tui.cli.document import Json
    from csr_tui.core.ca import CA


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=("list", "add", "remove"), default="list", help="what to do (default: list)"
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the CA, by a name of your own")
    parser.add_argument(
        "--command",
        metavar="LINE",
        help="add a program that signs: {csr} becomes the path of the CSR, {out} that of the certificate (default: "
        "standard output)",
    )


def _ca(arguments: Namespace, context: Context) -> Reply:
    name = arguments.name
    if arguments.action == "list":
        if name is not None or arguments.command is not None:
            raise UsageError("csr-tui ca list takes no other arguments.")
        return _list(context)
    if name is None:
        raise UsageError(f"Name the CA, as in csr-tui ca {arguments.action} corp.")
    if arguments.action == "remove":
        return _remove(context, name)
    if arguments.command is None:
        raise UsageError("Give the command with --command, as in --command 'PROGRAM {csr} {out}'.")
    with context.store() as store:
        added = cas.add_command(store, name, arguments.command)
    return Reply(lambda: _document(added), f"Added the CA {added.name}. Take a record to it: csr-tui obtain ID.\n")


def _list(context: Context) -> Reply:
    with context.store() as store:
        known = store.cas.all()
    text = "".join(f"{line}\n" for line in _lines(known))
    return Reply(lambda: {"cas": [*map(_document, known)]}, text)


def _remove(context: Context, name: str) -> Reply:
    with context.store() as store:
        store.cas.get(name)
        store.cas.remove(name)
    return Reply(lambda: {"name": name, "removed": True}, f"Removed the CA {name}.\n")


def _lines(known: tuple[CA, ...]) -> Iterator[str]:
    if not known:
        yield "No CAs yet. csr-tui ca add NAME --command 'PROGRAM {csr} {out}' adds one."
    width = max((len(ca.name) for ca in known), default=0)
    for ca in known:
        yield f"{ca.name:<{width}}  {ca.command}"


def _document(ca: CA) -> dict[str, Json]:
    return {"name": ca.name, "command": ca.command, "created_at": document.moment(ca.created_at)}


COMMANDS = {
    "ca": Command(
        _arguments,
        _ca,
        "List, add or remove the CAs that csr-tui obtain takes requests to. A CA can be a\n"
        "program of your own. Its line is split into words once, as a shell would; no shell\n"
        "runs. Its environment is yours, without the Tencent Cloud credentials.\n"
        'With --json: {"cas": [...]}; of one {"name", "command", "created_at"}; after\n'
        'remove {"name", "removed": true}.',
        "examples:\n"
        "  csr-tui ca add corp --command 'step ca sign {csr} {out} --token-file t'\n"
        "  csr-tui ca add vault --command \\\n"
        "    'bao write -field=certificate pki/sign/web csr=@{csr}'\n"
        "  csr-tui ca\n"
        "  csr-tui ca remove corp",
    ),
}
