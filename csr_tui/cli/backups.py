"""The commands that keep the store safe elsewhere: backup, restore-backup."""

from __future__ import annotations

import shlex
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from csr_tui.cli import output, prompts
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context
from csr_tui.cli.exits import STATUS
from csr_tui.cli.keys import recover
from csr_tui.cli.progress import Progress
from csr_tui.core.findings import Level
from csr_tui.core.secret import Secret
from csr_tui.core.text import counted, escaped
from csr_tui.errors import PasswordError, UsageError, VaultError
from csr_tui.lifecycle import backup
from csr_tui.lifecycle.backup import BackedUp
from csr_tui.storage.restoring import Backup, examine

INCOMPLETE = STATUS[PasswordError.kind]
"""Exit status of a backup that was to have passwords in it which the keyring does not hold."""


def _backup_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", type=path_text, help="the file to write; it must not exist")
    parser.add_argument(
        "--with-passwords",
        action="store_true",
        help="add the key passwords from the keyring, encrypted under a passphrase",
    )
    prompts.add_current(parser, "read that passphrase from one line of standard input")
    prompts.add_weak(parser)


def _backup(arguments: Namespace, context: Context) -> Reply:
    if arguments.password_stdin and not arguments.with_passwords:
        raise UsageError("--password-stdin gives the passphrase for --with-passwords: add that.")
    target = Path(arguments.file)
    progress = Progress(plain=context.plain)
    with context.store() as store:
        recover(store, context)
        passphrase = _new_passphrase(arguments, context) if arguments.with_passwords else None
        try:
            kept = backup.back_up(store, context.vault, target, passphrase, progress)
        finally:
            progress.clear()
    return Reply(
        lambda: {"path": str(kept.path), "records": kept.records, "passwords": kept.passwords, "missing": kept.missing},
        _backup_text(kept, with_passwords=arguments.with_passwords),
        INCOMPLETE if arguments.with_passwords and kept.missing else 0,
    )


def _new_passphrase(arguments: Namespace, context: Context) -> Secret:
    from csr_tui.core import password

    if arguments.password_stdin:
        passphrase = prompts.from_stdin(context.stdin)
    elif context.person is not None:
        passphrase = prompts.ask_new(context.person, "Passphrase for the passwords in the backup")
    else:
        raise PasswordError("There is no terminal to ask for the passphrase: give it with --password-stdin.")
    finding = password.check(passphrase)
    if finding and not (arguments.weak_password and finding.level is not Level.ERROR):
        raise PasswordError(finding.message.replace("password", "passphrase"))
    return passphrase


def _backup_text(done: BackedUp, *, with_passwords: bool) -> str:
    text = f"Wrote {escaped(str(done.path))}: {counted(done.records, 'record')}"
    missing = counted(len(done.missing), "key password")
    if with_passwords:
        text += f" and {counted(done.passwords, 'key password')}, under your passphrase.\n"
        if done.missing:
            text += (
                f"The keyring lacks {missing}: {_named(done.missing)}. This backup alone cannot decrypt those keys.\n"
            )
        return text
    text += ".\n"
    if done.missing:
        text += (
            f"It does not include the {missing} in the keyring: on another machine, it cannot decrypt those keys. "
            "--with-passwords adds them.\n"
        )
    return text


def _named(refs: tuple[str, ...]) -> str:
    return ", ".join(refs[:5]) + (f" and {len(refs) - 5:,} more" if len(refs) > 5 else "")


def _restore_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", type=path_text, help="the backup")
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the passphrase of its passwords from one line of standard input",
    )
    group.add_argument(
        "--without-passwords",
        action="store_true",
        help="restore the records without passwords, for example without a keyring",
    )


def _restore(arguments: Namespace, context: Context) -> Reply:
    progress = Progress(plain=context.plain)
    found = examine(Path(arguments.file))
    passphrase = _passphrase(arguments, context, found)
    path = context.paths.store
    try:
        done = backup.restore(found, path, context.vault, passphrase, datetime.now(UTC), progress)
    except VaultError as error:
        again = f"csr-tui restore-backup {shlex.quote(arguments.file)} --without-passwords"
        raise VaultError(f"{error} To restore the records alone: {again}.") from error
    finally:
        progress.clear()
    with context.store() as store:
        recover(store, context)
        for ca in store.cas.all():
            if ca.command is not None:
                output.say(f"The CA {ca.name} of this backup runs: {ca.command}")
    if done.notice:
        output.say(done.notice)
    summary = f"Restored {counted(done.records, 'record')} and {counted(done.passwords, 'key password')}.\n"
    if done.aside is not None:
        summary += f"The previous store is in {escaped(str(done.aside))}.\n"
        output.say("Key passwords that only the previous store uses stay in the keyring.")
    return Reply(
        lambda: {
            "records": done.records,
            "passwords": done.passwords,
            "aside": None if done.aside is None else str(done.aside),
        },
        summary,
    )


def _passphrase(arguments: Namespace, context: Context, backup: Backup) -> Secret | None:
    if backup.sealed is None:
        if arguments.password_stdin:
            raise UsageError("This backup has no passwords: leave out --password-stdin.")
        return None
    if arguments.without_passwords:
        return None
    if arguments.password_stdin:
        return prompts.from_stdin(context.stdin)
    if context.person is not None:
        return prompts.ask(context.person, "Passphrase of the passwords in the backup")
    raise PasswordError(
        "This backup has key passwords under a passphrase: give it with --password-stdin, or skip them with "
        "--without-passwords."
    )


COMMANDS = {
    "backup": Command(
        _backup_arguments,
        _backup,
        "Save all records, including those in the trash, and their encrypted keys in one\n"
        "file with mode 0600. It is written completely or not at all, and never replaces a\n"
        "file. Key passwords stay in the keyring, unless --with-passwords adds them under a\n"
        "passphrase (scrypt and AES-256-GCM). The account's API key is never included.\n"
        'With --json: {"path", "records", "passwords", "missing"}; missing lists the key\n'
        "passwords that are not included. If --with-passwords leaves any missing, the file\n"
        "is written and the exit status is 5.",
        "examples:\n"
        "  csr-tui backup /media/stick/csr-tui.db --with-passwords\n"
        "  pass show backups | csr-tui backup b.db --with-passwords --password-stdin",
    ),
    "restore-backup": Command(
        _restore_arguments,
        _restore,
        "Replace the records here with a backup, and store its passwords in the keyring.\n"
        "The previous records stay in a file beside the store. A backup that is damaged,\n"
        "newer than this csr-tui, or modified by another program is rejected before any\n"
        "change, and no password in the keyring is replaced with a different one.\n"
        'With --json: {"records", "passwords", "aside"}; aside is the file with the previous\n'
        "records, or null.",
        "examples:\n  csr-tui restore-backup /media/stick/csr-tui.db",
    ),
}
