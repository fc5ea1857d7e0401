"""The commands that talk to Tencent Cloud: submit, reconcile, detach."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from csr_tui.cli import advice, document, output, prompts, record_text, several
from csr_tui.cli.command import Command, Parser, Reply, add_id
from csr_tui.cli.context import Context, find
from csr_tui.cli.exits import STATUS
from csr_tui.cli.keys import recover
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, Fact, StateError, UsageError
from csr_tui.lifecycle.obtain import command
from csr_tui.lifecycle.tencent import account, submit, submit_many
from csr_tui.lifecycle.tencent.disclosure import disclosure
from csr_tui.lifecycle.tencent.reconcile import reconcile
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.storage import RecordStore
from csr_tui.tencent.client import Client


def _submit_arguments(parser: Parser) -> None:
    several.add_ids(parser)
    prompts.add_choice(parser)
    prompts.add_protection(parser)
    parser.add_argument(
        "--draft-only", action="store_true", help="create or update a draft there, to be finalised later"
    )
    parser.add_argument(
        "--send-again",
        action="store_true",
        help="send again a submission that reconcile has not found long after it was sent",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _submit(arguments: Namespace, context: Context) -> Reply:
    if arguments.draft_only and (arguments.choice is not None or arguments.protection is not None):
        raise UsageError("A draft at Tencent Cloud has no password: leave out --draft-only or the password.")
    with context.store() as store:
        recover(store, context)
        records = several.find_all(arguments.ids, lambda text: find(store, text, State.DRAFT))
        options = {record.id: _options(arguments, record) for record in records}
        if len(records) == 1:
            submit.check(records[0])
        client = account.client(context.vault, context.environ)
        _confirm(arguments, context, records, options, client)
        typed = prompts.new_password(arguments, context)

        def submit_one(record: Record) -> Record:
            with_password = replace(options[record.id], password=typed, weak_ok=arguments.weak_password)
            with prompts.suggest_without_keyring(f"submit {record.id}"):
                return submit.submit(store, context.vault, client, record, with_password)

        if len(records) == 1:
            done = submit_one(records[0])
            return Reply(lambda: document.record(done), _outcome(done))
        return _several(store, records, submit_many.submit_all(records, submit_one, ended=_Progress(len(records))))


def _options(arguments: Namespace, record: Record) -> SubmitOptions:
    custody = record.custody.choose(password=arguments.choice, protection=arguments.protection)
    return SubmitOptions(custody, draft_only=arguments.draft_only, send_again=arguments.send_again)


def _confirm(
    arguments: Namespace, context: Context, records: Sequence[Record], options: dict[str, SubmitOptions], client: Client
) -> None:
    """List the data that leaves this machine and that stays there, before sending; ask at a terminal."""
    first = disclosure(records[0], options[records[0].id], client.endpoint.place)
    output.say(f"To {client.endpoint.place} ({client.endpoint.label.removeprefix('SANDBOX ')}):")
    if len(records) == 1:
        width = max(len(name) for name, _ in first.sent)
        for name, value in first.sent:
            output.say(f"  {name:<{width}}  {value}")
    else:
        output.say(
            f"  {len(records)} requests: {', '.join(record_text.domain(record) for record in records[:5])}"
            f"{' and more' if len(records) > 5 else ''}"
        )
    for sentence in first.sentences:
        output.say(f"  {sentence}")
    if context.person is None or arguments.yes:
        return
    if not prompts.confirmed(context.person, "Submit?"):
        raise StateError("Nothing was sent.")


class _Progress:
    """A line on standard error for each record that has come to its end."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._ended = 0

    def __call__(self, ended: submit_many.SubmitResult) -> None:
        self._ended += 1
        done = "not started" if ended.after is None else _short(ended.after)
        what = done if ended.error is None else advice.sentence(ended.error)
        output.say(f"{self._ended:>{len(str(self._total))}}/{self._total}  {record_text.domain(ended.before)}: {what}")


def _several(store: RecordStore, records: Sequence[Record], ended: Sequence[submit_many.SubmitResult]) -> Reply:
    failed = [(one.before.id, one.error) for one in ended if one.error is not None]
    now = [store.get(record.id) for record in records]
    good = len(ended) - len(failed)
    text = f"{good} of {len(ended)} submitted.\n"
    status = several.first_of({STATUS[error.kind] for _, error in failed})
    return Reply(lambda: several.results([*map(document.record, now)], failed), text, status)


def _short(record: Record) -> str:
    sent = record.submission
    there = f"CSR {sent.csr_id}" if sent is not None else ""
    if not record.csr:
        return f"draft at {record.place}, {there}"
    return f"generated at {record.place}, {there}{'' if record.has_key else ', key not here'}"


