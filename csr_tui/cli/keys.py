"""The commands about keys and their passwords: generate, password, protect."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.cli import document, output, prompts, record_text
from csr_tui.cli.command import Command, Parser, Reply, add_id, path_text
from csr_tui.cli.context import Context, find
from csr_tui.core.challenge import IN_CLEAR
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import PasswordError, StateError, UsageError
from csr_tui.files import read_file
from csr_tui.lifecycle import existing_key, generate, passwords, recovery

if TYPE_CHECKING:
    from csr_tui.lifecycle.tokens import NewKey
    from csr_tui.storage import RecordStore


def _generate_arguments(parser: Parser) -> None:
    add_id(parser)
    prompts.add_choice(parser)
    prompts.add_protection(parser)
    parser.add_argument("--key-file", metavar="FILE", type=path_text, help="use an existing key: PEM, DER or PKCS#12")
    parser.add_argument(
        "--token",
        metavar="URI",
        type=path_text,
        help="use a key on a token (PKCS #11 URI), or generate one on it; --password-stdin then reads the PIN",
    )
    parser.add_argument(
        "--attestation",
        metavar="FILE",
        type=path_text,
        help="with --token: the certificates that attest the key; exported beside the CSR",
    )
    parser.add_argument(
        "--key-password-stdin",
        action="store_true",
        help="read the password of the existing key from the first line of standard input",
    )
    challenge = parser.add_mutually_exclusive_group()
    challenge.add_argument(
        "--challenge", action="store_true", help="ask for the challenge password that your CA requires in the CSR"
    )
    challenge.add_argument(
        "--challenge-stdin",
        action="store_true",
        help="read the challenge password from the line of standard input that follows the other passwords",
    )
    parser.add_argument(
        "--shared-key", action="store_true", help="with --key-file or --token: accept a key that another record has"
    )


def _generate(arguments: Namespace, context: Context) -> Reply:
    protection = arguments.protection
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id, State.DRAFT)
        record, source = _opened(arguments, context, store, record)
        opened = source if isinstance(source, existing_key.ExistingKey) else None
        custody = record.custody.choose(password=arguments.choice, protection=protection)
        same = opened.password if opened is not None else None
        typed = None
        if custody is Custody.TOKEN:
            pass
        elif arguments.choice == "typed":
            typed = prompts.from_stdin(context.stdin, otherwise=same)
        elif protection == "prompt" and context.person is not None and same is None:
            typed = prompts.ask_new(context.person)
        challenge = _challenge(arguments, context)
        with prompts.suggest_without_keyring(f"generate {record.id}"):
            done = generate.generate(
                store,
                context.vault,
                record,
                custody,
                password=None if typed is same else typed,
                weak_ok=arguments.weak_password,
                existing=opened,
                new_key=None if isinstance(source, existing_key.ExistingKey) else source,
                challenge=challenge,
            )
    if challenge is not None:
        output.say(f"warning: {IN_CLEAR}")
    return Reply(lambda: document.record(done), generated_text(done))


def generated_text(done: Record) -> str:
    """What was generated, and the commands that lead on."""
    return (
        f"Generated {record_text.domain(done)} ({done.id}): {record_text.key(done)}, {escaped(done.custody_text)}.\n"
        f"CSR for your CA: csr-tui show {done.id} --csr\n"
        f"{'Key, CSR' if done.has_key else 'CSR'} and bundle as files: csr-tui export {done.id} --to DIR\n"
    )


def _challenge(arguments: Namespace, context: Context) -> Secret | None:
    if arguments.challenge_stdin:
        return prompts.from_stdin(context.stdin)
    if not arguments.challenge:
        return None
    if context.person is None:
        raise PasswordError("Give the challenge password with --challenge-stdin: this is not a terminal.")
    return prompts.ask(context.person, "Challenge password")


def _opened(
    arguments: Namespace, context: Context, store: RecordStore, record: Record
) -> tuple[Record, existing_key.ExistingKey | NewKey | None]:
    """The draft, with the key type of the key it uses, and that key: in a file, on a token, or new on a token."""
    generate.check_free(record)
    if arguments.token is not None or (record.token is not None and arguments.key_file is None):
        from csr_tui.cli import token

        return token.key_for(arguments, context, store, record)
    if arguments.attestation is not None:
        raise UsageError("--attestation belongs to a key on a token: add --token.")
    path = record.key_file if arguments.key_file is None else str(Path(arguments.key_file).absolute())
    if not path:
        generate.check(record)
        return record, _renewed(arguments, context, store, record)
    if record.lineage.same_key:
        raise StateError(f"This draft reuses the key of record {record.lineage.renews}: leave out --key-file.")
    own = _own(arguments, context, store, path)
    record = existing_key.with_key_type(record, own, path)
    generate.check(record)
    return record, own


def _own(arguments: Namespace, context: Context, store: RecordStore, path: str) -> existing_key.ExistingKey:
    """The key in a file of the person's; asks for its password where it has one."""
    data = read_file(Path(path))
    try:
        return existing_key.from_file(store, data, shared=arguments.shared_key, path=path)
    except PasswordError:
        password = _current(arguments, context, f"Password of {escaped(path)}")
        return existing_key.from_file(store, data, password, shared=arguments.shared_key, path=path)


