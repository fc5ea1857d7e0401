"""Where a record's files go, and in which form its key leaves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from csr_tui import export
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, FileError
from csr_tui.export.targets import TARGETS
from csr_tui.export.targets.target import Snippet, Target
from csr_tui.lifecycle import export_options, exporting, passwords
from csr_tui.lifecycle.exporting import Exported, ExportRequest, KeyForm
from csr_tui.lifecycle.steps import Point
from csr_tui.paths import absolute
from csr_tui.storage import RecordStore
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Answer, Dialog
from csr_tui.ui.screens.password import CurrentPassword, NewPassword
from csr_tui.ui.screens.wait_dialog import LAST, wait_for
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.texts import slide, to_paste
from csr_tui.vault import Vault


def can_export(record: Record, target: Target, form: KeyForm) -> bool:
    """Whether there is something of a record to export, and target and form go together."""
    try:
        exporting.check(record, target)
        exporting.check_form(record, target, form, new_password=form is KeyForm.ENCRYPTED)
    except CsrTuiError:
        return False
    return True


class _Where(Dialog[Answer]):
    """Asks for folder, target and form of the key; `plan` says what that means whenever one of them changes."""

    BINDINGS = [
        Binding("f2", "browse", "Browse", id="export.browse", tooltip="Choose the folder from a list"),
        Binding("alt+left", "slide(-8)", "Scroll left", show=False, id="export.left", tooltip="Scroll long lines"),
        Binding("alt+right", "slide(8)", "Scroll right", show=False, id="export.right", tooltip="Scroll long lines"),
    ]

    folder = getters.query_one("#folder", Field)
    target = getters.query_one("#target", Choices)
    form = getters.query_one("#form-of-key", Choices)
    files = getters.query_one("#files", Static)
    replace = getters.query_one("#replace", Button)

    def __init__(self, records: Sequence[Record], folder: Path, heading: str) -> None:
        super().__init__(heading)
        self._records = records
        self._folder = folder
        self._own = any(record.custody.has_password for record in records)
        self._on_token = all(record.token is not None for record in records)

    def compose_form(self) -> ComposeResult:
        targets, first = export_options.targets(self._records)
        options = export_options.forms(first, own=self._own, on_token=self._on_token)
        yield Field("Folder", str(self._folder), id="folder")
        with Horizontal(id="ways"):
            yield Choices(targets, first.name, id="target")
            yield Choices(options, options[0].value, id="form-of-key")
        yield MarkedText("", id="files")
        yield Vertical(id="pasted-lines")

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="cancel")
        yield Button("Browse", id="browse")
        yield Button("Replace, keeping keys as .bak", id="replace", variant="warning")
        yield Button("Export", id="export", variant="primary")

    def on_mount(self) -> None:
        self.replace.display = False
        self.plan()

    def plan(self) -> None:
        """Show what would be written."""
        raise NotImplementedError

    def planned(self, record: Record) -> list[Content]:
        """A line for each file of a record, in their order."""
        issued = record.certificate is not None
        return [
            Content.assemble((f"{one.mode:04o}  ", "$muted"), (one.name, "bold"), (f"  {one.holds}", "$muted"))
            for one in self.aim.without_key(record).planned(record.subject.domain, issued=issued)
        ]

    @property
    def aim(self) -> Target:
        return TARGETS[str(self.target.value)]

    @property
    def key_form(self) -> KeyForm:
        return KeyForm(str(self.form.value))

    @property
    def place(self) -> Path | None:
        """The folder; without one, this has been said."""
        if not self.folder.value:
            self.complain("Type a folder, such as ~/certificates.")
            return None
        return absolute(self.folder.value)

    @on(Button.Pressed, "#browse")
    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import browse

        browse(self.folder, "Export to", folders=True)

    def action_slide(self, by: int) -> None:
        slide(self, by)

    @on(Choices.Changed, "#target")
    def _aimed(self) -> None:
        options = export_options.forms(self.aim, own=self._own, on_token=self._on_token)
        self.form.set_options(options, options[0].value)

    @on(Field.Changed)
    @on(Choices.Changed)
    def _changed(self) -> None:
        self.complain("")
        self.replace.display = False
        self.plan()


class ExportScreen(_Where[Exported]):
    """Nothing is written over: a different file in the way is said, and replaced only when the person says so."""

    def __init__(self, store: RecordStore, vault: Vault, record: Record, folder: Path) -> None:
        super().__init__((record,), folder, f"Export {escaped(record.subject.domain)}")
        self._store = store
        self._vault = vault
        self._record = record

    def plan(self) -> None:
        """Show the files in their order, and the lines to paste; where there can be none, why."""
        try:
            exporting.check(self._record, self.aim)
        except CsrTuiError as error:
            self.files.update(Content.styled(advice.sentence(error), "$warning"))
            self._offer(Snippet())
            return
        self.files.update(Content("\n").join(self.planned(self._record)))
        request = ExportRequest(absolute(self.folder.value), self.aim.without_key(self._record), self.key_form)
        other = self.key_form is KeyForm.ENCRYPTED
        self._offer(request.target.advice(exporting.placed(self._record, request, new_password=other)))

    def _offer(self, snippet: Snippet) -> None:
        place = self.query_one("#pasted-lines", Vertical)
        place.remove_children()
        place.mount(*to_paste(snippet, "Alt+←→ scroll", "to copy after the export"))

    @on(Button.Pressed, "#export")
    def _export(self) -> None:
        self._write(replace=False)

    @on(Button.Pressed, "#replace")
    def _replace(self) -> None:
        self._write(replace=True)

    @work(group="export", exclusive=True, description="exporting")
    async def _write(self, *, replace: bool) -> None:
        folder = self.place
        if folder is None:
            return
        request = ExportRequest(folder, self.aim, self.key_form, replace=replace)
        try:
            await run_blocking(
                lambda: exporting.preflight(
                    self._store, self._record, request, new_password=request.form is KeyForm.ENCRYPTED
                )
            )
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
            return
        if (asked := await self._with_passwords(request)) is None:
            return
        try:
            exported = await wait_for(
                self.app,
                "Exporting …",
                lambda reached: exporting.export(
                    self._store,
                    self._vault,
                    self._record,
                    asked,
                    reached=lambda label: reached(LAST) if label == Point.KEY_OPENED else None,
                ),
            )
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
            self.replace.display = isinstance(error, FileError)
        else:
            if exported is not None:
                self.dismiss(exported)

    async def _with_passwords(self, request: ExportRequest) -> ExportRequest | None:
        """The request with the passwords that it needs; None where the person gives it up."""
        if self._record.custody.held_by_person:
            password = await self.app.push_screen_wait(
                CurrentPassword(
                    "You hold the password of this key.",
                    lambda typed: passwords.prove(self._store, self._record, typed),
                )
            )
            if password is None:
                return None
            request = dataclasses.replace(request, password=password)
        if request.form is KeyForm.ENCRYPTED:
            chosen = await self.app.push_screen_wait(NewPassword())
            if chosen is None:
                return None
            request = dataclasses.replace(request, export_password=chosen.password)
        return request


class ExportMany(_Where[ExportRequest]):
    """The same for several records; answers with which files are wanted."""

    def __init__(self, records: Sequence[Record], folder: Path) -> None:
        super().__init__(records, folder, f"Export {len(records):,} records")

    def plan(self) -> None:
        """The files of the first that can have some, and how many cannot."""
        able = [record for record in self._records if can_export(record, self.aim, self.key_form)]
        lines = self.planned(able[0]) if able else []
        if len(able) > 1:
            lines.append(Content.styled(f"and such files of {len(able) - 1:,} more", "$muted"))
        here = [record for record in able if record.has_key]
        clear = sum(not exporting.leaves_encrypted(one, self.key_form, new_password=self._other) for one in here)
        if clear and self.key_form is not KeyForm.CLEAR:
            keys = "1 key leaves" if clear == 1 else f"{clear:,} keys leave"
            lines.append(Content.styled(f"{keys} in clear, as generated: without a password.", "$warning"))
        if left := len(self._records) - len(able):
            lines.append(
                Content.styled(f"{left:,} can't be exported this way; the reasons will be listed.", "$warning")
            )
        self.files.update(Content("\n").join(lines))

    @property
    def _other(self) -> bool:
        """Whether there is to be a password for these files alone."""
        return self.key_form is KeyForm.ENCRYPTED

    @on(Button.Pressed, "#export")
    def _answer(self) -> None:
        folder = self.place
        if folder is None:
            return
        try:
            export.prepare(folder)
        except FileError as error:
            self.complain(advice.sentence(error))
        else:
            self.dismiss(ExportRequest(folder, self.aim, self.key_form))
