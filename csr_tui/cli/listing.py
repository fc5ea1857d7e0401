"""The commands that show records: list, show."""

from __future__ import annotations

import gc
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from csr_tui.cli import document, output, words
from csr_tui.cli.command import Command, Parser, Reply, add_id, whole_number
from csr_tui.cli.context import Context, find_trashed
from csr_tui.cli.exits import BAD_FINDINGS
from csr_tui.core.record import Record, State
from csr_tui.errors import StateError, UsageError
from csr_tui.lifecycle import drafts


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--state", metavar="S", choices=[str(state) for state in State], help="draft, generated or issued"
    )
    parser.add_argument("--search", metavar="TEXT", default="", help="text that stands anywhere in them, in any field")
    parser.add_argument(
        "--limit", metavar="N", type=whole_number, help="no more than so many, the newest (default: all)"
    )
    parser.add_argument(
        "--expiring", metavar="DAYS", type=whole_number, help="certificates that end within so many days, or have ended"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="with --expiring: exit status 4 where there are any that no renewal with a certificate replaces",
    )
    parser.add_argument("--trash", action="store_true", help="what is in the trash instead")


def _list(arguments: Namespace, context: Context) -> Reply:
    from csr_tui.storage import Query, Sort

    if arguments.check and arguments.expiring is None:
        raise UsageError("Say within how many days, as in csr-tui list --expiring 30 --check.")
    now = datetime.now(UTC)
    query = Query(
        state=None if arguments.state is None else State(arguments.state),
        search=arguments.search,
        trashed=arguments.trash,
        expiring_before=None if arguments.expiring is None else now + timedelta(days=arguments.expiring),
        sort=Sort.CHANGED if arguments.expiring is None else Sort.EXPIRY,
    )
    with context.store() as store:
        total = store.count(query)
        limit = total if arguments.limit is None else min(arguments.limit, total)
        gc.disable()  # it would take 0.6 s of 3.2 for 100,000 records, and has nothing to collect
        try:
            found = store.page(query, limit=limit)
        finally:
            gc.enable()
        replaced = frozenset(
            one.id for one in found if arguments.expiring is not None and drafts.is_superseded(store, one)
        )
        bad = arguments.check and any(not drafts.is_superseded(store, one) for one in store.page(query, limit=total))
    _say_what_is_damaged(found)
    if not arguments.json:
        _say_what_is_not_shown(total, len(found), filtered=query != Query(trashed=query.trashed), trash=query.trashed)
    ending = None if arguments.expiring is None else now
    text = words.table(found, ending=ending, replaced=replaced) if found and not arguments.json else ""
    return Reply(lambda: document.listed(found, total), text, BAD_FINDINGS if bad else 0)


def _say_what_is_damaged(found: Sequence[Record]) -> None:
    if damaged := sum(bool(one.damage) for one in found):
        noun = "record is" if damaged == 1 else "records are"
        output.say(
            f"The store is damaged: {damaged:,} {noun} listed without their unreadable fields. Close every other "
            "csr-tui, then run csr-tui doctor --mend."
        )


def _say_what_is_not_shown(total: int, shown: int, *, filtered: bool, trash: bool) -> None:
    if total > shown:
        output.say(f"{shown:,} of {total:,} are shown; --limit says how many.")
    elif not total and filtered:
        output.say("No record answers to that.")
    elif not total:
        output.say("The trash is empty." if trash else "There are no records yet. csr-tui new starts one.")


def _show_arguments(parser: Parser) -> None:
    add_id(parser)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--csr", action="store_true", help="the CSR alone, as PEM, for a CA's form")
    group.add_argument("--openssl", action="store_true", help="an openssl configuration that asks for the same")
    group.add_argument("--toml", action="store_true", help="the request as TOML, which new --from and apply take back")
    group.add_argument("--history", action="store_true", help="the certificates that it had before, a line each")


def _show(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        record = find_trashed(store, arguments.id, anywhere=True)
        replaced = drafts.is_superseded(store, record)
    if arguments.history and not record.earlier:
        output.say("It has had no other certificate before.")
    if arguments.csr and record.csr is None:
        raise StateError(f"There is no CSR yet. Make it first: csr-tui generate {record.id}.")
    return Reply(
        lambda: document.related(record), "" if arguments.json else _text(arguments, record, replaced=replaced)
    )


def _text(arguments: Namespace, record: Record, *, replaced: bool) -> str:
    if arguments.csr:
        return record.csr or ""
    if arguments.openssl:
        from csr_tui.cli import openssl

        return openssl.configuration(record)
    if arguments.toml:
        from csr_tui.core import request_file

        return request_file.dump(drafts.duplicate(record))
    if arguments.history:
        return "".join(f"{line}\n" for line in words.history(record))
    return words.page(record, datetime.now(UTC), replaced=replaced)


COMMANDS = {
    "list": Command(
        _list_arguments,
        _list,
        "The records, the newest change first; with --expiring, the first to end first.\n"
        'With --json: {"records": [...], "total": matches before the limit}.',
        "examples:\n"
        "  csr-tui list --state draft\n"
        "  csr-tui list --search 'example web' --limit 20 --json\n"
        "  csr-tui list --expiring 30 --check || mail -s 'Renew these' pki@example.com",
    ),
    "show": Command(
        _show_arguments,
        _show,
        "One record in full, in the trash or not. With --json it is always the record, and\n"
        'where there are renewals, "renews" (an id) and "renewed_by" (ids).',
        "examples:\n"
        "  csr-tui show 4m7\n"
        "  csr-tui show 4m7 --csr > www.example.com.csr\n"
        "  csr-tui show 4m7 --openssl > request.cnf\n"
        "  csr-tui show 4m7 --toml > request.toml\n"
        "  csr-tui show 4m7 --history",
    ),
}
