"""The command that writes a record's files: export."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from csr_tui.cli import output, prompts, record_text, several
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context, find
from csr_tui.cli.document import Json
from csr_tui.cli.exits import BAD_FINDINGS
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.export import Outcome
from csr_tui.export.manifest import Verdict
from csr_tui.export.targets import TARGETS
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.target import Target
from csr_tui.lifecycle import exporting
from csr_tui.lifecycle.exporting import Exported, ExportRequest, KeyForm

OUTCOMES = {Outcome.WRITTEN: "wrote", Outcome.UNCHANGED: "unchanged", Outcome.REPLACED: "replaced"}


def _arguments(parser: Parser) -> None:
    several.add_ids(parser)
    parser.add_argument(
        "--to", metavar="DIR", type=path_text, required=True, help="the folder; it is created if its parent exists"
    )
    parser.add_argument(
        "--for",
        dest="target",
        choices=list(TARGETS),
        default=PEM.name,
        help=f"the kind of server that loads the files (default: {PEM})",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--key-encrypted",
        dest="form",
        action="store_const",
        const=KeyForm.ENCRYPTED,
        default=KeyForm.AS_MADE,
        help="encrypt the exported key (the default if it has a password)",
    )
    group.add_argument(
        "--key-clear",
        dest="form",
        action="store_const",
        const=KeyForm.CLEAR,
        help="do not encrypt the exported key (the default if generated with --no-password)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace files that differ; a replaced key is kept as .bak"
    )
    prompts.add_current(parser, "read the record's key password from one line of standard input")
    parser.add_argument(
        "--export-password-stdin",
        action="store_true",
        help="read a different password for the exported key from the next line of standard input",
    )


def _export(arguments: Namespace, context: Context) -> Reply:
    password = prompts.from_stdin(context.stdin) if arguments.password_stdin else None
    other = prompts.from_stdin(context.stdin) if arguments.export_password_stdin else None
    target = TARGETS[arguments.target]
    with context.store() as store:
        fitting = (State.ISSUED,) if target.needs_certificate else (State.GENERATED, State.ISSUED)
        records = several.find_all(arguments.ids, lambda text: find(store, text, *fitting))
        claimed: dict[str, str] = {}

        def export(record: Record) -> Reply:
            request = ExportRequest(Path(arguments.to), target, arguments.form, password, other, arguments.replace)
            exporting.preflight(store, record, request, new_password=other is not None)
            exporting.claim_file_names(claimed, record)
            if password is None and context.person is not None and record.custody.held_by_person:
                whose = f" of {record_text.domain(record)} ({record.id})" if len(records) > 1 else ""
                request = replace(request, password=prompts.ask(context.person, f"Key password{whose}"))
            return _reply(record, target, exporting.export(store, context.vault, record, request))

        return several.each(records, export, json=arguments.json)


def report(exported: Exported) -> None:
    """Say what was written, and what was tried with it."""
    for line in (*exported.hints, *_lines(exported)):
        output.say(line)


def _reply(record: Record, target: Target, exported: Exported) -> Reply:
    for hint in exported.hints:
        output.say(hint)
    refused = any(proof.verdict is Verdict.REFUSED for proof in exported.proofs)
    return Reply(
        lambda: _document(record, target, exported),
        "".join(f"{escaped(line)}\n" for line in _lines(exported)),
        BAD_FINDINGS if refused else 0,
    )


def _document(record: Record, target: Target, exported: Exported) -> dict[str, Json]:
    """Plain PEM has files alone; a server's bundle has what to paste, and what was tried, too."""
    written: dict[str, Json] = {
        "id": record.id,
        "files": [{"path": str(file.path), "outcome": str(file.outcome)} for file in exported.files],
    }
    if not target.needs_certificate:
        return written
    return written | {
        "target": target.name,
        "configuration": exported.snippet.lines,
        "notes": exported.snippet.notes,
        "proof": [
            {"what": one.what, "verdict": str(one.verdict), "tool": one.tool, "said": one.detail}
            for one in exported.proofs
        ],
    }


def _lines(exported: Exported) -> Iterator[str]:
    yield from (f"{OUTCOMES[file.outcome]} {file.path}" for file in exported.files)
    if exported.snippet.lines:
        yield "to paste:"
    yield from (f"    {line}" for line in exported.snippet.lines)
    yield from (f"note: {note}" for note in exported.snippet.notes)
    yield from (f"{proof.verdict}: {proof.what}: {proof.detail}" for proof in exported.proofs)


COMMANDS = {
    "export": Command(
        _arguments,
        _export,
        "Write the files that a server or client loads into a folder. Before writing, they\n"
        "are verified: the key decrypts and matches the certificate, the chain is in order, and\n"
        "a TLS handshake succeeds. Identical files are left alone; files that differ are\n"
        "replaced only with --replace.\n\n"
        + "".join(f"  {target.name:<8} {target.help}\n" for target in TARGETS.values())
        + "\n"
        "All but pem need the certificate (csr-tui attach), print the lines to paste, run\n"
        "the server's own check if it is installed, and write a manifest with the results;\n"
        "exit status 4 if the server rejects the files.\n"
        'With --json: {"id", "files": [{"path", "outcome"}]}; outcome: written, unchanged or\n'
        'replaced. All but pem add {"target", "configuration", "notes", "proof": [{"what",\n'
        '"verdict", "tool", "said"}]}; verdict: proven, not proven or refused.\n'
        f"{several.HELP}",
        "examples:\n"
        "  csr-tui export www.example.com --to ./certificates\n"
        "  csr-tui export 4m7 9k2 c0d --to ./certificates\n"
        "  csr-tui export 4m7 --to /etc/nginx/tls --for nginx --key-clear\n"
        "  csr-tui export 4m7 --to /etc/haproxy/certificates --for haproxy --key-clear\n"
        "  pass show key | csr-tui export 4m7 --to . --for java --password-stdin",
    )
}
