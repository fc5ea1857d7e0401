"""The command that takes a request to a CA: obtain."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError, Namespace
from datetime import UTC, datetime
from functools import partial

from csr_tui.cli import attaching, document, output, record_text
from csr_tui.cli.command import Command, Parser, Reply, add_id
from csr_tui.cli.context import Context, find
from csr_tui.cli.keys import recover
from csr_tui.core.record import State
from csr_tui.lifecycle.obtain import cas, command

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
        "--wait", metavar="DURATION", type=duration, help="how long a command may run, such as 30m (default: 5m)"
    )
    parser.add_argument(
        "--give-up", action="store_true", help="forget a run whose outcome is unknown, so that you can start another"
    )


def _obtain(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id, State.GENERATED)
        if arguments.give_up:
            free = command.give_up(store, record)
            text = f"Gave up on {record_text.domain(free)} ({free.id}). You can take it to a CA again.\n"
            return Reply(lambda: document.record(free), text)
        ca = cas.choose(store, record, arguments.ca)
        offer = command.obtain(
            store,
            record,
            ca,
            environ=context.environ,
            now=partial(datetime.now, UTC),
            limit=arguments.wait or command.LIMIT,
            show=output.say,
        )
        done = store.get(record.id)
    return Reply(
        lambda: document.record(done, offer.findings),
        "".join(f"{label:<8}  {text}\n" for label, text in attaching.lines(done, offer)),
    )


COMMANDS = {
    "obtain": Command(
        _arguments,
        _obtain,
        "Take the CSR of a generated record to a CA (csr-tui ca), and attach the\n"
        "certificate after the checks of csr-tui attach. A command runs once: if it fails,\n"
        "is killed or is cut off, whether a certificate was issued is unknown (exit status\n"
        "7). csr-tui never runs it again by itself: attach the certificate when you have\n"
        "it, or give up with --give-up.\n"
        "With --json: the record.",
        "examples:\n  csr-tui obtain 4m7 --ca corp\n  csr-tui obtain 4m7 --give-up",
    ),
}