def _renewed(
    arguments: Namespace, context: Context, store: RecordStore, record: Record
) -> existing_key.ExistingKey | None:
    """The key of the record that is renewed, where the draft is to use it; asks for its password where you hold it."""
    old = existing_key.source(store, record)
    if old is None:
        return None
    current = None
    if old.custody.held_by_person:
        current = _current(arguments, context, f"Password of the key of {record_text.domain(old)} ({old.id})")
    return existing_key.of_record(store, context.vault, old, current)


def _current(arguments: Namespace, context: Context, prompt: str) -> Secret | None:
    """The password of a key that is there already; None where nobody gives one."""
    if arguments.key_password_stdin or arguments.choice == "typed":
        return prompts.from_stdin(context.stdin)
    return prompts.ask(context.person, prompt) if context.person is not None else None


def _password_arguments(parser: Parser) -> None:
    add_id(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    for name, about in (
        ("show", "print the password from the keyring"),
        ("change", "encrypt the key under a new password"),
        ("forget", "remove the password from the keyring; you hold it, and enter it once to prove that"),
    ):
        what.add_argument(f"--{name}", dest="action", action="store_const", const=name, help=about)
    prompts.add_choice(parser, none=False)


def _password(arguments: Namespace, context: Context) -> Reply:
    if arguments.action == "show" and arguments.choice is not None:
        raise UsageError("--show takes no password. See csr-tui password --help.")
    if arguments.action == "forget" and arguments.choice == "random":
        raise UsageError("--forget needs the current password: give it with --password-stdin, or type it.")
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id, State.GENERATED, State.ISSUED)
        passwords.key_pem(store, record)
        match arguments.action:
            case "show":
                _say_who_shares(store, record)
                return _shown(record, passwords.show(store, context.vault, record))
            case "change":
                done = _change(arguments, context, store, record)
            case "forget":
                password = _proof(arguments, context)
                done = passwords.forget(store, context.vault, record, password=password)
    return Reply(
        lambda: document.record(done), f"The key of {record_text.domain(done)} is now {escaped(done.custody_text)}.\n"
    )


def _shown(record: Record, secret: Secret) -> Reply:
    """The one place where a password is printed, because that is what was asked for."""
    return Reply(lambda: {"id": record.id, "password": secret.reveal()}, f"{secret.reveal()}\n", exact=True)


def _say_who_shares(store: RecordStore, record: Record) -> None:
    """Warn that the password decrypts more keys than this one."""
    others = store.batch.shared_by(record.secret_ref) - 1 if record.secret_ref is not None else 0
    if others:
        what = "another key" if others == 1 else f"{others:,} other keys"
        output.say(
            f"This password also decrypts {what} from the same batch. Before you share it, give this key a password "
            f"of its own: csr-tui password {record.id} --change."
        )


def _change(arguments: Namespace, context: Context, store: RecordStore, record: Record) -> Record:
    held = record.custody.held_by_person
    if held and arguments.choice == "random":
        raise UsageError("You hold the password of this key yourself, so it cannot be random.")
    current = new = None
    if arguments.choice == "typed":
        current = prompts.from_stdin(context.stdin) if held else None
        new = prompts.from_stdin(context.stdin)
    elif arguments.choice is None and context.person is not None:
        current = prompts.ask(context.person, "Current key password") if held else None
        new = prompts.ask_new(context.person)
    return passwords.change(store, context.vault, record, new=new, current=current, weak_ok=arguments.weak_password)


