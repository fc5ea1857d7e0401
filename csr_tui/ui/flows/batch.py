"""Many requests at once: those of a table, and those that are selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from textual.app import App

from csr_tui.core import host_names
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.table_file import Table
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, PasswordError, VaultError
from csr_tui.export import hints
from csr_tui.export.manifest import Verdict
from csr_tui.lifecycle import exporting, generate, passwords, recovery
from csr_tui.lifecycle.batch import apply, export_many, generate_many
from csr_tui.lifecycle.batch.apply import Plan
from csr_tui.lifecycle.batch.generate_many import BatchOptions, BatchResult, Progress
from csr_tui.lifecycle.exporting import KeyForm
from csr_tui.ui import advice
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.flows.files import proof_lines
from csr_tui.ui.flows.keys import is_missing
from csr_tui.ui.screens.dialogs import Confirm, Text
from csr_tui.ui.screens.export import ExportMany, can_export
from csr_tui.ui.screens.keyring import WithoutKeyring
from csr_tui.ui.screens.password import CurrentPassword, NewPassword
from csr_tui.ui.screens.progress import ProgressDialog
from csr_tui.ui.screens.table import TableChoice, TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile

Result = TypeVar("Result")

Stopped: TypeAlias = "Callable[[], bool]"

Failure: TypeAlias = "tuple[str, CsrTuiError]"
"""What a record is called, and why nothing was done to it."""

FEW = 4
"""Keys that a password is tried on while its window is open; each takes a moment."""

MAX_FAILURES = 8
"""Of more records that failed, the others are counted."""

MAX_PROVEN = 50
"""Of more records that were exported, the others are counted."""

STOP = "Stop, save the finished ones"


async def apply_table(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Ask for the file, show what is in it, and make what is wanted of it."""
    del chosen
    path = await app.push_screen_wait(AskFile())
    if path is None:
        return Next()

    def check(progress: Progress, _: Stopped) -> tuple[Table, Plan]:
        source = apply.read(path)
        return source, apply.plan(context.store, source, BatchOptions(), progress=progress)

    checked = await app.push_screen_wait(
        ProgressDialog(f"Reading {escaped(path.name)}", check, stop="Cancel", keeps=False)
    )
    if isinstance(checked, CsrTuiError):
        raise checked
    if checked is None:
        return Next()
    source, plan = checked
    mended: frozenset[int] = frozenset()
    row = None
    while True:
        table_screen = TableScreen(context.store, path, source, plan, context.exports, mended=mended, row=row)
        wanted = await app.push_screen_wait(table_screen)
        if wanted is None:
            return Next()
        try:
            lines = await _create(app, context, path, source, wanted)
        except CsrTuiError as error:
            advice.report(app, error)
            lines = None
        if lines is not None:
            await app.push_screen_wait(Text("Done", "\n".join(lines)))
            return Next(Destination.DESK)
        plan, mended, row = wanted.plan, wanted.mended, wanted.row
        with suppress(CsrTuiError):  # then the rows stay as they were read before
            plan = await run_blocking(partial(apply.replan, context.store, plan.judged, BatchOptions()))


async def _create(
    app: App[int], context: DeskContext, path: Path, source: Table, chosen: TableChoice
) -> tuple[str, ...] | None:
    """Make what was chosen of a table, and say what came of it; None where the person gave it up."""
    plan = chosen.plan

    def run(options: BatchOptions, progress: Progress, stopped: Stopped) -> tuple[Path | None, tuple[BatchResult, ...]]:
        recovery.recover(context.store, context.vault)
        left_out = apply.leave_out(path, source, plan) if plan.bad else None
        return left_out, apply.run(context.store, context.vault, plan, options, progress=progress, stopped=stopped)

    title = f"Creating {len(plan.good):,} requests"
    done = await _run_with_password(app, context, title, chosen.options, [row.record for row in plan.good], run)
    return None if done is None else tuple(_summary(plan, done[1], chosen.options, done[0]))


