"""Lines that are drawn by their number, as far as they show."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineList(ScrollView):
    """A list of lines, each as wide as the list; the bar covers their ends where they are more than show."""

    DEFAULT_CSS = """
    LineList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    ALLOW_SELECT = False

    _height = 0

    def draw_line(self, index: int, width: int) -> Strip:
        """A line, by its number among all."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        return self.draw_line(self.scroll_offset.y + y, self.size.width)

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