def _proof(arguments: Namespace, context: Context) -> Secret:
    if arguments.choice == "typed":
        return prompts.from_stdin(context.stdin)
    if context.person is None:
        raise PasswordError(
            "Prove that you hold the password before the keyring forgets it: give it with --password-stdin."
        )
    return prompts.ask(context.person, "Key password, to prove that you hold it")


def _protect_arguments(parser: Parser) -> None:
    add_id(parser)
    prompts.add_protection(parser, required=True)
    prompts.add_current(parser, "read the key password from one line of standard input")
    prompts.add_weak(parser)


def _protect(arguments: Namespace, context: Context) -> Reply:
    protection = arguments.protection
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id)
        done = passwords.protect(
            store,
            context.vault,
            record,
            protection,
            password=_asked(arguments, context, passwords.asked(record, protection)),
            weak_ok=arguments.weak_password,
        )
    now = "is now" if done.has_key else "will be"
    return Reply(
        lambda: document.record(done), f"The key of {record_text.domain(done)} {now} {escaped(done.custody_text)}.\n"
    )


def _asked(arguments: Namespace, context: Context, asked: passwords.PasswordNeed) -> Secret | None:
    """The password that a change of protection needs; None where it needs none, or nobody can be asked."""
    if arguments.password_stdin:
        return prompts.from_stdin(context.stdin)
    if context.person is None:
        return None
    match asked:
        case passwords.PasswordNeed.NOTHING:
            return None
        case passwords.PasswordNeed.CURRENT:
            return prompts.ask(context.person, "Key password")
        case passwords.PasswordNeed.NEW:
            return prompts.ask_new(context.person)


def recover(store: RecordStore, context: Context) -> None:
    """Clean up after interrupted actions, and report it."""
    for sentence in recovery.recover(store, context.vault):
        output.say(sentence)


COMMANDS = {
    "generate": Command(
        _generate_arguments,
        _generate,
        "Generate the key and the CSR of a draft on this machine; the request cannot change\n"
        "after that. By default the key has a random password, stored in the keyring, and\n"
        "nothing is asked; --protect prompt asks for a password at a terminal.\n\n"
        "--key-file uses an existing key, after checks of its strength, and the request\n"
        "takes its key type. That key, and the key of a renewal with --same-key, is\n"
        "encrypted again. If you hold its password, give it on the first line of standard\n"
        "input (--key-password-stdin or --password-stdin); with --password-stdin, an optional\n"
        "second line is the new password.\n\n"
        "--token uses a key on a token: object= or id= in its PKCS #11 URI (csr-tui token\n"
        "list) selects it, and the request takes its key type. Without them, the token\n"
        "generates a new key pair, labelled with the id of the record. The private key never\n"
        "leaves the token. csr-tui asks for the PIN, or reads it with --password-stdin, tries\n"
        "it once and never stores it. --attestation takes the vendor's attestation of the key\n"
        "(PEM or DER), which must be for the key of the CSR.",
        "examples:\n"
        "  csr-tui generate 4m7\n"
        "  csr-tui generate 4m7 --protect prompt\n"
        "  pass show web | csr-tui generate 4m7 --password-stdin\n"
        "  csr-tui generate 4m7 --no-password --protect unprotected\n"
        "  csr-tui generate 4m7 --key-file old.key\n"
        "  csr-tui generate 4m7 --token 'pkcs11:token=Office;object=web'",
    ),
    "password": Command(
        _password_arguments,
        _password,
        "Show, change or forget the password of a record's key. --change asks for the new\n"
        "password at a terminal; without a terminal and without a flag, it is random. If\n"
        "you hold the password yourself, give the current one on the first line of standard\n"
        "input and the new one on the second.\n"
        'With --json, --show prints {"id", "password"}, the others print the record.',
        "examples:\n"
        "  csr-tui password 4m7 --show\n"
        "  csr-tui password 4m7 --change --random-password\n"
        "  csr-tui password 4m7 --forget",
    ),
    "protect": Command(
        _protect_arguments,
        _protect,
        "Change who holds the password of a record's key. If you hold it, before or after,\n"
        "enter it. With --json: the record.",
        "examples:\n  csr-tui protect 4m7 --protect prompt\n  csr-tui protect 4m7 --protect unprotected",
    ),
}
