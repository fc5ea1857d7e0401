"""The command that gets a certificate from a CA: obtain."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError, Namespace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from csr_tui.cli import advice, attaching, document, exits, output, prompts, record_text
from csr_tui.cli.command import Command, Parser, Reply, add_id, path_text
from csr_tui.cli.context import Context, find
from csr_tui.cli.keys import recover
from csr_tui.core.ca import CA
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.errors import Fact, UsageError, WaitingError
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import cas, command
from csr_tui.storage import RecordStore

MAY_EXIST = (
    "Its CSR was sent, so a certificate may exist: attach it when you have it. Public CAs list theirs in crt.sh.\n"
)
_DURATION = re.compile(r"([0-9]{1,5})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float:
    """Seconds in a text such as 90s, 30m, 2h or 7d."""
    found = _DURATION.fullmatch(text)
    if found is None or not int(found[1]):
        raise ArgumentTypeError(f"enter a duration such as 90s, 30m, 2h or 7d, not {text[:20]!r}")
    return float(int(found[1]) * _SECONDS[found[2]])


def _arguments(parser: Parser) -> None:
    add_id(parser)
    parser.add_argument("--ca", metavar="NAME", help="the CA (default: the last one of the record, or the only one)")
    parser.add_argument(
        "--proof",
        choices=("dns", "file", "webroot"),
        help="how to prove the names: a TXT record (default), a file on the web server, or one that --webroot writes",
    )
    parser.add_argument(
        "--webroot",
        metavar="DIR",
        type=path_text,
        help="the folder that the web server of these names serves; the order remembers it",
    )
    parser.add_argument(
        "--wait",
        metavar="DURATION",
        type=duration,
        help="how long to wait for the proofs and the CA, such as 30m; or how long a command may run (default: 5m)",
    )
    parser.add_argument("--even-so", action="store_true", help="let the CA check proofs that are not visible from here")
    parser.add_argument(
        "--give-up", action="store_true", help="forget an order, or a run whose outcome is unknown, to start another"
    )


def _obtain(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id, State.GENERATED)
        if arguments.give_up:
            free = command.give_up(store, record)
            text = f"Gave up on {record_text.domain(free)} ({free.id}). csr-tui obtain starts again.\n"
            if record.order is not None and record.order.may_have_issued:
                text += MAY_EXIST
            return Reply(lambda: document.record(free), text)
        ca = cas.choose(store, record, arguments.ca)
        result = (
            _run(arguments, context, store, record, ca) if ca.command else _order(arguments, context, store, record, ca)
        )
        done = store.get(record.id)
    if isinstance(result, Fact):
        waiting = WaitingError.of(result)
        if arguments.json:
            output.say(advice.sentence(waiting))
        return _waiting(done, waiting)
    return Reply(
        lambda: document.record(done, result.findings),
        "".join(f"{label:<8}  {text}\n" for label, text in attaching.lines(done, result)),
    )


def _run(arguments: Namespace, context: Context, store: RecordStore, record: Record, ca: CA) -> Offer:
    if arguments.proof or arguments.webroot or arguments.even_so:
        raise UsageError(f"The CA {ca.name} is a command: leave out --proof, --webroot and --even-so.")
    return command.obtain(
        store,
        record,
        ca,
        environ=context.environ,
        now=partial(datetime.now, UTC),
        limit=arguments.wait or command.LIMIT,
        show=output.say,
    )


def _order(arguments: Namespace, context: Context, store: RecordStore, record: Record, ca: CA) -> Offer | Fact:
    from csr_tui.lifecycle import network
    from csr_tui.lifecycle.obtain import accounts, order, proofs, renewal
    from csr_tui.lifecycle.obtain.run import ObtainOptions
    from csr_tui.wire import Route

    if (arguments.proof == "webroot") != (arguments.webroot is not None) and arguments.proof is not None:
        raise UsageError("Use --webroot DIR alone, or with --proof webroot.")
    kind = "webroot" if arguments.webroot is not None else arguments.proof
    options = ObtainOptions(
        proofs.ProofKind(kind) if kind is not None else None,
        webroot=Path(arguments.webroot) if arguments.webroot is not None else None,
        wait=arguments.wait or 0.0,
        even_so=arguments.even_so,
        looking=proofs.Looking(proofs.resolver_of(context.environ), Route(ca_file=network.ca_file(context.environ))),
    )
    order.check(record, ca)
    client = accounts.client(
        store, context.vault, ca, context.environ, ask=lambda: prompts.ask_account(context.person, ca.name)
    )
    if ca.is_public and (record.order is None or not record.order.is_open):
        output.say(f"To {ca.name}: the CSR and its names. Public CAs publish all names that they certify.")
    result = order.obtain(store, client, record, ca, options)
    if isinstance(result, Offer) and (sentence := renewal.suggestion(ca, client, result.chain.leaf)):
        output.say(sentence)
    return result


def _waiting(record: Record, error: WaitingError) -> Reply:
    """What has to be proven, and the exit status for what waits."""
    lines = [("record", f"{record.id} {record_text.domain(record)}")]
    if record.order is not None:
        lines.append(("CA", record.order.ca))
    for proof in record.order.unproven if record.order is not None else ():
        kind = "file" if proof.kind == "http-01" else "TXT"
        lines += [("prove", escaped(proof.name)), (kind, escaped(proof.place)), ("", escaped(proof.value))]
        if proof.whole_note:
            lines.append(("", proof.whole_note))
    lines.append(("waits", advice.sentence(error)))
    return Reply(
        lambda: {**document.record(record), "error": exits.error_of(error)},
        "".join(f"{label:<8}  {text}\n" for label, text in lines),
        exits.STATUS[error.kind],
    )


COMMANDS = {
    "obtain": Command(
        _arguments,
        _obtain,
        "Send the CSR of a generated record to a CA (see csr-tui ca), and attach the\n"
        "certificate after the same checks as csr-tui attach.\n\n"
        "At an ACME directory, csr-tui places an order, prints how to prove each name, and\n"
        "exits with status 9. Run the same command again once the records or files are in\n"
        "place: it looks for them itself, has the CA check them, sends the CSR and attaches\n"
        "the certificate. The CA checks each proof once, and a failed check ends the order.\n"
        "An interrupted command continues with the same order.\n\n"
        "A CA added with --command runs once for a record. If it fails, is killed or is\n"
        "interrupted, a certificate may have been issued (exit status 7). csr-tui never runs\n"
        "it again by itself: attach the certificate when you have it, or use --give-up.\n"
        'With --json: the record; while it waits, with {"error"} of the kind waiting.',
        "examples:\n"
        "  csr-tui obtain 4m7 --ca corp\n"
        "  csr-tui obtain 4m7 --wait 30m\n"
        "  csr-tui obtain 4m7 --webroot /var/www/html\n"
        "  csr-tui obtain 4m7 --give-up\n"
        "environment:\n"
        "  CSR_TUI_RESOLVER  a name server (ADDRESS[:PORT]) to ask for TXT records, in\n"
        "                    place of each zone's own\n"
        "  CSR_TUI_PROXY     the URL of a proxy\n"
        "  CSR_TUI_CA_FILE   CA certificates to trust in place of the default ones",
    )
}
