"""What the program has to say, in a line that takes its own place instead of another's."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.notifications import Notification
from textual.screen import Screen
from textual.widgets import Footer, Static

from csr_tui.core.text import visible

SIGNS = {"error": ("✗ ", "bold $error"), "warning": ("! ", "bold $warning"), "information": ("› ", "bold $success")}


class StatusLine(Static):
    """Above the footer, or in a window above its buttons; the last of several notices is the last to go."""

    DEFAULT_CSS = """
    StatusLine {
        display: none;
        width: 1fr;
        height: auto;
        max-height: 40vh;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        &.-docked { dock: bottom; }
    }
    """

    def show(self, notices: Sequence[Notification]) -> None:
        self.display = bool(notices)
        lines = [
            Content.assemble(SIGNS[notice.severity], visible(f"{notice.title}: " * bool(notice.title) + notice.message))
            for notice in notices
        ]
        self.update(Content("\n").join(lines))


def show(screen: Screen[object], notices: Sequence[Notification]) -> None:
    """Show these on a screen, whichever it is; none takes the line away."""
    lines = screen.query(StatusLine)
    if not lines and notices:
        line = StatusLine(markup=False)
        below = next(iter([*screen.query("#problem"), *screen.query(Footer)]), None)
        if below is None or below.parent is None:
            line.add_class("-docked")
            screen.mount(line)
        else:
            below.parent.mount(line, before=below)
        line.show(notices)
    for line in lines:
        line.show(notices)
