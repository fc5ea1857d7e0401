"""The command about named values for new requests: profiles."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from csr_tui import profiles
from csr_tui.cli import advice, fields, output
from csr_tui.cli.command import Command, Parser, Reply
from csr_tui.cli.context import Context, find
from csr_tui.cli.document import Json
from csr_tui.core import toml, values
from csr_tui.core.findings import Level
from csr_tui.core.record import Record
from csr_tui.core.text import escaped, trim
from csr_tui.core.values import Values
from csr_tui.errors import FileError, StateError, UsageError


def _arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="the profile (default: list all)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--from", dest="source", metavar="ID", help="save the subject and key settings of this record")
    what.add_argument("--delete", action="store_true", help="delete the profile")
    what.add_argument(
        "--default", action="store_true", help="start new requests with it unless --profile names another"
    )
    what.add_argument("--no-default", action="store_true", help="start new requests without a profile")
    parser.add_argument("--replace", action="store_true", help="with --from: replace an existing profile")
    fields.add_arguments(parser)


def _profiles(arguments: Namespace, context: Context) -> Reply:
    path, name, named = context.paths.profiles, arguments.name, fields.given(arguments)
    if arguments.no_default and (name is not None or named):
        raise UsageError("--no-default takes no other arguments: csr-tui profiles --no-default.")
    if not arguments.default and not arguments.no_default:
        profiles.default(path)  # one that names nothing is said before anything is changed
    if arguments.no_default:
        profiles.set_default(path, None)
    if name is None:
        if arguments.source or arguments.delete or arguments.default or named:
            raise UsageError("Name the profile, as in csr-tui profiles web --country CN.")
        return _all(path)
    if named and (arguments.delete or arguments.default):
        raise UsageError("Set values in a separate call, without --delete or --default.")
    if arguments.delete:
        profiles.delete(path, name)
        return Reply(lambda: {"name": name, "deleted": True}, f"Deleted the profile {escaped(name)}.\n")
    if arguments.default:
        profiles.set_default(path, name)
    elif arguments.source is not None:
        _save(path, name, {**_of_record(context, arguments), **named}, replace=arguments.replace)
    elif named:
        _save(path, name, named)
    return _profile(path, name)


def _of_record(context: Context, arguments: Namespace) -> Values:
    with context.store() as store:
        return profiles.of_record(find(store, arguments.source))


def _save(path: Path, name: str, named: Values, *, replace: bool | None = None) -> None:
    """Keep values that the rules take; `replace` says whether others that are there have to go, None that they stay."""
    stored = profiles.read(path, name) if name in profiles.names(path) else None
    if stored is not None and replace is False:
        raise StateError(f"The profile {escaped(name)} exists. Add --replace to replace it.")
    trimmed = {
        field: trim(value) if isinstance(value, str) else tuple(filter(trim, value)) for field, value in named.items()
    }
    before = stored if stored is not None and replace is None else {}
    record, _ = values.with_values(Record(""), {**before, **trimmed})
    found = fields.refuse(record, trimmed)
    output.say_findings(
        one for one in found if one.field in trimmed and one.level is Level.HINT and one.fix is not None
    )
    profiles.save(path, name, trimmed, instead=replace)


def _all(path: Path) -> Reply:
    known = profiles.names(path)
    default = profiles.default(path)
    text = "".join(f"{line}\n" for line in _lines(path, known, default))
    return Reply(lambda: {"profiles": [_document(path, name, default) for name in known], "default": default}, text)


def _lines(path: Path, known: tuple[str, ...], default: str | None) -> Iterator[str]:
    if not known:
        yield "No profiles yet. csr-tui profiles NAME --from ID saves one."
    width = max((len(escaped(name)) for name in known), default=0)
    for name in known:
        try:
            shown = ", ".join(escaped(_text(value)) for value in profiles.read(path, name).values())
        except FileError as error:
            shown = advice.sentence(error)
        yield f"{escaped(name):<{width}}  {'(default) ' if name == default else ''}{shown}"


def _profile(path: Path, name: str) -> Reply:
    default = profiles.default(path)
    profile = profiles.read(path, name)
    lines = [f"[{toml.name(name)}]{'  # the default' if name == default else ''}\n"]
    lines += [toml.assignment(field, profiles.plain(field, value)) for field, value in profile.items()]
    return Reply(lambda: _document(path, name, default), "".join(lines))


def _document(path: Path, name: str, default: str | None) -> Json:
    profile = profiles.read(path, name)
    shown = {field: profiles.plain(field, value) for field, value in profile.items()}
    return {"name": name, "default": name == default, "values": shown}


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " ".join(value)


COMMANDS = {
    "profiles": Command(
        _arguments,
        _profiles,
        "List, show, create, change or delete profiles: named default values for new\n"
        "requests. Fields create or change a profile; an empty text removes a value.\n"
        "Profiles are in profiles.toml, which you can also edit: comments stay.\n"
        'With --json: {"profiles": [...], "default": name or null}; of one {"name",\n'
        '"default": true or false, "values"}; after --delete {"name", "deleted": true}.',
        "examples:\n"
        "  csr-tui profiles acme --from 4m7\n"
        "  csr-tui profiles acme --department '' --algorithm ECC\n"
        "  csr-tui profiles acme --default\n"
        "  csr-tui new --profile acme --domain www.example.com",
    )
}
