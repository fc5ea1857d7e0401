"""What an export wrote, and the lines to paste into the server's configuration."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from csr_tui.core.text import escaped
from csr_tui.ui import clipboard
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.texts import Sideways


class ExportResult(Dialog[None]):
    """The lines are never broken: they scroll sideways, and C copies them whole."""

    TITLE_TEXT = "Exported"
    BINDINGS = [
        Binding("c", "copy", "Copy lines", id="exported.copy", tooltip="Copy the lines to paste"),
        Binding("left", "slide(-8)", "Scroll left", show=False, id="exported.left", tooltip="Scroll long lines"),
        Binding("right", "slide(8)", "Scroll right", show=False, id="exported.right", tooltip="Scroll long lines"),
    ]

    def __init__(self, written: Sequence[str], lines: Sequence[str], proofs: Sequence[str]) -> None:
        super().__init__()
        self._written = written
        self._lines = lines
        self._proofs = proofs

    def compose_form(self) -> ComposeResult:
        yield Static(escaped("\n".join(self._written), keep="\n"), markup=False)
        if self._lines:
            yield Static(
                "\nServer configuration (C copies these lines, ←→ scroll):", classes="dialog-lead", markup=False
            )
            with Sideways(id="lines"):
                yield Static(escaped("\n".join(self._lines), keep="\n"), markup=False)
        yield Static(escaped("\n".join(("", *self._proofs)), keep="\n"), markup=False)

    def compose_buttons(self) -> ComposeResult:
        if self._lines:
            yield Button(Content("Copy lines"), id="copy", compact=True)
        yield Button(Content("Close"), id="cancel", compact=True, variant="primary")

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        if self._lines:
            self._copy()

    @work(group="copy", exclusive=True, description="copying the lines to paste")
    async def _copy(self) -> None:
        await clipboard.copy(self.app, "configuration", "".join(f"{line}\n" for line in self._lines))

    def action_slide(self, by: int) -> None:
        for lines in self.query(Sideways):
            lines.scroll_relative(x=by, animate=False)
