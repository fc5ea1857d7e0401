"""Where a record's files go, and in which form its key leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import getters, on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Button, Static

from csr_tui.core.bundle import stem
from csr_tui.core.record import PasswordChoice, Record
from csr_tui.core.text import visible
from csr_tui.errors import CsrTuiError, FileError, PasswordError
from csr_tui.lifecycle import exporting, passwords
from csr_tui.lifecycle.exporting import Exported, KeyForm
from csr_tui.ui.background import call
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.screens.password import Chosen, CurrentPassword, NewPassword
from csr_tui.ui.widgets.choices import Choices, Option
from csr_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from csr_tui.core.secret import Secret
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

OWN = (
    Option(KeyForm.AS_MADE, "Encrypted, with the record's own password"),
    Option(KeyForm.ENCRYPTED, "Encrypted, with another password for these files"),
    Option(KeyForm.CLEAR, "Clear: for servers that cannot ask, such as haproxy"),
)
NONE = (
    Option(KeyForm.AS_MADE, "Clear, as it was made without a password"),
    Option(KeyForm.ENCRYPTED, "Encrypted, with a password for these files"),
)


class ExportScreen(Dialog[Exported]):
    """Nothing is written over: a different file in the way is said, and replaced only when the person says so."""

    AUTO_FOCUS = "#folder TextInput"
    BINDINGS = [Binding("f2", "browse", "Browse", id="export.browse", tooltip="Choose the folder from a list")]

    folder = getters.query_one("#folder", Field)
    form = getters.query_one("#form-of-key", Choices)
    replace = getters.query_one("#replace", Button)

    def __init__(self, store: RecordStore, vault: Vault, record: Record, folder: Path) -> None:
        super().__init__()
        self._store = store
        self._vault = vault
        self._record = record
        self._folder = folder

    def title_text(self) -> str:
        return f"Export {visible(self._record.subject.domain)}"

    def compose_form(self) -> ComposeResult:
        name = stem(self._record.subject.domain)
        yield Field("Folder", str(self._folder), id="folder")
        yield Static(
            Content("\n").join(
                (
                    Content.assemble((f"{name}.key", "bold"), ("   the private key", "$muted")),
                    Content.assemble((f"{name}.csr", "bold"), ("   the request, for the CA", "$muted")),
                    Content.assemble((f"{name}.private-bundle.pem", "bold"), ("   both, not for the CA", "$muted")),
                )
            ),
            classes="dialog-lead",
            markup=False,
        )
        own = self._record.password_choice is not PasswordChoice.NONE
        yield Choices(OWN if own else NONE, KeyForm.AS_MADE, id="form-of-key")

    def compose_ends(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel", compact=True)
        yield Button(Content("Browse"), id="browse", compact=True)
        yield Button(Content("Replace, keeping keys as .bak"), id="replace", compact=True, variant="warning")
        yield Button(Content("Export"), id="export", compact=True, variant="primary")

    def on_mount(self) -> None:
        self.replace.display = False

    @on(Button.Pressed, "#browse")
    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import FolderPicker

        start = Path(self.folder.value).expanduser()
        while not start.is_dir() and start != start.parent:
            start = start.parent
        self.app.push_screen(FolderPicker(start, title="Export to"), self._browsed)

    def _browsed(self, chosen: Path | None) -> None:
        if chosen is not None:
            self.folder.input.value = str(chosen)

    @on(Field.Changed)
    @on(Choices.Changed)
    def _changed(self) -> None:
        self.complain("")
        self.replace.display = False

    @on(Button.Pressed, "#export")
    def _export(self) -> None:
        self._write(replace=False)

    @on(Button.Pressed, "#replace")
    def _replace(self) -> None:
        self._write(replace=True)

    @work(group="export", exclusive=True, description="exporting")
    async def _write(self, *, replace: bool) -> None:
        form = KeyForm(str(self.form.value))
        if not self.folder.value:
            self.complain("Type a folder, such as ~/certificates.")
            return
        password: Secret | None = None
        if passwords.held_by_person(self._record):
            password = await self.app.push_screen_wait(CurrentPassword("You hold the password of this key."))
            if password is None:
                return
        wanted: Chosen | None = None
        if form is KeyForm.ENCRYPTED:
            wanted = await self.app.push_screen_wait(NewPassword())
            if wanted is None:
                return
        folder = self.folder.value
        try:
            exported = await call(
                lambda: exporting.export(
                    self._store,
                    self._vault,
                    self._record,
                    Path(folder).expanduser(),
                    password=password,
                    export_password=wanted.password if wanted else None,
                    form=form,
                    replace=replace,
                )
            )
        except (FileError, PasswordError) as error:
            self.complain(str(error))
            self.replace.display = isinstance(error, FileError)
        except CsrTuiError as error:
            self.complain(str(error))
        else:
            self.dismiss(exported)
