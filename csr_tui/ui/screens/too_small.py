"""What shows while the terminal is smaller than the screens need."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from csr_tui.ui.live_screen import LiveScreen

COLUMNS, LINES = 60, 15


def too_small(size: Size) -> bool:
    """Whether the screens would be cut off."""
    return size.width < COLUMNS or size.height < LINES


class TooSmall(LiveScreen[None], ModalScreen[None]):
    """Covers everything and loses nothing; it goes by itself when the window is large enough."""

    CSS_PATH = None  # it is in the app's
    BINDINGS = [Binding("q", "app.quit", "Quit", id="small.quit", tooltip="Save and leave")]

    def compose(self) -> ComposeResult:
        yield Static(
            f"csr-tui needs {COLUMNS} columns and {LINES} lines. Enlarge the window to continue: nothing is lost. "
            "Q or Ctrl+Q saves and leaves.",
            markup=False,
        )

    @on(events.ScreenResume)
    def _go(self) -> None:
        """Windows that were opened meanwhile stand above this one, and may have kept it."""
        if self.is_current and not too_small(self.app.size):
            self.dismiss()
