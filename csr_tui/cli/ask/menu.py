"""The menu of the line mode, where the desk cannot be shown or would not be read aloud."""

from __future__ import annotations

from collections.abc import Callable
from signal import SIGHUP

from csr_tui.cli import advice, command, output, record_text
from csr_tui.cli.ask.dialogue import Dialogue, GoBack, InputEnded, Stop
from csr_tui.cli.commands import GROUPS
from csr_tui.cli.context import Context, Prompter, find
from csr_tui.cli.exits import Interrupted
from csr_tui.core.findings import InvalidError
from csr_tui.core.questions import Option
from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError, Hint, StateError
from csr_tui.files import is_there
from csr_tui.paths import absolute
from csr_tui.storage import Query, RecordStore

WELCOME = "csr-tui asks one question per line here. Enter a number or a name; ? explains, a dot quits."
ABOUT = "Enter the number of a command, or the beginning of its name. Every command also works from a shell."
RECORD = "Enter a number of the list, an id or the beginning of one, or a domain."
FILES = "A certificate or a chain from your CA: PEM, DER, PKCS#7, or a zip. The record is found by its key."
CA = "The CA that signs the request; it gets the CSR and the names in it."
PROOF = "The CA checks a proof that you control the names. The next output lists the records or files to publish."
PROOFS = (
    Option("dns", "A TXT record in DNS"),
    Option("file", "A file on the web server"),
    Option("webroot", "A file that csr-tui writes into a folder of the web server"),
)
QUIT = "quit"

MOST = 20
"""Records that a question lists, the newest change first; others are found by id or domain."""

LISTED = 100
"""Records that `list` prints here."""


def run(context: Context, person: Prompter) -> int:
    """Ask for a command and run it, until the person quits; the exit status."""
    dialogue = Dialogue(person)
    about = {name: summary for group in GROUPS.values() for name, (_, summary) in group.items()}
    titles = {name: about[name] if about[name].startswith(name) else f"{name}: {about[name]}" for name in COMMANDS}
    options = [*(Option(name, title) for name, title in titles.items()), Option(QUIT, QUIT)]
    output.say(WELCOME)
    listed = True
    while True:
        try:
            name = dialogue.choose("Command", options, about=ABOUT, listed=listed)
            listed = False
            if name == QUIT:
                return 0
        except GoBack:
            output.say("This is the menu; quit leaves it.")
            continue
        except Stop:
            return 0
        except InputEnded:
            return _ended(person)
        try:
            COMMANDS[name](context, dialogue)
        except (GoBack, Stop):
            continue
        except InputEnded:
            return _ended(person)
        except CsrTuiError as error:
            output.say(f"error: {advice.sentence(error)}")
            if isinstance(error, InvalidError):
                output.say_findings(error.findings[1:])


def _ended(person: Prompter) -> int:
    output.say("")
    if person.gone():
        raise Interrupted(SIGHUP)
    return 0


def _new(context: Context, _: Dialogue) -> None:
    command.run("new", ["--ask"], context)


def _list(context: Context, _: Dialogue) -> None:
    _print("list", ["--plain", "--limit", str(LISTED)], context)


def _show(context: Context, dialogue: Dialogue) -> None:
    with context.store() as store:
        record = _pick(store, dialogue, *State)
    _print("show", [record.id], context)


def _generate(context: Context, dialogue: Dialogue) -> None:
    from csr_tui.cli.ask import export_files, request

    with context.store() as store:
        record = request.ask(context, store, dialogue, _pick(store, dialogue, State.DRAFT), review=True)
        if record.state is not State.DRAFT:
            export_files.offer(context, store, dialogue, record)


def _export(context: Context, dialogue: Dialogue) -> None:
    from csr_tui.cli.ask import export_files

    with context.store() as store:
        record = _pick(store, dialogue, State.GENERATED, State.ISSUED)
        export_files.export_record(context, store, dialogue, record)


def _obtain(context: Context, dialogue: Dialogue) -> None:
    with context.store() as store:
        record = _pick(store, dialogue, State.GENERATED)
        words = [record.id]
        if record.order is None or not record.order.is_open:
            words += _ca(store, dialogue, record)
    _print("obtain", words, context)


def _ca(store: RecordStore, dialogue: Dialogue, record: Record) -> list[str]:
    """Which CA a request goes to and, where that looks at proofs, how the names are proven."""
    known = store.cas.all()
    if not known:
        raise StateError("No CA is configured yet.", hint=Hint.ADD_CA)
    options = [Option(one, f"{one.name}, {one.directory or 'a command'}") for one in known]
    usual = next((one for one in known if one.name == record.ca), known[0])
    ca = dialogue.choose("CA", options, usual, about=CA)
    if ca.directory is None:
        return ["--ca", ca.name]
    proof = dialogue.choose("Proof", PROOFS, "dns", about=PROOF)
    words = ["--ca", ca.name, "--proof", proof]
    while proof == "webroot":
        if folder := dialogue.text("Folder of the web server", about=PROOF):
            return [*words, "--webroot", folder]
        output.say("error: Type the folder that the web server of these names serves.")
    return words


def _attach(context: Context, dialogue: Dialogue) -> None:
    files: list[str] = []
    while answer := dialogue.text("One more file, or Enter to go on" if files else "Certificate file", about=FILES):
        path = absolute(answer)
        if is_there(path):
            files.append(str(path))
        else:
            output.say("error: No such file. Type its path again.")
    if files:
        _print("attach", files, context)


COMMANDS: dict[str, Callable[[Context, Dialogue], None]] = {
    "new": _new,
    "list": _list,
    "show": _show,
    "generate": _generate,
    "export": _export,
    "attach": _attach,
    "obtain": _obtain,
}


def _print(name: str, words: list[str], context: Context) -> None:
    output.write(output.harmless(command.run(name, words, context).text))


def _pick(store: RecordStore, dialogue: Dialogue, *fitting: State) -> Record:
    """The record that the person means, of those in a fitting state."""
    states = [None] if set(fitting) == set(State) else list(fitting)
    found = [record for state in states for record in store.page(Query(state=state), limit=MOST)]
    if not found:
        wanted = "records" if states == [None] else " or ".join(f"{state} records" for state in fitting)
        raise StateError(f"There are no {wanted} yet.")
    options = [Option(one, f"{record_text.domain(one)}, {one.state}, id {one.id}") for one in found[:MOST]]
    return dialogue.choose("Record", options, about=RECORD, find=lambda text: find(store, text, *fitting))
