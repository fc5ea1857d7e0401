"""The command about tokens: token list."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from csr_tui.cli import output, prompts
from csr_tui.cli.command import Command, Parser, Reply
from csr_tui.cli.context import Context
from csr_tui.cli.document import Json
from csr_tui.core import token_uri
from csr_tui.core.custody import Custody
from csr_tui.core.keys import identity
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import Hint, StateError, TokenError, UsageError
from csr_tui.files import read_file
from csr_tui.lifecycle import existing_key, generate
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.lifecycle.tokens import NewKey, check_unlocked, existing, new_key, open_tokens
from csr_tui.storage import RecordStore
from csr_tui.token import Key, Token, TokenList, Tokens

WAITING = "Waiting for a PKCS #11 module; Ctrl+C stops."


def _token_arguments(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", choices=("list",), default="list", help="list modules, tokens and keys")


def _token(arguments: Namespace, context: Context) -> Reply:
    del arguments
    tokens = opened(context)
    found = tokens.list()
    for problem in found.problems:
        output.say(problem)
    status = 5 if found.problems and not found.tokens else 0
    return Reply(lambda: _document(tokens, found), "".join(_lines(tokens, found)), status)


def opened(context: Context) -> Tokens:
    return open_tokens(context.paths, lambda: output.say(WAITING))


def pin(holder: Token, context: Context, *, from_stdin: bool) -> Secret | None:
    """The PIN of a token, asked for once; None where it needs none, or has it entered on the device."""
    check_unlocked(holder)
    if holder.pin_pad:
        output.say(f"Enter the PIN on the device ({holder.uri.place}).")
    if not holder.needs_pin:
        return None
    if holder.pin.sentence:
        output.say(f"{holder.uri.title}: {holder.pin.sentence}")
    if from_stdin:
        return prompts.from_stdin(context.stdin)
    if context.person is None:
        raise TokenError(f"The {holder.uri.place} needs its PIN.", hint=Hint.TOKEN_PIN)
    return prompts.ask(context.person, f"PIN of {holder.uri.place}")


def key_for(
    arguments: Namespace, context: Context, store: RecordStore, record: Record
) -> tuple[Record, ExistingKey | NewKey]:
    """The key on a token that the URI names, or a new one there; and the draft, which asks for its kind."""
    from csr_tui.core import certificate

    if arguments.key_file is not None:
        raise UsageError("Use either --key-file or --token: they are two keys.")
    if arguments.protection is not None or arguments.choice in {"random", "none"} or arguments.key_password_stdin:
        raise UsageError("A key on a token has no password here: give its PIN with --password-stdin, or type it.")
    if record.lineage.same_key and arguments.token is not None:
        raise StateError(f"This draft reuses the key of record {record.lineage.renews}: leave out --token.")
    uri = record.token if arguments.token is None else token_uri.parse(arguments.token)
    new = uri is None or not uri.names_key
    if new and arguments.attestation is not None:
        raise UsageError("Only a key that is on the token already has an attestation: name it with object= or id=.")
    record = replace(record, token=uri)  # the draft may have one that is still to be chosen
    attestation = None if arguments.attestation is None else read_file(Path(arguments.attestation))
    if new:
        generate.check(record)
    tokens = opened(context)
    holder = tokens.find(uri or TokenUri())
    entered = pin(holder, context, from_stdin=arguments.choice == "typed")
    if uri is None or not uri.names_key:
        record = replace(record, token=holder.uri, custody=Custody.TOKEN)
        return record, new_key(tokens, holder, record, entered)
    shared = arguments.shared_key or record.lineage.same_key
    own = existing(store, tokens, holder, uri, entered, shared=shared)
    record = existing_key.with_key_type(record, own)
    if attestation is not None:
        record = replace(record, attestation=certificate.attestation_of(attestation, identity.fingerprint(own.key)))
    generate.check(record)
    return record, own


def _document(tokens: Tokens, found: TokenList) -> Json:
    return {
        "modules": [{"name": module.name, "path": str(module.path)} for module in tokens.modules],
        "tokens": [
            {
                "uri": str(token.uri),
                "label": token.uri.token,
                "serial": token.uri.serial,
                "module": str(token.module.path),
                "pin": token.pin.word,
                "pin_pad": token.pin_pad,
                "keys": [_key(key) for key in token.keys],
            }
            for token in found.tokens
        ],
        "problems": list(found.problems),
    }


def _key(key: Key) -> dict[str, Json]:
    spec = key.spec
    return {
        "uri": str(key.uri),
        "label": key.uri.object or "",
        "algorithm": None if spec is None else spec.algorithm,
        "key_parameter": None if spec is None else spec.parameter,
    }


def _lines(tokens: Tokens, found: TokenList) -> list[str]:
    if not found.tokens:
        modules = ", ".join(module.name for module in tokens.modules) or "none"
        return [f"No tokens. Modules: {modules}.\n"]
    lines = []
    for token in found.tokens:
        lines.append(
            f"{token.uri.token or '(no label)'} (serial {token.uri.serial or 'none'}, module {token.module.name})\n"
        )
        lines += [f"  {token.pin.sentence}\n"] if token.pin.sentence else []
        lines.append(f"  {token.uri}\n")
        lines += [_line(key) for key in token.keys] or ["  No keys are visible without the PIN.\n"]
    return lines


def _line(key: Key) -> str:
    kind = "unsupported kind" if (spec := key.spec) is None else label_of(spec)
    return f"  {key.uri.object or '(no label)'}: {kind}\n    {key.uri}\n"


COMMANDS = {
    "token": Command(
        _token_arguments,
        _token,
        "List the tokens of this machine (smart cards, HSMs, TPMs with a PKCS #11 module) and\n"
        "the keys on them that can be seen without a PIN, each with its URI (RFC 7512). The\n"
        "modules are those that p11-kit knows, or those that the settings name:\n"
        'config.toml has [token] and module = "/path/to/module.so".\n\n'
        'With --json: {"modules", "tokens", "problems"}.',
        "example:\n  csr-tui token list",
    )
}
