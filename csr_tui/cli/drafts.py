"""The commands that make and change drafts: new, edit, copy."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from csr_tui import profiles
from csr_tui.cli import advice, document, fields, output, record_text, several
from csr_tui.cli.command import Command, Parser, Reply, add_id, path_text
from csr_tui.cli.context import Context, Prompter, find
from csr_tui.core import values
from csr_tui.core.fields import field_label
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.text import escaped
from csr_tui.core.values import Values
from csr_tui.errors import FileError, Hint, NotFoundError, StateError, UsageError
from csr_tui.files import is_out_of_sight, is_there, read_file
from csr_tui.lifecycle import drafts
from csr_tui.storage import RecordStore


def _new_arguments(parser: Parser) -> None:
    fields.add_arguments(parser)
    parser.add_argument(
        "--profile", metavar="NAME", help="start with the values of this profile; '' for none, not even the default"
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE|ID",
        type=path_text,
        help="start with the request in a CSR file, a TOML file (show --toml) or another record",
    )
    parser.add_argument(
        "--ask", action="store_true", help="ask one question per line, for screen readers and plain terminals"
    )


def _new(arguments: Namespace, context: Context) -> Reply:
    if arguments.ask and context.person is None:
        raise UsageError(
            "--ask needs a terminal, and cannot be combined with --json. Leave it out, and give the fields as flags."
        )
    named = fields.given(arguments)
    usual = _usual(context.paths.profiles, arguments)
    changes = {**usual, **named}
    with context.store() as store:
        base, hints = (Record(new_id()), ()) if arguments.source is None else _source(store, arguments.source, changes)
        draft, notes = values.with_values(base, changes)
        notes = (*hints, *notes)
        found = fields.refuse(draft, named)
        if arguments.ask and context.person is not None:
            is_given = bool(named or arguments.source or draft.subject.domain)
            return _asked(context, store, context.person, store.add(draft) if is_given else draft)
        kept = store.add(draft)
    fields.say_findings(kept, (*found, *notes))
    return Reply(lambda: document.record(kept, notes), f"{kept.id}\n")


def _asked(context: Context, store: RecordStore, person: Prompter, draft: Record) -> Reply:
    """The record after its questions; without an id where none was answered."""
    from csr_tui.cli.ask import export_files, request
    from csr_tui.cli.ask.dialogue import KEYS, Dialogue

    output.say(KEYS)
    dialogue = Dialogue(person)
    record = request.ask(context, store, dialogue, draft)
    if record.state is not State.DRAFT:
        export_files.offer(context, store, dialogue, record)
    return Reply(lambda: document.record(record), f"{record.id}\n" if record.revision else "")


def _usual(path: Path, arguments: Namespace) -> Values:
    """The values of the profile that was named; of the default one where neither a profile nor a source was."""
    name = arguments.profile
    if name is None and arguments.source is None:
        try:
            name = profiles.default(path)
        except FileError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            output.say(f"{advice.sentence(error)} The draft starts without a profile.")
    return profiles.read(path, name) if name else {}


def _source(store: RecordStore, text: str, changes: Values) -> tuple[Record, tuple[Finding, ...]]:
    """A draft with the request in a file, or else of a record, and the findings of reading it."""
    if is_there(Path(text)) or is_out_of_sight(Path(text)):
        data = read_file(Path(text))
        try:
            return _from_file(data, changes)
        except InvalidError as error:
            if _is_table(data):
                raise InvalidError(f"{escaped(text)} is a table of requests.", hint=Hint.APPLY) from None
            raise error.reworded(f"{escaped(text)}: {error}") from None
    try:
        return drafts.duplicate(find(store, text)), ()
    except NotFoundError as error:
        raise error.reworded(f"No file is named {escaped(text[:80])!r}. {error}") from None


def _from_file(data: bytes, changes: Values) -> tuple[Record, tuple[Finding, ...]]:
    from csr_tui.core import csr, request_file

    if request_file.is_one(data):
        return request_file.load(data, Record(new_id()))
    request, usage = csr.read(data), str(changes.get("usage", ""))
    return csr.to_draft(request, new_id(), usage), csr.findings(request, usage)


def _is_table(data: bytes) -> bool:
    """Whether this is a table, or TOML with more than one request."""
    from csr_tui.core import request_file, table_file

    try:
        return len(table_file.read(data).lines) > request_file.is_one(data)
    except InvalidError:
        return False


def _edit_arguments(parser: Parser) -> None:
    add_id(parser)
    fields.add_arguments(parser)


def _edit(arguments: Namespace, context: Context) -> Reply:
    named = fields.given(arguments)
    if not named:
        raise UsageError('Name a field to change, as in --organization "Example Ltd". See csr-tui edit --help.')
    with context.store() as store:
        record = find(store, arguments.id, *(() if set(named) <= set(fields.NOTES) else (State.DRAFT,)))
        if record.state is not State.DRAFT and (frozen := [field for field in named if field not in fields.NOTES]):
            raise StateError(
                f"The request is generated, so its {field_label(frozen[0])} cannot change; remark and tags can. "
                f"To change it, edit a copy: csr-tui copy {record.id}."
            )
        edited, notes = values.with_values(record, named)
        found = fields.refuse(edited, named)
        kept = store.save(edited)
    fields.say_findings(kept, (*found, *notes))
    return Reply(lambda: document.record(kept, notes), f"Saved {kept.id} (revision {kept.revision}).\n")


def _copy(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        kept = drafts.copy(store, find(store, arguments.id))
    return Reply(lambda: document.record(kept), f"{kept.id}\n")


def _renew_arguments(parser: Parser) -> None:
    several.add_ids(parser)
    parser.add_argument("--same-key", action="store_true", help="reuse the key of the record (default: a new key)")


def _renew(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:

        def renew(record: Record) -> Reply:
            kept = drafts.renew(store, record, same_key=arguments.same_key)
            first = drafts.first_with_key(store, kept)
            for sentence in record_text.renewing(record, kept, first, datetime.now(UTC)):
                output.say(sentence)
            return Reply(lambda: document.record(kept), f"{kept.id}\n")

        records = several.find_all(arguments.ids, lambda text: find(store, text, State.GENERATED, State.ISSUED))
        return several.each(records, renew, json=arguments.json)


COMMANDS = {
    "new": Command(
        _new_arguments,
        _new,
        "Create a draft and print its id. Missing fields can be added later; errors in the\n"
        "given fields are rejected. Flags override the profile, which overrides --from.\n"
        "Without --profile and --from, the draft starts with the default profile, if any.",
        "examples:\n"
        '  csr-tui new --domain www.example.com --organization "Example Ltd" \\\n'
        "              --city Shenzhen --country CN\n"
        "  csr-tui new --domain '*.example.com' --san example.com --algorithm ECC\n"
        "  csr-tui new --purpose private --domain db1.local --san 10.0.0.5 --tag env=lab\n"
        "  csr-tui new --from old.csr --profile acme\n"
        "  csr-tui new --from request.toml --domain www2.example.com\n"
        "  csr-tui new --ask",
    ),
    "edit": Command(
        _edit_arguments,
        _edit,
        "Change fields of a draft. In a generated record, only --remark and --tag can\nchange.",
        "examples:\n"
        "  csr-tui edit 4m7 --city Shenzhen --province Guangdong\n"
        "  csr-tui edit 4m7 --san www.example.com --san example.com\n"
        "  csr-tui edit 4m7 --remark 'ticket 4711' --tag team=web",
    ),
    "copy": Command(
        add_id,
        _copy,
        "Create a new draft with the same request as a record, and print its id. The key\nis not copied.",
        "example:\n  csr-tui copy 4m7",
    ),
    "renew": Command(
        _renew_arguments,
        _renew,
        "Create a new draft with the same request as a generated record, whatever its CA\n"
        "issued, and print the id of the draft. Generating the draft generates a new key;\n"
        "with --same-key it reuses the existing key, whose age is reported.\n"
        "csr-tui show reports the renewal on both records. With --json: the draft.\n"
        f"{several.HELP}",
        "examples:\n  csr-tui renew www.example.com\n  csr-tui renew 4m7 9k2 c0d --same-key",
    ),
}
