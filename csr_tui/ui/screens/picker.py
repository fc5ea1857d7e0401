"""Choosing a folder; the picker that this builds on would send names to the terminal as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual_fspicker import SelectDirectory
from textual_fspicker.parts import CurrentDirectory, DirectoryNavigation
from textual_fspicker.parts.directory_navigation import DirectoryEntry

from csr_tui.core.text import escaped

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.visual import VisualType
    from textual.widgets._option_list import OptionListContent


class FolderPicker(SelectDirectory):
    """Answers with the folder, or None."""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield _Folders(self._location) if type(widget) is DirectoryNavigation else widget

    def _input_bar(self) -> ComposeResult:
        yield _Here(markup=False)


class _Folders(DirectoryNavigation):
    def add_options(self, new_options: Iterable[OptionListContent]) -> _Folders:
        super().add_options(
            _Folder(option.location, self._styles) if isinstance(option, DirectoryEntry) else option
            for option in new_options
        )
        return self


class _Folder(DirectoryEntry):
    @classmethod
    def _name(cls, location: Path) -> Text:
        return Text(escaped(location.name))


class _Here(CurrentDirectory):
    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        super().update(escaped(str(content)), layout=layout)
