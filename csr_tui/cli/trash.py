"""The commands of the trash: delete, restore, purge."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from csr_tui.cli import document, output, prompts, record_text, several
from csr_tui.cli.command import Command, Parser, Reply
from csr_tui.cli.context import Context, find, find_trashed
from csr_tui.cli.keys import recover
from csr_tui.core.record import Record
from csr_tui.errors import StateError, UsageError
from csr_tui.lifecycle import recovery

MAX_NAMED = 5
"""Domains that a question about several records lists."""


def _asking_arguments(parser: Parser) -> None:
    several.add_ids(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation; required without a terminal")


def _delete(arguments: Namespace, context: Context) -> Reply:
    _refuse_without_answer(arguments, context)
    with context.store() as store:
        records = several.find_all(arguments.ids, lambda text: find(store, text))
        _ask(arguments, context, f"Move {_names(records)} to the trash?")

        def delete(record: Record) -> Reply:
            done = store.trash(record.id)
            return Reply(
                lambda: document.record(done),
                f"Moved {record_text.domain(done)} to the trash. csr-tui restore {done.id} restores it.\n",
            )

        return several.each(records, delete, json=arguments.json)


def _restore(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:

        def restore(record: Record) -> Reply:
            done = store.restore(record.id)
            return Reply(lambda: document.record(done), f"Restored {record_text.domain(done)} ({done.id}).\n")

        records = several.find_all(arguments.ids, lambda text: find_trashed(store, text))
        return several.each(records, restore, json=arguments.json)


def _purge(arguments: Namespace, context: Context) -> Reply:
    _refuse_without_answer(arguments, context)
    with context.store() as store:
        recover(store, context)
        records = several.find_all(arguments.ids, lambda text: find_trashed(store, text, anywhere=True))
        keys = sum(record.has_key for record in records)
        if len(records) == 1:
            (record,) = records
            on_token = record.token is not None and record.csr is not None
            without = f"whose key stays {record.custody_text}" if on_token else "which has no key"
            what = "with its key and its password" if keys else without
        else:
            what = f"with {keys} of their keys and passwords" if keys else "which have no keys"
        _ask(arguments, context, f"Permanently remove {_names(records)}, {what}?")

        def purge(record: Record) -> Reply:
            for sentence in recovery.purge(store, context.vault, record):
                output.say(sentence)
            return Reply(
                lambda: {"id": record.id, "purged": True},
                f"Permanently removed {record_text.domain(record)} ({record.id}).\n",
            )

        return several.each(records, purge, json=arguments.json)


def _names(records: Sequence[Record]) -> str:
    if len(records) == 1:
        return f"{record_text.domain(records[0])} ({records[0].id})"
    named = ", ".join(record_text.domain(record) for record in records[:MAX_NAMED])
    return f"{len(records)} records ({named}{' and more' if len(records) > MAX_NAMED else ''})"


def _refuse_without_answer(arguments: Namespace, context: Context) -> None:
    if not arguments.yes and context.person is None:
        raise UsageError("There is no terminal to ask for confirmation: add --yes.")


def _ask(arguments: Namespace, context: Context, question: str) -> None:
    """Go on with a yes; StateError with anything else."""
    if arguments.yes or context.person is None:
        return
    if not prompts.confirmed(context.person, question):
        raise StateError("Nothing was changed.")


COMMANDS = {
    "delete": Command(
        _asking_arguments,
        _delete,
        f"Move records to the trash; nothing is lost. With --json: the record.\n{several.HELP}",
        "examples:\n  csr-tui delete 4m7 --yes\n  csr-tui delete old.example.com 9k2 c0d",
    ),
    "restore": Command(
        several.add_ids,
        _restore,
        f"Restore records from the trash. With --json: the record.\n{several.HELP}",
        "example:\n  csr-tui list --trash\n  csr-tui restore 4m7",
    ),
    "purge": Command(
        _asking_arguments,
        _purge,
        "Permanently remove records, in the trash or not: request, key, and password in the\n"
        'keyring. This cannot be undone. With --json: {"id", "purged": true}.\n'
        f"{several.HELP}",
        "example:\n  csr-tui purge 4m7 --yes",
    ),
}
