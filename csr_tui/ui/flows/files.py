"""Writing a record's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import App

from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import StateError
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.lifecycle import exporting
from csr_tui.lifecycle.exporting import Exported
from csr_tui.ui import clipboard
from csr_tui.ui.actions import Next
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.export_result import ExportResult

MARKS = {Verdict.PROVEN: "✓ ", Verdict.NOT_PROVEN: "  ", Verdict.REFUSED: "✗ "}


async def export_record(app: App[int], context: DeskContext, record: Record) -> Next:
    """Ask where to and in which form, write, and say what was written."""
    if record.csr is None:
        raise StateError("Nothing to export yet. Generate the request first.")
    exported = await app.push_screen_wait(ExportScreen(context.store, context.vault, record, context.exports))
    if exported is not None:
        written = [f"In {exported.files[0].path.parent}:"]
        written += [f"  {one.outcome:<10} {one.path.name}" for one in exported.files]
        await app.push_screen_wait(ExportResult(written, exported.snippet, tuple(_proofs(exported))))
    return Next()


async def copy_text(app: App[int], context: DeskContext, record: Record) -> Next:
    """Copy the certificate of a record or, before it has one, its CSR."""
    del context
    text = record.certificate or record.csr
    if text is None:
        raise StateError("Nothing to copy yet. Generate the request first.")
    await clipboard.copy(app, "certificate" if record.certificate else "CSR", text)
    return Next()


async def save_csr(app: App[int], context: DeskContext, record: Record) -> Next:
    if record.csr is None:
        raise StateError("Nothing to save yet. Generate the request first.")
    written = exporting.save_csr(record, context.exports)
    app.notify(f"{written.outcome}: {escaped(str(written.path))}", title="CSR")
    return Next()


def proof_lines(proofs: Sequence[Proof]) -> Iterator[str]:
    """What was tried with the files of a record; only what is proven has a tick."""
    if not proofs:
        yield "✓ The key loads and matches the CSR."
    yield from (f"{MARKS[one.verdict]}{one.verdict}: {one.what}: {one.detail}" for one in proofs)


def _proofs(exported: Exported) -> Iterator[str]:
    """Remarks on the lines, and what was tried."""
    if exported.snippet.remarks:
        yield from (*exported.snippet.remarks, "")
    if exported.hints:
        yield from (*exported.hints, "")
    yield from proof_lines(exported.proofs)
