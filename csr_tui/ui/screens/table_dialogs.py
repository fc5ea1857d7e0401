"""Small windows about a table: which file it is in, one of its rows to be mended, and what is to be made of it."""

from __future__ import annotations

from pathlib import Path

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding

from csr_tui.core import rules
from csr_tui.core.batch import Row
from csr_tui.core.questions import Option
from csr_tui.core.table_file import Line, Table
from csr_tui.core.text import counted, escaped
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.paths import absolute
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field, Rule

DRAFTS, KEYS, FILES = "drafts", "keys", "files"
WHAT = (
    Option(KEYS, "Keys and CSRs", ("They share one random password, stored in the keyring.",)),
    Option(FILES, "Keys, CSRs, and their files in a folder"),
    Option(DRAFTS, "Drafts only, to generate later"),
)


class AskFile(Dialog[Path]):
    TITLE_TEXT = "Create requests from a table"
    BUTTONS = {"cancel": "Cancel", "browse": "Browse", "read": "Read"}
    BINDINGS = [Binding("f2", "browse", "Browse", id="many.browse", tooltip="Choose the file from a list")]

    file = getters.query_one("#file", Field)

    def compose_form(self) -> ComposeResult:
        yield lead(
            "A CSV whose first line names the columns, such as Domain,Organization,Country,EncryptAlgo,SAN, or "
            "requests in TOML. Every row is checked before you create requests."
        )
        yield Field("File", "", id="file", placeholder="e.g. hosts.csv")

    @on(Button.Pressed, "#browse")
    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import browse

        browse(self.file, "Choose a table")

    @on(Field.Submitted)
    @on(Button.Pressed, "#read")
    def _read(self) -> None:
        if not self.file.value:
            self.complain("Type the path of the file, such as ~/hosts.csv.")
            self.file.focus()
            return
        self.dismiss(absolute(self.file.value))


class Mend(Dialog[Line]):
    """Every cell of a row, each with what its rule says; answers with the line as it is to be read."""

    BUTTONS = {"cancel": "Cancel", "keep-cells": "Apply"}

    def __init__(self, source: Table, row: Row) -> None:
        super().__init__(f"Line {row.line.number}")
        self._source = source
        self._row = row
        cells = (*row.line.cells, *("" for _ in source.fields))
        self._cells = cells[: len(source.fields)]

    def compose_form(self) -> ComposeResult:
        for number, (heading, field) in enumerate(zip(self._source.headings, self._source.fields, strict=True)):
            if field is not None:
                yield Field(
                    escaped(heading[:15]),
                    _in_one_line(self._cells[number]),
                    id=f"cell-{number}",
                    rule=self._rule(field),
                )

    def on_mount(self) -> None:
        fields = list(self.query(Field))
        for field in fields:
            field.validate()
        (next((field for field in fields if field.finding is not None), fields[0])).focus()

    @on(Button.Pressed, "#keep-cells")
    def action_keep(self) -> None:
        cells = list(self._cells)
        for field in self.query(Field):
            number = int((field.id or "").removeprefix("cell-"))
            if field.value != _in_one_line(cells[number]):
                cells[number] = field.value
        same = tuple(cells) == self._cells and not self._row.line.broken
        self.dismiss(None if same else Line(self._row.line.number, tuple(cells)))

    def _rule(self, field: str) -> Rule | None:
        """What is said of one text; names and lines are several in a cell, and are judged with the whole row."""
        if field in {"sans", "extra"} or field not in rules.FIELDS:
            return None
        return lambda text: rules.check_field(field, text, self._row.record.purpose, self._row.record.usage)


class Make(Dialog[BatchOptions]):
    """What is to be made of the rows; those with errors are left out only when that is chosen."""

    TITLE_TEXT = "Create requests"
    BUTTONS = {"cancel": "Cancel", "make": "Create"}

    what = getters.query_one("#what", Choices)
    folder = getters.query_one("#folder", Field)

    def __init__(self, good: int, bad: int, path: Path, folder: Path) -> None:
        super().__init__()
        self._good = good
        self._bad = bad
        self._path = path
        self._folder = folder

    def compose_form(self) -> ComposeResult:
        yield lead(f"From {counted(self._good, 'row')} without errors, create:")
        yield Choices(WHAT, KEYS, id="what")
        yield Field("Folder", str(self._folder), id="folder")
        if self._bad:
            name = escaped(f"{self._path.stem}.bad.csv")
            out = Option(True, "Skip them", (f"They are written to {name}; fix and apply that file.",))
            yield lead(f"{counted(self._bad, 'row')} with errors:")
            yield Choices((Option(False, "Fix them first"), out), False, id="bad-rows")

    def on_mount(self) -> None:
        self._changed()

    @on(Choices.Changed, "#what")
    def _changed(self) -> None:
        self.folder.display = self.what.value == FILES

    @on(Button.Pressed, "#make")
    def _make(self) -> None:
        if not self._good:
            self.complain("Every row has errors. Fix at least one first.")
        elif self._bad and not self.query_one("#bad-rows", Choices).value:
            self.complain("Fix the rows with errors first, or skip them.")
        elif self.what.value == FILES and not self.folder.value:
            self.complain("Type a folder, such as ~/certificates.")
        else:
            folder = absolute(self.folder.value) if self.what.value == FILES else None
            self.dismiss(BatchOptions(generate=self.what.value != DRAFTS, folder=folder))


def _in_one_line(cell: str) -> str:
    """A cell in one line; what separates its pieces does so for tags, names and extra lines."""
    return "; ".join(piece.strip() for piece in cell.splitlines() if piece.strip())