async def generate_selected(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Make key and CSR of all that can have them; the others are named, with what is in their way."""
    ready, others = await run_blocking(lambda: _split(chosen, generate.check_new_key))
    lines = [f"{_count(len(ready), 'key and CSR', 'keys and CSRs')} will be generated on this machine."]
    if any(BatchOptions().custody(record) is Custody.RANDOM_KEYRING for record in ready):
        lines.append("Those with a random password share one, stored in the keyring.")
    lines += _failure_lines(others, "cannot be generated")
    question = Confirm("Generate", "\n".join(lines), yes=f"Generate {len(ready):,}", risky=False)
    if not await app.push_screen_wait(question):
        return Next()

    def run(options: BatchOptions, progress: Progress, stopped: Stopped) -> tuple[BatchResult, ...]:
        store, vault = context.store, context.vault
        recovery.recover(store, vault)
        return generate_many.generate_all(store, vault, ready, options, progress=progress, stopped=stopped)

    ended = await _run_with_password(
        app, context, f"Generating {len(ready):,} requests", BatchOptions(generate=True), ready, run
    )
    if ended is not None:
        lines = [f"{_count(sum(one.generated for one in ended), 'key and CSR', 'keys and CSRs')} generated."]
        left = sum(one.record.csr is None and one.error is None for one in ended)
        lines += [f"{left:,} are still drafts."] if left else []
        lines += _failure_lines(_failures(ended), "failed")
        await app.push_screen_wait(Text("Generated", "\n".join(lines)))
    return Next(Destination.DESK)


async def export_selected(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """Write the files of all that have some into one folder; the others are named, with what is in their way."""
    ready, others = _split(chosen, exporting.check)
    wanted = await app.push_screen_wait(ExportMany(ready, context.exports))
    if wanted is None:
        return Next()
    able = [record for record in ready if can_export(record, wanted.target, wanted.form)]
    if held := [record for record in able if record.custody.held_by_person]:
        why = f"You hold the password of {_count(len(held), 'key', 'keys')}. Enter it; it is tried on each."
        typed = await app.push_screen_wait(CurrentPassword(why, lambda typed: _prove_any(context, held, typed)))
        if typed is None:
            return Next()
        wanted = replace(wanted, password=typed)
    if able and wanted.form is KeyForm.ENCRYPTED:
        new = await app.push_screen_wait(NewPassword())
        if new is None:
            return Next()
        wanted = replace(wanted, export_password=new.password)
    files = wanted

    def run(progress: Progress, stopped: Stopped) -> tuple[BatchResult, ...]:
        store, vault = context.store, context.vault
        return export_many.export_all(store, vault, ready, files, progress=progress, stopped=stopped)

    title = f"Exporting {_count(len(ready), 'record', 'records')}"
    ended = await app.push_screen_wait(ProgressDialog(title, run, stop="Stop, keep the files written", keeps=True))
    if isinstance(ended, CsrTuiError):
        raise ended
    if ended is not None:
        written = [file for one in ended for file in one.files]
        lines = [f"{_count(len(written), 'file is', 'files are')} in {files.folder}."]
        left = sum(not one.files and one.error is None for one in ended)
        lines += [f"{_count(left, 'record was', 'records were')} skipped because you stopped."] if left else []
        lines += hints(written)
        lines += _failure_lines((*others, *_failures(ended)), "not exported")
        lines += _proof_lines([one for one in ended if one.files])
        await app.push_screen_wait(Text("Exported", "\n".join(lines)))
    return Next()


def _prove_any(context: DeskContext, held: Sequence[Record], password: Secret) -> None:
    """PasswordError where it opens none of a few keys; of many, a wrong one would take too long to find out."""
    for number, record in enumerate(held[:FEW], 1):
        try:
            passwords.prove(context.store, record, password)
        except PasswordError:
            if number == len(held):
                raise
        else:
            return


async def _run_with_password(
    app: App[int],
    context: DeskContext,
    title: str,
    options: BatchOptions,
    records: Sequence[Record],
    run: Callable[[BatchOptions, Progress, Stopped], Result],
) -> Result | None:
    """Run it with the password that these records need, asked for once; where the keyring fails, there are ways on.

    None where the person gives it up.
    """
    while True:
        custodies = {options.custody(record) for record in records} if options.generate else set()
        if options.typed is None and any(custody.is_typed for custody in custodies):
            new = await app.push_screen_wait(NewPassword())
            if new is None:
                return None
            options = replace(options, typed=new.password, weak_ok=new.weak_ok)
        asked = options
        done = await app.push_screen_wait(
            ProgressDialog(title, lambda progress, stopped: run(asked, progress, stopped), stop=STOP, keeps=True)  # noqa: B023  # awaited in the same round
        )
        if isinstance(done, VaultError):
            missing = await is_missing(context)
            window = WithoutKeyring(str(done), Custody.RANDOM_KEYRING, missing=missing, cancel="Cancel")
            custody = await app.push_screen_wait(window)
            if custody is None:
                return None
            options = replace(options, fallback=None if custody is Custody.RANDOM_KEYRING else custody)
        elif isinstance(done, CsrTuiError):
            raise done
        else:
            return done


def _split(
    records: Iterable[Record], check: Callable[[Record], object]
) -> tuple[tuple[Record, ...], tuple[Failure, ...]]:
    """Those that pass a check, and the others with what is in their way; StateError where none passes."""
    ready, others = [], []
    for record in records:
        try:
            check(record)
            ready.append(record)
        except CsrTuiError as error:
            others.append((record.subject.domain or record.id, error))
    if not ready:
        name, why = others[0]
        raise why.reworded(f"None of these records is ready. {name}: {why}")
    return tuple(ready), tuple(others)


def _failures(ended: Sequence[BatchResult]) -> tuple[Failure, ...]:
    return tuple((one.record.subject.domain, one.error) for one in ended if one.error is not None)


def _failure_lines(others: Sequence[Failure], how: str) -> Iterator[str]:
    """The first of these, each with its reason, and how many more there are."""
    if others:
        yield f"\n{len(others):,} {how}:"
    yield from (f"{name}: {advice.sentence(error)}" for name, error in others[:MAX_FAILURES])
    if len(others) > MAX_FAILURES:
        yield f"And {len(others) - MAX_FAILURES:,} more."


def _proof_lines(exported: Sequence[BatchResult]) -> Iterator[str]:
    """What was tried with the files of each, first where a program refused them."""
    ranked = sorted(exported, key=lambda one: all(proof.verdict is not Verdict.REFUSED for proof in one.proofs))
    for one in ranked[:MAX_PROVEN]:
        yield f"\n{host_names.to_unicode(one.record.subject.domain)}"
        yield from proof_lines(one.proofs)
    if len(exported) > MAX_PROVEN:
        yield f"\nAnd {len(exported) - MAX_PROVEN:,} more."


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def _summary(plan: Plan, ended: Sequence[BatchResult], options: BatchOptions, left_out: Path | None) -> Iterator[str]:
    added, generated = sum(one.added for one in ended), sum(one.generated for one in ended)
    yield f"{added:,} drafts saved; {len(ended) - added:,} existed already."
    if options.generate:
        yield f"{generated:,} keys and CSRs generated."
        if rest := sum(not one.record.csr and one.error is None for one in ended):
            yield f"{rest:,} are still drafts: apply the same file again to continue."
    if files := sum(len(one.files) for one in ended):
        yield f"{files:,} files are in {options.folder}."
    if left_out is not None:
        yield f"The rows with errors are in {left_out}."
    pairs = zip(plan.good, ended, strict=True)
    yield from _failure_lines(
        [(f"Line {row.line.number}", one.error) for row, one in pairs if one.error is not None], "failed"
    )
