"""The commands of the trash: delete, restore, purge."""

from __future__ import annotations

from argparse import Namespace

from csr_tui.cli import document, output, words
from csr_tui.cli.command import Command, Parser, Reply, add_id
from csr_tui.cli.context import Context, find, find_trashed
from csr_tui.cli.keys import recover
from csr_tui.errors import StateError, UsageError
from csr_tui.lifecycle import recovery


def _asking_arguments(parser: Parser) -> None:
    add_id(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")


def _delete(arguments: Namespace, context: Context) -> Reply:
    _refuse_without_answer(arguments, context)
    with context.store() as store:
        record = find(store, arguments.id)
        _ask(arguments, context, f"Move {words.domain(record)} ({record.id}) to the trash?")
        done = store.trash(record.id)
    return Reply(
        lambda: document.record(done),
        f"Moved {words.domain(done)} to the trash. csr-tui restore {done.id} brings it back.\n",
    )


def _restore(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        done = store.restore(find_trashed(store, arguments.id).id)
    return Reply(lambda: document.record(done), f"Restored {words.domain(done)} ({done.id}).\n")


def _purge(arguments: Namespace, context: Context) -> Reply:
    _refuse_without_answer(arguments, context)
    with context.store() as store:
        recover(store, context)
        record = find_trashed(store, arguments.id, anywhere=True)
        what = "with its key and its password" if record.has_key else "which has no key yet"
        _ask(arguments, context, f"Remove {words.domain(record)} ({record.id}) for good, {what}?")
        for sentence in recovery.purge(store, context.vault, record):
            output.say(sentence)
    return Reply(lambda: {"id": record.id, "purged": True}, f"Removed {words.domain(record)} ({record.id}) for good.\n")


def _refuse_without_answer(arguments: Namespace, context: Context) -> None:
    if not arguments.yes and context.person is None:
        raise UsageError("There is nobody here to ask whether it is meant: say --yes.")


def _ask(arguments: Namespace, context: Context, question: str) -> None:
    """Go on with a yes; StateError with anything else."""
    if arguments.yes or context.person is None:
        return
    if context.person.line(f"{question} [y/N] ").strip().casefold() not in ("y", "yes"):
        raise StateError("Nothing was changed.")


COMMANDS = {
    "delete": Command(
        _asking_arguments,
        _delete,
        "Move a record to the trash; nothing of it is lost.",
        "example:\n  csr-tui delete 4m7 --yes",
    ),
    "restore": Command(
        add_id,
        _restore,
        "Bring a record back from the trash.",
        "example:\n  csr-tui list --trash\n  csr-tui restore 4m7",
    ),
    "purge": Command(
        _asking_arguments,
        _purge,
        "Remove a record for good, in the trash or not: its request, its key, and the\n"
        "password in the keyring. This cannot be undone.\n"
        'With --json: {"id", "purged": true}.',
        "example:\n  csr-tui purge 4m7 --yes",
    ),
}
