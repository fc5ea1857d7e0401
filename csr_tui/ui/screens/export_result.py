"""What an export wrote, and the lines to paste into the server's configuration."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding

from csr_tui.core.text import escaped
from csr_tui.export.targets.target import Snippet
from csr_tui.ui import clipboard
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.texts import slide, to_paste


class ExportResult(Dialog[None]):
    """The lines are never broken: they scroll sideways, and C copies them whole."""

    TITLE_TEXT = "Exported"
    BINDINGS = [
        Binding("c", "copy", "Copy lines", id="exported.copy", tooltip="Copy the lines to paste"),
        Binding("m", "copy_commands", "Copy commands", show=False, id="exported.commands", tooltip="Copy the commands"),
        Binding("left", "slide(-8)", "Scroll left", show=False, id="exported.left", tooltip="Scroll long lines"),
        Binding("right", "slide(8)", "Scroll right", show=False, id="exported.right", tooltip="Scroll long lines"),
    ]

    def __init__(self, written: Sequence[str], snippet: Snippet, proofs: Sequence[str]) -> None:
        super().__init__()
        self._written = written
        self._snippet = snippet
        self._proofs = proofs

    def compose_form(self) -> ComposeResult:
        yield MarkedText(escaped("\n".join(self._written), keep="\n"))
        yield from to_paste(self._snippet, "C copies these lines, ←→ scroll", "M copies, ←→ scroll")
        yield MarkedText(escaped("\n".join(("", *self._proofs)), keep="\n"))

    def compose_buttons(self) -> ComposeResult:
        if self._snippet.lines:
            yield Button("Copy lines", id="copy")
        if self._snippet.commands:
            yield Button("Copy commands", id="copy-commands")
        yield Button("Close", id="cancel", variant="primary")

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        self._copy("configuration", self._snippet.lines)

    @on(Button.Pressed, "#copy-commands")
    def action_copy_commands(self) -> None:
        self._copy("commands", [command for _, command in self._snippet.commands])

    @work(group="copy", exclusive=True, description="copying the lines to paste")
    async def _copy(self, what: str, lines: Sequence[str]) -> None:
        if lines:
            await clipboard.copy(self.app, what, "".join(f"{line}\n" for line in lines))

    def action_slide(self, by: int) -> None:
        slide(self, by)
