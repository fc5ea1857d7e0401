"""The command that creates requests in bulk: apply."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from csr_tui.cli import advice, document, output, prompts, several
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context
from csr_tui.cli.document import Json
from csr_tui.cli.exits import STATUS, Interrupted, error_of
from csr_tui.cli.keys import recover
from csr_tui.cli.progress import Progress
from csr_tui.core.batch import Row
from csr_tui.core.findings import Finding, InvalidError, Level
from csr_tui.core.text import counted, escaped
from csr_tui.errors import UsageError
from csr_tui.export import hints
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.apply import Plan
from csr_tui.lifecycle.batch.generate_many import BatchOptions, BatchResult

SAID_LINES = 5
"""Of more lines that have the same finding, the first are named and the others counted."""

SAID_FINDINGS = 50


def _arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", type=path_text, help="a table (CSV), or requests in TOML")
    parser.add_argument("--generate", action="store_true", help="also generate keys and CSRs, on all processors")
    prompts.add_choice(parser)
    prompts.add_protection(parser)
    parser.add_argument(
        "--to",
        metavar="DIR",
        type=path_text,
        help="with --generate: write key, CSR and bundle of each request to this folder",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="apply the valid rows; rows with errors are written to a file beside FILE, to be fixed",
    )
    parser.add_argument("--dry-run", action="store_true", help="check all rows and report the plan, without changes")


def _apply(arguments: Namespace, context: Context) -> Reply:
    if not arguments.generate and (arguments.to or arguments.choice is not None or arguments.protection is not None):
        raise UsageError("Files and passwords need keys: add --generate.")
    path = Path(arguments.file)
    source = apply.read(path)
    progress = Progress(plain=context.plain)
    makers = apply.prepare_pool(source) if arguments.generate and not arguments.dry_run else nullcontext()
    with makers as pool, context.store() as store:
        recover(store, context)
        try:
            options = _options(arguments, context)
            found = apply.plan(store, source, options, progress=progress)
            progress.clear()
            _say(found)
            if arguments.dry_run:
                return _reply(found, (), None, status=STATUS["invalid"] if found.bad else 0)
            if found.bad and not arguments.skip_bad:
                return _refused(found)
            left_out = apply.leave_out(path, source, found) if found.bad else None
            with prompts.suggest_without_keyring(_again(arguments)):
                ended = apply.run(store, context.vault, found, options, pool=pool, progress=progress)
        except (KeyboardInterrupt, Interrupted):
            progress.interrupted()
            raise
        finally:
            progress.clear()
    return _reply(found, ended, left_out, status=_status(found, ended))


def _again(arguments: Namespace) -> str:
    """The command to run again, without its password options."""
    words = ["apply", arguments.file, "--generate"]
    words += ["--to", arguments.to] if arguments.to is not None else []
    return escaped(shlex.join(words + (["--skip-bad"] if arguments.skip_bad else [])))


def _options(arguments: Namespace, context: Context) -> BatchOptions:
    return BatchOptions(
        generate=arguments.generate,
        password=arguments.choice,
        protection=arguments.protection,
        typed=None if arguments.dry_run else prompts.new_password(arguments, context),
        weak_ok=arguments.weak_password,
        folder=None if arguments.to is None else Path(arguments.to),
    )


def _say(plan: Plan) -> None:
    """Errors, warnings, and hints on texts that were or may be put right, each once, with the lines that have it."""
    lines_of: dict[Finding, list[int]] = {}
    for row in plan.rows:
        for finding in row.findings:
            if finding.level is not Level.HINT or (finding.fix is not None and finding.field != "sans"):
                lines_of.setdefault(finding, []).append(row.line.number)
    ranked = sorted(lines_of.items(), key=lambda one: tuple(Level).index(one[0].level))
    for finding, lines in ranked[:SAID_FINDINGS]:
        output.say(f"{_lines(lines)}: {finding.level}: {finding.labelled}")
    if len(ranked) > SAID_FINDINGS:
        output.say(f"and {counted(len(ranked) - SAID_FINDINGS, 'more finding')}; --dry-run --json lists all.")


def _lines(lines: Sequence[int]) -> str:
    named = ", ".join(map(str, lines[:SAID_LINES]))
    more = f" and {len(lines) - SAID_LINES:,} more" if len(lines) > SAID_LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {named}{more}"


def _refused(plan: Plan) -> Reply:
    """The reply while a row has errors: nothing is stored, and the report has all of them."""
    bad = plan.bad
    error = InvalidError(
        f"{counted(len(bad), 'row')} with errors, the first in line {bad[0].line.number}. Nothing was stored. "
        "Fix the file, or skip them with --skip-bad.",
        bad[0].errors,
    )
    output.say(advice.sentence(error))
    return Reply(lambda: {"error": error_of(error), **_document(plan, (), None)}, "", STATUS["invalid"])


def _reply(plan: Plan, ended: Sequence[BatchResult], left_out: Path | None, *, status: int) -> Reply:
    for hint in hints(file for one in ended for file in one.files):
        output.say(hint)
    return Reply(lambda: _document(plan, ended, left_out), "".join(_summary(plan, ended, left_out)), status)


def _status(plan: Plan, ended: Sequence[BatchResult]) -> int:
    statuses = {STATUS[one.error.kind] for one in ended if one.error is not None}
    statuses |= {STATUS["invalid"]} if plan.bad else set()
    return several.first_of(statuses)


def _summary(plan: Plan, ended: Sequence[BatchResult], left_out: Path | None) -> Iterator[str]:
    rows, bad = counted(len(plan.rows), "row"), len(plan.bad)
    if not ended:
        fresh = sum(row.record.id not in plan.stored for row in plan.good)
        yield f"{rows}: {fresh:,} new, {len(plan.good) - fresh:,} already stored, {bad:,} with errors.\n"
        return
    added, generated = sum(one.added for one in ended), sum(one.generated for one in ended)
    failed: dict[str, list[Row]] = {}
    for row, one in zip(plan.good, ended, strict=True):
        if one.error is not None:
            failed.setdefault(escaped(advice.sentence(one.error)), []).append(row)
    yield f"{rows}: {counted(added, 'draft')} stored, {len(ended) - added:,} already stored, {bad:,} with errors.\n"
    if generated:
        yield f"{counted(generated, 'CSR')} generated, with the keys.\n"
    if files := sum(len(one.files) for one in ended):
        folder = next(one.files[0].path.parent for one in ended if one.files)
        yield f"{counted(files, 'file')} in {escaped(str(folder))}.\n"
    if left_out is not None:
        yield f"The rows with errors are in {escaped(str(left_out))}: fix and apply that file.\n"
    for why, rows_of in list(failed.items())[:SAID_FINDINGS]:
        of = f" ({rows_of[0].record.id})" if len(rows_of) == 1 else ""
        yield f"{_lines([row.line.number for row in rows_of])}{of}: {why}\n"
    if more := sum(map(len, list(failed.values())[SAID_FINDINGS:])):
        yield f"and {counted(more, 'more failure')}; --json lists all.\n"


def _document(plan: Plan, ended: Sequence[BatchResult], left_out: Path | None) -> dict[str, Json]:
    ends = {one.record.id: one for one in ended}
    return {
        "total": len(plan.rows),
        "stored": sum(one.added for one in ended),
        "generated": sum(one.generated for one in ended),
        "failed": sum(one.error is not None for one in ended),
        "bad": len(plan.bad),
        "left_out": None if left_out is None else str(left_out),
        "rows": [_row(plan, row, ends.get(row.record.id)) for row in plan.rows],
    }


def _row(plan: Plan, row: Row, end: BatchResult | None) -> dict[str, Json]:
    stored = plan.stored.get(row.record.id)
    row_document: dict[str, Json] = {
        "line": row.line.number,
        "id": None if row.errors else row.record.id,
        "domain": row.record.subject.domain,
        "state": str(end.record.state) if end is not None else None if stored is None else str(stored.state),
        "new": stored is None and not row.errors if end is None else end.added,
        "findings": [document.finding(finding) for finding in row.findings],
    }
    if end is not None and end.files:
        row_document["files"] = [str(file.path) for file in end.files]
    if end is not None and end.error is not None:
        row_document["error"] = error_of(end.error)
    return row_document


COMMANDS = {
    "apply": Command(
        _arguments,
        _apply,
        "Create a draft from each row of a table and, with --generate, its key and CSR.\n\n"
        "The first line has the column names: the fields of new, those of Tencent Cloud's\n"
        "API, or common spellings (Domain, CN, O, OU, EncryptAlgo, SAN...), separated by\n"
        "commas, semicolons or tabs; UTF-8 or UTF-16. TOML has one request in the form of\n"
        "show --toml, or several, each under a line [[request]]. Limits: 100,000 requests,\n"
        "a million lines and 64 MiB (TOML: 32 MiB).\n\n"
        "All rows are checked first. If any has errors, nothing is stored and the exit\n"
        "status is 3; --skip-bad applies the others, and writes the rows with errors to\n"
        "FILE.bad.csv (exit status 3, too). The same row is never stored twice, so the same\n"
        "command continues an interrupted one.\n\n"
        "The keys of one call share a random password in the keyring, which is removed\n"
        "with the last of their records.\n"
        'With --json: {"total", "stored", "generated", "failed", "bad", "left_out", "rows":\n'
        '[{"line", "id", "domain", "state", "new", "findings", "files"?, "error"?}]}; id is\n'
        "null if the row has errors, state if the row is not stored. If errors prevented\n"
        'everything, also {"error"}.\n\n'
        "Of several failures, the exit status is the first of 5, 8, 4, 3 that occurred.",
        "examples:\n"
        "  csr-tui apply hosts.csv --dry-run\n"
        "  csr-tui apply hosts.csv --generate --to ./certificates\n"
        "  csr-tui apply hosts.csv --generate --skip-bad --json > report.json",
    )
}
