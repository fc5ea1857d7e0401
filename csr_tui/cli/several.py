"""Commands about one record that take several: one answer for each, and one exit status for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from csr_tui.cli import advice, output, record_text
from csr_tui.cli.command import Parser, Reply
from csr_tui.cli.document import Json
from csr_tui.cli.exits import ORDER, STATUS, error_of
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError

HELP = 'With several ids: {"records", "total"} and, with failures, {"error", "errors"}.'


def add_ids(parser: Parser) -> None:
    parser.add_argument(
        "ids", metavar="ID", nargs="+", help="a record: its id, the beginning of it, or its domain where that is clear"
    )


def find_all(ids: Sequence[str], find: Callable[[str], Record]) -> list[Record]:
    """The records of these ids, each once; an error for one of them is an error before anything is done."""
    return list({record.id: record for record in map(find, ids)}.values())


def each(records: Sequence[Record], work: Callable[[Record], Reply], *, json: bool) -> Reply:
    """Do the work for every record, whatever fails for others; of a single record its own reply or error."""
    if len(records) == 1:
        return work(records[0])
    documents: list[Json] = []
    failed: list[tuple[str, CsrTuiError]] = []
    statuses = set()
    for record in records:
        try:
            reply = work(record)
        except CsrTuiError as error:
            failed.append((record.id, error))
            output.say(f"{record_text.domain(record)} ({record.id}): {advice.sentence(error)}")
            continue
        statuses.add(reply.status)
        if json and reply.document is not None and isinstance(document := reply.document(), Mapping):
            documents.append(document)
        elif not json:
            output.write(output.harmless(reply.text))
    status = first_of({*statuses, *(STATUS[error.kind] for _, error in failed)})
    return Reply((lambda: results(documents, failed)) if json else None, status=status)


def results(documents: Sequence[Json], failed: Sequence[tuple[str, CsrTuiError]]) -> dict[str, Json]:
    """Several documents, and what failed for which id; `error` is the one that decides the exit status."""
    answer: dict[str, Json] = {"records": documents, "total": len(documents)}
    if failed:
        deciding = first_of({STATUS[error.kind] for _, error in failed})
        answer["error"] = next(error_of(error) for _, error in failed if STATUS[error.kind] == deciding)
        answer["errors"] = [{"id": record_id, **error_of(error)} for record_id, error in failed]
    return answer


def first_of(statuses: set[int]) -> int:
    """The exit status of several; 0 of none."""
    return next((status for status in ORDER if status in statuses), max(statuses, default=0))
