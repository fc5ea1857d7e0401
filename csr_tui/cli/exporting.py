"""The command that writes a record's files: export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.cli import passwords
from csr_tui.cli.command import Command, Reply, add_id, path_text
from csr_tui.cli.neighbours import find
from csr_tui.core.text import visible
from csr_tui.export import Outcome
from csr_tui.lifecycle import exporting
from csr_tui.lifecycle import passwords as key_passwords
from csr_tui.lifecycle.exporting import KeyForm

if TYPE_CHECKING:
    from argparse import Namespace

    from csr_tui.cli.command import Parser
    from csr_tui.cli.neighbours import Neighbours


SAID = {Outcome.WRITTEN: "wrote", Outcome.UNCHANGED: "unchanged", Outcome.REPLACED: "replaced"}


def _arguments(parser: Parser) -> None:
    add_id(parser)
    parser.add_argument(
        "--to", metavar="DIR", type=path_text, required=True, help="the folder; it is made where its parent is there"
    )
    parser.add_argument(
        "--for", dest="target", choices=("pem",), default="pem", help="the kind of files (default: pem)"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--key-encrypted",
        dest="form",
        action="store_const",
        const=KeyForm.ENCRYPTED,
        default=KeyForm.AS_MADE,
        help="encrypt the key (the default where it has a password of its own)",
    )
    group.add_argument(
        "--key-clear",
        dest="form",
        action="store_const",
        const=KeyForm.CLEAR,
        help="leave the key in clear (the default where it was made with --no-password)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace files that are different; a key is kept as .bak"
    )
    passwords.add_current(parser, "read the record's key password from one line of standard input")
    parser.add_argument(
        "--export-password-stdin",
        action="store_true",
        help="read the password of the exported key from the next line of standard input, where it is to differ",
    )


def _export(arguments: Namespace, neighbours: Neighbours) -> Reply:
    password = passwords.from_stdin(neighbours.stdin) if arguments.password_stdin else None
    other = passwords.from_stdin(neighbours.stdin) if arguments.export_password_stdin else None
    with neighbours.store() as store:
        record = find(store, arguments.id)
        exporting.check(record)
        if password is None and neighbours.person is not None and key_passwords.held_by_person(record):
            password = passwords.ask(neighbours.person, "Key password")
        files = exporting.export(
            store,
            neighbours.vault,
            record,
            Path(arguments.to),
            password=password,
            export_password=other,
            form=arguments.form,
            replace=arguments.replace,
        )
    return Reply(
        lambda: {
            "id": record.id,
            "files": [{"path": str(file.path), "outcome": str(file.outcome)} for file in files],
        },
        "".join(f"{SAID[file.outcome]} {visible(str(file.path))}\n" for file in files),
    )


COMMANDS = {
    "export": Command(
        _arguments,
        _export,
        "Write <domain>.key, <domain>.csr and <domain>.private-bundle.pem into a folder,\n"
        "once they are proven to belong together. What is there already and the same is\n"
        "left as it is; what is different is never touched without --replace.\n"
        'With --json: {"id", "files": [{"path", "outcome"}]}; an outcome is written,\n'
        "unchanged or replaced.",
        "examples:\n"
        "  csr-tui export 4m7 --to ./certificates\n"
        "  csr-tui export 4m7 --to /etc/haproxy/certificates --key-clear\n"
        "  pass show key | csr-tui export 4m7 --to . --password-stdin",
    )
}
