"""What shows while the terminal is smaller than the screens need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size

COLUMNS, LINES = 80, 24


def too_small(size: Size) -> bool:
    """Whether the screens would be cut off."""
    return size.width < COLUMNS or size.height < LINES


class TooSmall(ModalScreen[None]):
    """Covers everything and loses nothing; it goes by itself when the window is large enough."""

    def compose(self) -> ComposeResult:
        yield Static(
            f"csr-tui needs a window of {COLUMNS} columns and {LINES} lines.\n\n"
            "Make it larger to go on: nothing is lost.\nCtrl+Q saves and leaves.",
            markup=False,
        )
