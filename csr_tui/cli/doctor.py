"""The command that checks the installation, or a folder with keys: doctor."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from csr_tui import export
from csr_tui.cli import advice, output, prompts
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context
from csr_tui.cli.doctor_report import (
    CREDENTIALS,
    IN_KEYRING,
    NOT_ASKED,
    Report,
    StoreReport,
    document_of,
    lines_of,
    mib,
)
from csr_tui.cli.exits import BAD_FINDINGS
from csr_tui.cli.keys import recover
from csr_tui.cli.progress import Progress
from csr_tui.core.secret import Secret, variable
from csr_tui.core.text import counted, escaped
from csr_tui.errors import FileError, StorageError, VaultError
from csr_tui.files import is_folder, is_there
from csr_tui.lifecycle import checkup, recovery, tokens
from csr_tui.lifecycle.orphans import examine
from csr_tui.lifecycle.tencent.account import REF
from csr_tui.paths import Paths
from csr_tui.storage import Query, RecordStore
from csr_tui.storage.opening import check_place
from csr_tui.vault import VaultStatus


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=path_text,
        help="also look for orphaned, weak and exposed keys in this folder",
    )
    parser.add_argument(
        "--mend",
        action="store_true",
        help="remove unfinished files, clean up after interrupted actions, remove old passwords from the keyring, "
        "compact the database and restrict its files to you; nothing else in DIR is touched, and no key is removed",
    )
    prompts.add_current(parser, "read a password to try on the encrypted keys in DIR from one line of standard input")


def _doctor(arguments: Namespace, context: Context) -> Reply:
    folder = Path(arguments.folder) if arguments.folder is not None else None
    if folder is not None and not is_folder(folder):
        raise FileError(f"{escaped(arguments.folder)} is not a folder.")
    password = prompts.from_stdin(context.stdin) if arguments.password_stdin else None
    folders = [context.paths.exports, *([folder] if folder is not None else [])]
    if arguments.mend:
        _mend(folders, context)
    loose = checkup.loose_permissions(context.paths)  # before opening the store, which restricts its file
    keyring = context.vault.status()
    store = _store(context, folder, password, keyring)
    unfinished = (path for folder in dict.fromkeys(folders) for path in export.leftovers(folder))
    report = Report(
        paths=context.paths,
        store=store,
        keyring=keyring,
        problems=(
            *_loose(loose),
            *_set_aside(context.paths),
            *_profiles(context.paths),
            *_passwords(store.passwords, keyring),
        ),
        credentials=tuple(_credentials(context, usable=keyring.usable)),
        leftovers=(
            *store.leftovers,
            *(f"{path} is an unfinished file. csr-tui doctor --mend {path.parent} removes it." for path in unfinished),
        ),
    )
    return Reply(
        lambda: document_of(report),
        "".join(f"{label:<12}  {escaped(value)}\n" for label, value in lines_of(report)),
        0 if report.ok else BAD_FINDINGS,
    )


def _mend(folders: list[Path], context: Context) -> None:
    """What can be put right without losing anything; a locked keyring is asked to unlock for it."""
    for folder in folders:
        export.sweep(folder)
    checkup.restrict(context.paths)
    if is_there(context.paths.store):
        with context.store() as store:
            store.mend()
            recover(store, context)
            recovery.sweep(store, context.vault, ask=True)
            living = {intent.record_id for intent in store.unfinished()}
            for uri, there in tokens.left_behind(store, context.paths, living).items():
                if there is False:
                    store.token_keys.forget(uri)
            free, size = store.maintenance.waste()
            if StoreReport(free=free, size=size).wasteful:
                output.say(f"Compacting the database: {mib(free)} of {mib(size)} are free.")
                progress = Progress(plain=context.plain)
                try:
                    store.maintenance.vacuum(lambda done, total: progress("compacting the database", done, total))
                finally:
                    progress.clear()


def _store(context: Context, folder: Path | None, password: Secret | None, keyring: VaultStatus) -> StoreReport:
    """Look at the store, if there is one already, and at the folder; what is wrong with them is part of the report."""
    vault, now = context.vault if keyring.usable else None, datetime.now(UTC)
    try:
        if not _may_be_there(context.paths.store):
            check_place(context.paths.store)
            return StoreReport(folder=examine(folder, None, vault, password, now) if folder is not None else None)
        with context.store() as store:
            free, size = store.maintenance.waste()
            return StoreReport(
                free=free,
                size=size,
                records=store.count(),
                trashed=store.count(Query(trashed=True)),
                integrity=store.notice or _integrity(store),
                leftovers=tuple(_stopped(store, keyring, context.paths)),
                passwords=checkup.passwords(store, context.vault) if keyring.usable else NOT_ASKED,
                folder=examine(folder, store, vault, password, now) if folder is not None else None,
            )
    except StorageError as error:
        found = examine(folder, None, vault, password, now) if folder is not None else None
        return StoreReport(None, None, integrity=advice.sentence(error), folder=found)


def _may_be_there(path: Path) -> bool:
    """Whether there is a store, or something in the way of looking for one, which its opening names."""
    try:
        path.stat()
    except FileNotFoundError:
        return any(folder.is_symlink() and not folder.exists() for folder in path.parents)
    except OSError:
        return True
    return True


def _profiles(paths: Paths) -> Iterator[str]:
    """What keeps new requests from beginning with their defaults."""
    from csr_tui import profiles

    try:
        for name in profiles.names(paths.profiles):
            profiles.read(paths.profiles, name)
        profiles.default(paths.profiles)
    except FileError as error:
        yield advice.sentence(error)


def _integrity(store: RecordStore) -> str:
    found = store.integrity()
    if found == "ok":
        return found
    return f"The store is damaged ({found}). csr-tui doctor --mend copies every readable record into a new one."


def _stopped(store: RecordStore, keyring: VaultStatus, paths: Paths) -> Iterator[str]:
    """What processes that are gone left half done, and can be mended here and now."""
    if store.traces_remain:
        yield recovery.TRACES
    stopped = store.take_orphaned_intents()
    living = {intent.record_id for intent in store.unfinished()} - {intent.record_id for intent in stopped}
    for intent in stopped:
        whole = "a batch" if intent.kind == "generate" else "the store"
        owner = whole if intent.record_id is None else f"record {intent.record_id}"
        yield f"An action on {owner} was interrupted ({intent.kind}). Run csr-tui doctor --mend."
    for sent in store.journal.unsettled():
        yield f"Record {sent.record_id} was sent to Tencent Cloud without a reply. Run csr-tui reconcile."
    for order in store.orders.open():
        if order.may_have_issued:
            yield f"The CA {order.ca} may have issued a certificate for {order.record_id}. Run csr-tui reconcile."
    for uri, there in tokens.left_behind(store, paths, living).items():
        if there is None:
            yield f"{recovery.LEFT.format(place=uri.place, uri=uri)} That token was not found now."
        elif there:
            yield (
                f"A key pair that no record uses is on {uri.place}: {uri}. Use it (csr-tui generate ID --token URI), "
                "or delete it with the token's own program and run csr-tui doctor --mend."
            )
    if keyring.usable and (orphaned := store.orphaned_secrets()):
        yield f"The keyring has {counted(len(orphaned), 'old password')} to remove. Run csr-tui doctor --mend."


def _loose(paths: tuple[tuple[Path, int], ...]) -> Iterator[str]:
    for path, mode in paths:
        yield f"Other users can read or change {path} (mode {mode:04o}). csr-tui doctor --mend restricts it."


def _set_aside(paths: Paths) -> Iterator[str]:
    for path in checkup.set_aside(paths):
        yield (
            f"{path} is a damaged store that was set aside; its readable records are in the store now. Delete it when "
            "you no longer need it."
        )


def _passwords(passwords: checkup.Passwords, keyring: VaultStatus) -> Iterator[str]:
    if passwords.another_keyring:
        yield (
            f"{keyring.name} has none of the {passwords.expected} key passwords. It is probably a different keyring: "
            "of another user or computer, or a new one. Restore the old keyring, or unlock the right one."
        )
        return
    sharing = dict(passwords.sharing)
    for ref in passwords.missing:
        if ref.startswith("ca-"):
            name = ref[3:].rpartition("-")[0]
            yield (
                f"The password {ref} is not in the keyring, so the account at {name} cannot be used. Remove that CA "
                f"and add it again: csr-tui ca remove {name}."
            )
            continue
        record = ref.partition("-")[0]
        keys, which = f"the key of record {record}", record
        if ref in sharing:
            keys, which = f"the keys of the {sharing[ref]:,} records that share it", "ID"
        yield (
            f"The password {ref} is not in the keyring, so {keys} cannot be decrypted. "
            f"If you know it, hold it yourself: csr-tui password {which} --forget."
        )
    if not passwords.complete:
        yield "The keyring stopped responding, so some passwords were not checked. Run csr-tui doctor again."


def _credentials(context: Context, *, usable: bool) -> Iterator[str]:
    """Whether there is an API key, never what it is."""
    yield from (name for name in CREDENTIALS if variable(context.environ, name))
    if usable:
        with suppress(VaultError):
            if context.vault.find(REF) is not None:
                yield IN_KEYRING


COMMANDS = {
    "doctor": Command(
        _arguments,
        _doctor,
        "Report versions, folders, the state of the store and the keyring, the credentials\n"
        "found (never their values), leftovers of interrupted actions, files of the store\n"
        "that other users can read, and passwords missing in the keyring. Only --mend asks\n"
        "you to unlock the keyring.\n\n"
        "With DIR, also report the keys, requests and certificates in it that match by\n"
        "public key, those without a match or a record, and those that are weak, readable\n"
        "by other users, or encrypted under an unknown password. Limits: four levels of\n"
        "folders, 20,000 files and 64 MiB; links, pipes and files above 1 MiB are skipped.\n\n"
        "Exit status 4 for problems; a missing keyring is not one.\n"
        'With --json: {"version", "python", "platform", "packages", "paths", "store",\n'
        '"keyring", "credentials", "leftovers", "problems", "folder", "ok"}; leftovers and\n'
        "problems are sentences, and folder is null without DIR, else\n"
        '{"path", "families": [{"fingerprint", "record", "files": [{"path", "kind"}]}],\n'
        '"findings": [sentence], "skipped": [{"path", "reason"}], "complete"}.',
        "examples:\n"
        "  csr-tui doctor\n"
        "  csr-tui doctor --mend\n"
        "  csr-tui doctor ./certificates\n"
        "  pass show keys | csr-tui doctor ./certificates --password-stdin",
    )
}
