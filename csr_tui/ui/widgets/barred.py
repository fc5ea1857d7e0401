"""Lines beside a scroll bar that is drawn with them.

Textual's own bar is another widget, and to draw it takes as long as to draw all lines beside it. This one has its
looks, which the same styles set, and answers the mouse as that one does. Nor do the lines go through what Textual puts
around those of any widget (border, padding, opacity): here is none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from textual import events
from textual.color import Color
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.segment import Segment


class BarredView(ScrollView):
    """Lines that are drawn by `draw_line`, with a bar on their right where they are more than can be seen."""

    DEFAULT_CSS = """
    BarredView { overflow-x: hidden; scrollbar-size-vertical: 0; }
    """
    ALLOW_SELECT = False

    _hovered: reactive[bool] = reactive(False)
    _grabbed: reactive[tuple[float, float] | None] = reactive(None)
    """Where on the screen the bar was taken hold of, and which line was on top then."""

    _pressed = False
    """Whether the mouse went down on the bar, so that the click that may follow is none on a line."""
    _height = 0
    _bar: Sequence[Segment] = ()
    _bar_of: object = None

    @property
    def room(self) -> int:
        """How wide a line is, beside the bar if there is one."""
        return self.size.width - (self.virtual_size.height > self.size.height)

    def draw_line(self, index: int, width: int) -> Strip:
        """A line, by its number among all, `finished`."""
        raise NotImplementedError

    def finished(self, line: Strip) -> Strip:
        """What the terminal shows of a line; whoever keeps lines keeps this, for it takes as long as all the rest."""
        background = self.background_colors[1]
        return reduce(lambda line, one: line.apply_filter(one, background), self.get_line_filters(), line)

    def render_lines(self, crop: Region) -> list[Strip]:
        top, room, (width, height) = self.scroll_offset.y, self.room, self.size
        lines = [self.draw_line(top + y, room) for y in crop.line_range]
        if room < width:
            if (seen := (height, self.virtual_size.height, top, *self._colors())) != self._bar_of:
                self._bar, self._bar_of = tuple(self.finished(_bar(*seen))), seen
            lines = [Strip([*line, self._bar[y]], width) for y, line in zip(crop.line_range, lines, strict=True)]
        return lines if crop.column_span == (0, width) else [line.crop(*crop.column_span) for line in lines]

    def fit(self, lines: int, at: int) -> None:
        """There is another room for so many lines; the one `at` that place is seen still if it was."""
        seen = 0 <= at - self.scroll_offset.y < self._height
        self._height = self.size.height
        self.virtual_size = Size(self.size.width, lines)
        if seen:
            self.bring(at)

    def bring(self, index: int) -> None:
        """Scroll as little as it takes to see a line."""
        top, height = self.scroll_offset.y, self.size.height
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif height and index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if round(old_value) != round(new_value):
            self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed = "@mouse.down" in event.style.meta

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hovered = "@mouse.down" in event.style.meta
        if self._grabbed is not None:
            grabbed_at, top = self._grabbed
            lines = (event.screen_y - grabbed_at) * self.virtual_size.height / self.size.height
            self.scroll_to(y=top + lines, animate=False)

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self:
            self._hovered = False

    def on_mouse_up(self) -> None:
        if self._grabbed is not None:
            self.release_mouse()

    def on_mouse_capture(self, event: events.MouseCapture) -> None:
        self._grabbed = event.mouse_position.y, self.scroll_y

    def on_mouse_release(self) -> None:
        self._grabbed = None

    def action_grab(self) -> None:
        self.capture_mouse()

    def action_scroll_up(self) -> None:
        self.scroll_page_up(animate=False)

    def action_scroll_down(self) -> None:
        self.scroll_page_down(animate=False)

    def _colors(self) -> tuple[Color, Color]:
        """What the bar stands on, and its own."""
        styles = self.styles
        if self._grabbed is not None:
            return styles.scrollbar_background_active, styles.scrollbar_color_active
        if self._hovered:
            return styles.scrollbar_background_hover, styles.scrollbar_color_hover
        return styles.scrollbar_background, styles.scrollbar_color


def _bar(height: int, lines: int, top: int, back: Color, color: Color) -> Strip:
    """A piece for each line that can be seen, which says what pressing it does."""
    bar = ScrollBarRender.render_bar(
        size=height,
        virtual_size=lines,
        window_size=height,
        position=top,
        back_color=back.rich_color,
        bar_color=(back + color).rich_color,
    )
    return Strip(bar.segments)
