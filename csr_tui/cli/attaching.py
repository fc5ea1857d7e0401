"""The command that takes what a CA sent: attach."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from csr_tui.cli import document, record_text
from csr_tui.cli.command import Command, Parser, Reply, path_text
from csr_tui.cli.context import Context, find
from csr_tui.core import certificate, facts
from csr_tui.core.fields import field_label
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES
from csr_tui.errors import CsrTuiError, UsageError
from csr_tui.files import is_there, read_file
from csr_tui.lifecycle import attach
from csr_tui.lifecycle.attach import Offer
from csr_tui.storage import RecordStore


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "words",
        metavar="[ID] FILE",
        nargs="+",
        type=path_text,
        help="the certificate and, if separate, its chain, in any order; before them optionally the record, if its key "
        "does not identify it (an existing file is never taken for an id)",
    )


def _attach(arguments: Namespace, context: Context) -> Reply:
    with context.store() as store:
        record, files = _split(store, arguments.words)
        sources = tuple(attach.Source(path, read_file(Path(path))) for path in files)
        offer = attach.look(store, sources, datetime.now(UTC), record=record)
        kept = attach.keep(store, offer)
    return Reply(
        lambda: document.record(kept, offer.findings),
        "".join(f"{label:<8}  {text}\n" for label, text in lines(kept, offer)),
    )


def _split(store: RecordStore, given: Sequence[str]) -> tuple[Record | None, Sequence[str]]:
    """The record, where the first word is none of the files, and the files."""
    first, *rest = given
    if is_there(Path(first)):
        return None, given
    if rest:
        return find(store, first), rest
    try:
        known = find(store, first)
    except CsrTuiError:
        return None, given
    raise UsageError(f"Name the certificate file for {known.id}: csr-tui attach {known.id} FILE.")


def lines(record: Record, offer: Offer) -> Iterator[tuple[str, str]]:
    """What was attached, and what differs from the request: a label and a text each."""
    chain, issued = offer.chain, certificate.read(offer.chain.leaf)
    yield "record", f"{record.id} {record_text.domain(record)}"
    yield "issued", f"by {escaped(issued.issuer)}, valid until {facts.moment(record.not_after)}"
    above = [certificate.label(one) for one in chain.intermediates]
    root = f"{certificate.label(chain.root)} (the root, not exported)" if chain.root else ""
    if chain.root != chain.leaf:
        yield "chain", ", ".join(filter(None, (*above, root))) or "incomplete"
    if offer.completed:
        yield "", "completed with certificates of another record"
    for sentence in offer.left_out[: attach.FEW]:
        yield "left out", sentence
    if offer.spare > attach.FEW:
        yield "", f"and {offer.spare - attach.FEW} more"
    if offer.replaces:
        yield "replaces", "an older certificate, which stays in the history"
    for one in certificate.differences(record, issued):
        asked, got = one.shown
        yield "differs", f"{field_label(one.field)}: requested {asked}, issued {got}"
    for finding in offer.findings:
        yield str(finding.level), finding.message
    if chain.complete and (record.has_key or record.token is not None):
        target = " --for nginx" if USAGES[record.usage].serves else ""
        yield "next", f"csr-tui export {record.id} --to DIR{target}"


COMMANDS = {
    "attach": Command(
        _arguments,
        _attach,
        "Attach the certificate that a CA sent: PEM, DER, PKCS#7, or a zip of such files.\n"
        "The record is found by its public key. The chain is ordered and verified; the root\n"
        "and certificates that clients reject are left out of exports. A newer certificate\n"
        "replaces an older one, which stays in the history. An expired certificate, or one\n"
        "of an expired issuer, is rejected. With --json: the record.",
        "examples:\n"
        "  csr-tui attach www.example.com.crt ca-bundle.crt\n"
        "  csr-tui attach certificate.zip\n"
        "  csr-tui attach 4m7 chain.pem",
    )
}
