"""Lines that are drawn by their number, as far as they show, with a cursor on one of them."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineList(ScrollView):
    """A list of lines, each as wide as the list; the bar covers their ends where they are more than show."""

    DEFAULT_CSS = """
    LineList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    ALLOW_SELECT = False
    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.pageup"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.pagedown"),
        Binding("home", "move_to(0)", "First", show=False, id="list.first"),
        Binding("end", "move_to(-1)", "Last", show=False, id="list.last"),
    ]

    cursor: reactive[int] = reactive(0, repaint=True)

    _height = 0

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def highlight(self) -> None:
        """Tell the screen which line has the cursor."""
        raise NotImplementedError

    def draw_line(self, index: int, width: int) -> Strip:
        """A line, by its number among all."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        return self.draw_line(self.scroll_offset.y + y, self.size.width)

    def action_move(self, by: int) -> None:
        self.action_move_to(min(max(self.cursor + by, 0), self.count - 1))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 1))

    def action_move_to(self, index: int) -> None:
        if not self.count:
            return
        self.cursor = index if index >= 0 else self.count - 1
        self.scroll_to_line(self.cursor)
        self.highlight()

    def fit(self, lines: int, at: int) -> None:
        """There is another room for so many lines; the one `at` that place is seen still if it was."""
        seen = 0 <= at - self.scroll_offset.y < self._height
        self._height = self.size.height
        self.virtual_size = Size(0, lines)
        if seen:
            self.scroll_to_line(at)

    def scroll_to_line(self, index: int) -> None:
        """Scroll as little as it takes to see a line."""
        top, height = self.scroll_offset.y, self.size.height
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif height and index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, immediate=True)


def in_cells(text: str, width: int) -> str:
    """Just `width` cells with a blank at the end, cut with an ellipsis where it has to be."""
    if cell_len(text) >= width:
        return set_cell_size(text, width - 2) + "… "
    return set_cell_size(text, width)
