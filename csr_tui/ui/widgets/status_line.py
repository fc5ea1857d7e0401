"""The last message, in a line that takes its own place instead of another's."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.notifications import Notification
from textual.screen import Screen
from textual.widgets import Footer, Static

from csr_tui.core.text import escaped
from csr_tui.ui.key_gate import takes_text

SIGNS = {"error": ("✗ ", "bold $error"), "warning": ("! ", "bold $warning"), "information": ("✓ ", "bold $success")}
WORST = tuple(SIGNS)


def notice_text(notice: Notification) -> Content:
    """A message with the sign of its severity, whole."""
    return Content.assemble(SIGNS[notice.severity], _text(notice))


class StatusLine(Static):
    """Above the footer, or in a window above its buttons: the worst message since the last key, cut to one line."""

    DEFAULT_CSS = """
    StatusLine {
        display: none;
        width: 1fr;
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        text-wrap: nowrap;
        &.-docked { dock: bottom; }
    }
    """

    _notices: Sequence[Notification] = ()

    def show(self, notices: Sequence[Notification]) -> None:
        self._notices = notices
        self.display = bool(notices)
        self.refresh()

    def render(self) -> Content:
        if not self._notices:
            return Content("")
        notice = min(reversed(self._notices), key=lambda one: WORST.index(one.severity))
        text, room, more = _text(notice), self.size.width - 2, len(self._notices) - 1
        if more or cell_len(text) > room:
            key = "F3" if takes_text(self.screen.focused) else "!"
            hint = f"  {f'{more} more, ' if more else ''}press {key}"
            room -= cell_len(hint)
            text = f"{set_cell_size(text, room - 1).rstrip()}…" if cell_len(text) > room else text
            return Content.assemble(
                SIGNS[notice.severity], text, " " * (room - cell_len(text)), Content.styled(hint, "$muted")
            )
        return notice_text(notice)


def _text(notice: Notification) -> str:
    return escaped(f"{notice.title}: " * bool(notice.title) + notice.message)


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
