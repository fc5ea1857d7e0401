"""The commands that show records: list, show."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from csr_tui.cli import document, output, record_text
from csr_tui.cli.command import Command, Parser, Reply, add_id, whole_number
from csr_tui.cli.context import Context, find_trashed
from csr_tui.cli.exits import BAD_FINDINGS
from csr_tui.core.record import Record, State, Tag
from csr_tui.core.text import counted
from csr_tui.core.usages import USAGES
from csr_tui.errors import StateError, UsageError
from csr_tui.lifecycle import drafts
from csr_tui.storage import Query, Sort

EXPIRED, UNKNOWN = "expired", "unknown"
"""What `--state` takes besides the states of a record."""

SORTS = {"ends" if sort is Sort.EXPIRY else str(sort): sort for sort in Sort}
"""Column -> the order of the store."""


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--state",
        choices=[*map(str, State), EXPIRED, UNKNOWN],
        help="records in this state; expired: with an expired certificate; unknown: sent to Tencent Cloud, no reply",
    )
    parser.add_argument(
        "--tag",
        metavar="KEY[=VALUE]",
        type=_tag,
        action="append",
        help="records with this tag; without a VALUE, whatever its value",
    )
    parser.add_argument("--usage", choices=list(USAGES), help="records for this usage")
    parser.add_argument("--search", metavar="TEXT", default="", help="records with this text in any field")
    parser.add_argument("--limit", metavar="N", type=whole_number, help="list at most N records (default: all)")
    parser.add_argument(
        "--expiring",
        metavar="DAYS",
        type=whole_number,
        help="list certificates that expire within DAYS days or have expired",
    )
    parser.add_argument(
        "--check", action="store_true", help="with --expiring: exit 4 if any certificate has no issued renewal"
    )
    parser.add_argument("--trash", action="store_true", help="records in the trash")
    parser.add_argument(
        "--sort",
        metavar="ORDER",
        choices=list(SORTS),
        help="changed: newest change first (the default); domain: A to Z; ends: soonest first (the default with "
        "--expiring); state: drafts first; key: by kind; tags, names: by the first of them; organization, issuer: "
        "A to Z",
    )
    parser.add_argument("--reverse", action="store_true", help="reverse the order")
    parser.add_argument(
        "--plain", action="store_true", help="one fact per line, no table: for screen readers and scripts"
    )


def _tag(text: str) -> Tag:
    key, _, value = text.partition("=")
    if not key.strip():
        raise ArgumentTypeError("give a tag as KEY or KEY=VALUE, such as team=web")
    return Tag(key.strip(), value.strip())


def _list(arguments: Namespace, context: Context) -> Reply:
    if arguments.check and arguments.expiring is None:
        raise UsageError("--check needs a number of days, as in csr-tui list --expiring 30 --check.")
    if len(arguments.tag or ()) > 1:
        raise UsageError("list takes one --tag. Add the others with --search, as in --search team=web.")
    now = datetime.now(UTC)
    query = _query(arguments, now)
    with context.store() as store:
        while arguments.sort == "issuer" and store.judge(most=1_000):
            pass  # an older version stored none
        total = store.count(query)
        limit = total if arguments.limit is None else min(arguments.limit, total)
        found = (store.rows if arguments.json else store.page)(query, limit=limit)
        text = "" if arguments.json or not found else _lines(query, found, now, plain=arguments.plain)
        bad = arguments.check and any(not one.lineage.replaced for one in store.page(query, limit=total))
    if not arguments.json:
        _say_what_is_damaged(sum(bool(one.damage) for one in found))
        filtered = not query.whole or query.state is not None
        _say_what_is_not_shown(total, len(found), filtered=filtered, trash=query.trashed)
    return Reply(lambda: document.listed(found, total, _say_what_is_damaged), text, BAD_FINDINGS if bad else 0)


def _query(arguments: Namespace, now: datetime) -> Query:
    expired = arguments.state == EXPIRED
    days = 0 if expired else arguments.expiring
    sort = arguments.sort or ("changed" if arguments.expiring is None else "ends")
    return Query(
        state=State(arguments.state) if arguments.state in set(State) else None,
        tag=arguments.tag[0] if arguments.tag else None,
        usage=arguments.usage,
        search=arguments.search,
        trashed=arguments.trash,
        expiring_before=None if days is None else now + timedelta(days=days),
        outcome_unknown=arguments.state == UNKNOWN,
        sort=SORTS[sort],
        reverse=arguments.reverse,
    )


def _lines(query: Query, found: Sequence[Record], now: datetime, *, plain: bool) -> str:
    """The records as a table or, `plain`, one fact per line; renewals are reported where the list is about expiry."""
    expiry = query.sort is Sort.EXPIRY or query.expiring_before is not None
    renewals = {one.id: State(one.lineage.renewal) for one in found if one.lineage.renewal and (expiry or plain)}
    return (record_text.plain if plain else record_text.table)(found, now, renewals, expiry=expiry)


def _say_what_is_damaged(damaged: int) -> None:
    if damaged:
        output.say(
            f"The store is damaged: the unreadable fields of {counted(damaged, 'record')} are not listed. Close every "
            "other csr-tui, then run csr-tui doctor --mend."
        )


def _say_what_is_not_shown(total: int, shown: int, *, filtered: bool, trash: bool) -> None:
    if total > shown:
        output.say(f"Showing {shown:,} of {total:,} records; --limit sets how many.")
    elif not total and filtered:
        output.say("No matching records.")
    elif not total:
        output.say("The trash is empty." if trash else "No records yet. csr-tui new starts one.")


def _show_arguments(parser: Parser) -> None:
    add_id(parser)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--csr", action="store_true", help="the CSR as PEM, for your CA's form")
    group.add_argument("--openssl", action="store_true", help="the equivalent openssl config and commands")
    group.add_argument("--recipes", action="store_true", help="commands that get the certificate with other programs")
    group.add_argument("--toml", action="store_true", help="the request as TOML, for new --from and apply")
    group.add_argument("--history", action="store_true", help="earlier certificates, one per line")


def _show(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        record = find_trashed(store, arguments.id, anywhere=True)
        replaced = record.lineage.replaced
    if arguments.history and not record.earlier:
        output.say("This record has no earlier certificates.")
    if lost := record_text.lost_history(record):
        output.say(lost)
    if (arguments.csr or arguments.recipes) and record.csr is None:
        raise StateError(
            f"The request is not generated yet, so it has no CSR. Generate it: csr-tui generate {record.id}."
        )
    return Reply(
        lambda: document.related(record), "" if arguments.json else _text(arguments, record, replaced=replaced)
    )


def _text(arguments: Namespace, record: Record, *, replaced: bool) -> str:
    if arguments.csr:
        return record.csr or ""
    if arguments.openssl:
        from csr_tui.cli import openssl

        return openssl.configuration(record)
    if arguments.recipes:
        from csr_tui.cli import recipes

        return recipes.text(record)
    if arguments.toml:
        from csr_tui.core import request_file

        return request_file.dump(drafts.duplicate(record))
    if arguments.history:
        return "".join(f"{line}\n" for line in record_text.history(record))
    return record_text.page(record, datetime.now(UTC), replaced=replaced)


COMMANDS = {
    "list": Command(
        _list_arguments,
        _list,
        "List records, the newest change first; with --expiring, the first to expire first.\n"
        'With --json: {"records": [...], "total": matches before the limit}.',
        "examples:\n"
        "  csr-tui list --state draft\n"
        "  csr-tui list --search 'example web' --limit 20 --json\n"
        "  csr-tui list --tag team=web --usage client --sort domain\n"
        "  csr-tui list --expiring 30 --check || mail -s 'Renew these' pki@example.com",
    ),
    "show": Command(
        _show_arguments,
        _show,
        "Show a record in full, in the trash or not. With --json: always the record, and\n"
        'with renewals, "renews" (an id) and "renewed_by" (ids).',
        "examples:\n"
        "  csr-tui show 4m7\n"
        "  csr-tui show 4m7 --csr > www.example.com.csr\n"
        "  csr-tui show 4m7 --openssl > request.cnf\n"
        "  csr-tui show 4m7 --toml > request.toml\n"
        "  csr-tui show 4m7 --recipes\n"
        "  csr-tui show 4m7 --history",
    ),
}
