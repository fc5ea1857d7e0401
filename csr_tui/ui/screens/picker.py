"""Choosing a file or a folder from a list."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from csr_tui.core.text import escaped
from csr_tui.paths import absolute
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.field import Field

MOST = 2_000
"""Entries of a folder that are read; of more, the path is typed."""

HERE = Path()
"""The entry that chooses the folder itself."""


class Picker(Dialog[Path]):
    """Answers with a file, or with one of the `folders`; Enter opens a folder and takes a file."""

    BINDINGS = [
        Binding("left,backspace", "above", "Folder above", id="picker.above", tooltip="Open the folder above"),
        Binding(
            "full_stop", "hidden", "Hidden", id="picker.hidden", tooltip="Show or hide names that begin with a dot"
        ),
    ]
    HELP = "Enter opens a folder or chooses a file. Letters jump to the next name that starts with them."

    entries = getters.query_one("#entries", OptionList)

    def __init__(self, start: Path, heading: str, *, folders: bool = False) -> None:
        super().__init__(heading)
        self._folder = next((one for one in (start, *start.parents) if _is_folder(one)), Path("/"))
        self._folders = folders
        self._hidden = False
        self._listed: tuple[Path, ...] = ()

    def compose_form(self) -> ComposeResult:
        yield Static(escaped(str(self._folder)), id="here", classes="dialog-lead", markup=False)
        yield OptionList(id="entries", compact=True)

    def compose_buttons(self) -> ComposeResult:
        yield Button("Cancel", id="cancel")
        yield Button("Hidden names", id="hidden")

    def on_mount(self) -> None:
        self._open(self._folder)

    @work(group="browse", exclusive=True, description="reading a folder")
    async def _open(self, folder: Path) -> None:
        """List a folder; one that cannot be read leaves the list as it was."""
        try:
            found = await run_blocking(lambda: self._read(folder))
        except OSError as error:
            self.complain(f"Could not read {folder}: {error.strerror}.")
            return
        self.complain(
            f"Only {MOST:,} entries of this folder are listed. Type the path of any other." if len(found) > MOST else ""
        )
        came_from, self._folder = self._folder, folder
        above = () if folder == folder.parent else (folder.parent,)
        self._listed = (*((HERE,) if self._folders else ()), *above, *(path for _, path in found[:MOST]))
        self.query_one("#here", Static).update(escaped(str(folder)))
        self.entries.clear_options()
        names = {HERE: "Use this folder", folder.parent: "../"} | {
            path: escaped(path.name) + "/" * is_folder for is_folder, path in found
        }
        self.entries.add_options(Option(Content(names[path])) for path in self._listed)
        first = min(len(self._listed) - 1, 0 if self._folders else len(above))
        self.entries.highlighted = (
            self._listed.index(came_from) if came_from.parent == folder and came_from in self._listed else first
        )

    def _read(self, folder: Path) -> list[tuple[bool, Path]]:
        """The entries with whether each is a folder: folders first, each by name."""
        with os.scandir(folder) as entries:
            shown = ((one.is_dir(), Path(one.path)) for one in entries if self._hidden or one.name[:1] != ".")
            found = list(islice((one for one in shown if one[0] or not self._folders), MOST + 1))
        return sorted(found, key=lambda one: (not one[0], one[1].name.casefold()))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        path = self._listed[event.option_index]
        if path is HERE:
            self.dismiss(self._folder)
        elif _is_folder(path):
            self._open(path)
        else:
            self.dismiss(path)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isalnum():
            first = (self.entries.highlighted or 0) + 1
            for index in (*range(first, len(self._listed)), *range(first)):
                if self._listed[index].name.casefold().startswith(event.character.casefold()):
                    self.entries.highlighted = index
                    break

    def action_above(self) -> None:
        self._open(self._folder.parent)

    @on(Button.Pressed, "#hidden")
    def action_hidden(self) -> None:
        self._hidden = not self._hidden
        self._open(self._folder)
        self.entries.focus()


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # Path's raises where a folder above may not be entered


def browse(field: Field, heading: str, *, folders: bool = False) -> None:
    """Open the picker where the field's path leads; what is chosen there becomes the field's text."""

    def take(chosen: Path | None) -> None:
        if chosen is not None:
            field.input.value = str(chosen)
            field.focus()

    field.app.push_screen(Picker(absolute(field.value), heading, folders=folders), take)