def _outcome(record: Record) -> str:
    """The outcome: asked and got where they differ, and what to do next."""
    sent = record.submission
    csr_id = sent.csr_id if sent is not None else None
    if record.csr is None:
        return (
            f"Created draft {csr_id} at {record.place} for {record_text.domain(record)} ({record.id}).\n"
            f"Finalise it: csr-tui submit {record.id}. Detach it: csr-tui detach {record.id}.\n"
        )
    lines = [f"Generated at {record.place} as CSR {csr_id}: {record_text.domain(record)} ({record.id})."]
    lines += list(record_text.differences(record))
    lines.append(f"CSR for your CA: csr-tui show {record.id} --csr")
    lines.append(
        f"Key, CSR and bundle as files: csr-tui export {record.id} --to DIR"
        if record.has_key
        else f"The private key stayed at {record.place}, so this record cannot be exported."
    )
    return "\n".join(lines) + "\n"


def _reconcile(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        recover(store, context)
        settled = [*command.reconcile(store, datetime.now(UTC)), *_orders(store, context)]
        if store.journal.unsettled():
            client = account.client(context.vault, context.environ)
            sent = reconcile(store, context.vault, client, ask=lambda record: _ask_password(context, record))
            settled += [(one.record, one.outcome) for one in sent]
        failed = [(record.id, outcome) for record, outcome in settled if isinstance(outcome, CsrTuiError)]
        now = [store.get(record.id) for record, _ in settled]
    for _, error in failed if arguments.json else ():
        output.say(advice.sentence(error))
    elsewhere = all(isinstance(error, StateError) for _, error in failed)
    status = 0 if not failed else STATUS["state"] if elsewhere else STATUS["unknown"]
    return Reply(
        lambda: several.results([*map(document.record, now)], failed),
        "".join(f"{advice.sentence(outcome)}\n" for _, outcome in settled) or "All outcomes are known.\n",
        status,
    )


def _orders(store: RecordStore, context: Context) -> Sequence[tuple[Record, Fact | CsrTuiError]]:
    """Those at ACME directories, whose library is loaded only where there are some."""
    if not any(order.directory is not None and order.may_have_issued for order in store.orders.open()):
        return ()
    from csr_tui.lifecycle.obtain import accounts, settling

    return settling.reconcile(
        store,
        lambda ca: accounts.client(
            store, context.vault, ca, context.environ, ask=lambda: prompts.ask_account(context.person, ca.name)
        ),
    )


def _ask_password(context: Context, record: Record) -> Secret | None:
    if context.person is None:
        return None
    return prompts.ask(context.person, f"Key password of {record_text.domain(record)}")


def _detach_arguments(parser: Parser) -> None:
    add_id(parser)
    parser.add_argument("--delete", action="store_true", help="also delete the draft at Tencent Cloud")


def _detach(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        recover(store, context)
        record = find(store, arguments.id, State.DRAFT)
        client = account.client(context.vault, context.environ) if arguments.delete else None
        done = submit.detach(store, client, record)
    return Reply(
        lambda: document.record(done), f"Detached {record_text.domain(done)} ({done.id}) from Tencent Cloud.\n"
    )


COMMANDS = {
    "submit": Command(
        _submit_arguments,
        _submit,
        "Have Tencent Cloud generate the key and the CSR of drafts. csr-tui first lists the\n"
        "data that it will send, and what Tencent Cloud stores (the key, and its password in\n"
        "clear), and asks you to confirm at a terminal. A request that may have arrived is\n"
        "never sent again automatically: the exit status is 7, and csr-tui reconcile checks\n"
        "it. The same command continues an interrupted one.\n"
        'With --json: the record; with several ids {"records", "total"} and, with failures,\n'
        '{"error", "errors": [{"id", "kind", "message", "hint"?}]}.',
        "examples:\n"
        "  csr-tui submit 4m7\n"
        "  csr-tui submit 4m7 --draft-only\n"
        "  csr-tui submit 4m7 9k2 c0d --yes\n"
        "environment:\n"
        "  TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, TENCENTCLOUD_TOKEN\n"
        "                    the API key (default: the one of csr-tui login)\n"
        "  CSR_TUI_ENDPOINT  the API's URL (default: the site of csr-tui login)\n"
        "  CSR_TUI_PROXY     the URL of a proxy\n"
        "  CSR_TUI_CA_FILE   CA certificates to trust in place of the default ones",
    ),
    "reconcile": Command(
        lambda _: None,
        _reconcile,
        "Check whatever has an unknown outcome: submissions without a reply, by their CSR id\n"
        "at Tencent Cloud or the marker in their remark; CSRs sent to a CA without a reply,\n"
        "by their orders; and commands that failed, by their output. Nothing is sent or run\n"
        "again. Exit status 7 while any outcome is unknown.\n"
        'With --json: {"records", "total"} of the submissions checked, and {"error",\n'
        '"errors"}.',
        "example:\n  csr-tui reconcile",
    ),
    "detach": Command(
        _detach_arguments,
        _detach,
        "Detach a draft from its draft at Tencent Cloud, so that you can generate it here.\nWith --json: the record.",
        "examples:\n  csr-tui detach 4m7\n  csr-tui detach 4m7 --delete",
    ),
}
