"""Taking a certificate from files, a paste or a drop, and showing what it is before it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.cells import set_cell_size
from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static, TextArea

from csr_tui.core import certificate, host_names
from csr_tui.core.csr import Difference
from csr_tui.core.facts import moment
from csr_tui.core.findings import Level
from csr_tui.core.record import Record
from csr_tui.core.text import counted, escaped
from csr_tui.errors import CsrTuiError
from csr_tui.files import read_file
from csr_tui.lifecycle import attach
from csr_tui.lifecycle.attach import Offer, Source
from csr_tui.paths import absolute
from csr_tui.storage import RecordStore
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.dropped_paths import dropped_paths
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.text_box import TextBox
from csr_tui.ui.words import domain_name

PASTED = "Pasted text"
MOST_ROWS = 12
WIDE = 26
"""Cells of the columns for what was asked and what was issued."""


class AttachScreen(Dialog[Record]):
    """Nothing is kept before the person has seen for which record it is, asked and issued side by side."""

    BUTTONS = {"cancel": "Cancel", "browse": "Browse", "attach": "Attach"}
    BINDINGS = [Binding("f2", "browse", "Browse", id="attach.browse", tooltip="Choose the file from a list")]
    HELP = (
        "Attach one or more files from your CA: PEM, DER, PKCS#7 or a zip. Type the path, drop the file on the "
        "window, or paste the text. csr-tui finds the record by its public key."
    )

    file = getters.query_one("#file", Field)
    pasted = getters.query_one("#pasted", TextBox)
    found = getters.query_one("#found", Static)
    attach_button = getters.query_one("#attach", Button)

    def __init__(self, store: RecordStore, record: Record | None) -> None:
        super().__init__(
            "Attach the certificate that your CA sent"
            if record is None
            else f"Attach the certificate for {domain_name(record)}"
        )
        self._store = store
        self._record = record
        self._offer: Offer | None = None

    def compose_form(self) -> ComposeResult:
        yield Field("File", id="file", placeholder="path, or drop it here; F2 browses", paste=self._take_text)
        yield Static("or paste its text:", id="or", markup=False)
        yield TextBox(id="pasted", compact=True)
        yield MarkedText("", id="found")

    @on(Button.Pressed, "#browse")
    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import browse

        browse(self.file, "Choose the certificate file")

    def on_paste(self, event: events.Paste) -> None:
        """A drop or a paste while neither field has the focus."""
        event.stop()
        if dropped_paths(event.text):
            self.file.input.value = event.text.strip()
        else:
            self.pasted.text = event.text

    def _take_text(self, text: str) -> str:
        """A certificate that is pasted into the first field belongs below it."""
        if "-----BEGIN" not in text:
            return text
        self.pasted.text = text
        return ""

    @on(TextArea.Changed, "#pasted")
    def _typed(self) -> None:
        if dropped_paths(self.pasted.text):
            self.file.input.value, self.pasted.text = self.pasted.text.strip(), ""
        else:
            self._changed()

    @on(Field.Changed)
    def _changed(self) -> None:
        """Look as soon as there is something whole to look at; a path that is half typed is no mistake yet."""
        self._show(None)
        self.complain("")
        if dropped_paths(self.file.value) or "-----END" in self.pasted.text:
            self._look(keep=False)

    @on(Field.Submitted)
    def _read(self) -> None:
        """Enter in the field attaches what is shown and leaves nothing to decide; else the next Enter does."""
        if self._offer is not None and self._offer.is_plain:
            self._look(keep=True)
        elif self.file.value:
            self.attach_button.focus()
            self._look(keep=False)

    @on(Button.Pressed, "#attach")
    def action_attach(self) -> None:
        self._look(keep=True)

    @work(group="look", exclusive=True, description="reading certificates")
    async def _look(self, *, keep: bool) -> None:
        """Read and show; with `keep`, keep what was shown before, and only that."""
        shown = self._offer
        try:
            typed, pasted = self.file.value, self.pasted.text
            sources = await run_blocking(lambda: _sources(typed, pasted))
            if not sources:
                self.complain("Enter the file from your CA, or paste its text.")
                return
            offer = await run_blocking(
                lambda: attach.look(self._store, sources, self._store.now(), record=self._record)
            )
            self._show(offer)
            if keep and shown == offer:
                self.dismiss(await run_blocking(lambda: attach.keep(self._store, offer)))
        except CsrTuiError as error:
            self._show(None)
            self.complain(advice.sentence(error))
            if self.attach_button.has_focus:
                self.file.focus()  # nothing is there to attach

    def _show(self, offer: Offer | None) -> None:
        self._offer = offer
        self.found.update(Content("") if offer is None else Content("\n").join(offer_lines(offer, self._store.now())))
        self.found.display = offer is not None
        for empty in (self.pasted, self.query_one("#or")):  # what is found needs their place
            empty.display = offer is None or bool(self.pasted.text) or self.pasted.has_focus
        self.attach_button.label = Content(
            "Replace the older one" if offer is not None and offer.replaces else "Attach"
        )


def _sources(typed: str, pasted: str) -> tuple[Source, ...]:
    """What the two fields hold; FileError for a path that cannot be read."""
    paths = dropped_paths(typed) or ((absolute(typed),) if typed else ())
    files = tuple(Source(str(path), read_file(path)) for path in paths)
    return (*files, Source(PASTED, pasted.encode())) if pasted.strip() else files


def offer_lines(offer: Offer, now: datetime) -> Iterator[Content]:
    """For whom it is, asked and issued side by side, its chain, and what to know of it."""
    leaf, chain = offer.chain.leaf, offer.chain
    days = (leaf.not_valid_after_utc - now).days
    domain = domain_name(offer.record)
    yield Content.assemble((f"✓ {domain}", "bold $success"), (f"   record {escaped(offer.record.id)}", "$muted"))
    yield _row("valid until", f"{moment(leaf.not_valid_after_utc)} ({counted(days, 'day')} left)")
    yield Content("")
    yield Content.styled(f"{'':13}{'asked':{WIDE}}  issued", "bold $primary")
    for one in offer.compared[:MOST_ROWS]:
        yield _side_by_side(one)
    if len(offer.compared) > MOST_ROWS:
        yield _row("", f"and {len(offer.compared) - MOST_ROWS} more")
    yield Content("")
    if chain.root != leaf:
        root = f"{certificate.label(chain.root)} (root, left out)" if chain.root is not None else ""
        above = [certificate.label(one) for one in chain.intermediates]
        yield _row("chain", ", ".join(filter(None, (*above, root))) or "not complete")
    if offer.completed:
        yield _row("", "completed with certificates of another record")
    for sentence in offer.left_out[: attach.FEW]:
        yield _row("left out", sentence)
    if offer.spare > attach.FEW:
        yield _row("", f"and {offer.spare - attach.FEW} more")
    if offer.replaces:
        yield _row("replaces", "an older certificate, saved in the history")
    for finding in offer.findings:
        yield Content.styled(
            f"! {escaped(finding.message)}", "$warning" if finding.level is not Level.HINT else "$muted"
        )


def _side_by_side(one: Difference) -> Content:
    """The same on both sides, or marked where it is not."""
    label = "name" if one.field == "sans" else one.field
    asked, issued = one.shown
    if one.field in {"sans", "domain"}:
        asked, issued = escaped(host_names.to_unicode(asked)), escaped(host_names.to_unicode(issued))
    same = not one.differs
    return Content.assemble(
        (f"{label:<13}", "$muted"),
        set_cell_size(asked, WIDE),
        ("  " if same else "! ", "$warning"),
        (issued, "" if same else "$warning"),
    )


def _row(label: str, text: str) -> Content:
    return Content.assemble((f"{label:<13}", "$muted"), escaped(text))
