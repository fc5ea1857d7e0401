"""A part of a screen that may be longer than its place, and the keys that scroll it."""

from __future__ import annotations

from itertools import takewhile
from typing import TypeVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget

from csr_tui.core.text import counted
from csr_tui.ui.live_screen import LiveScreen

Answer = TypeVar("Answer")


class Page(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Its last line counts the lines below it; it never takes the focus, for the keys of its screen scroll it."""

    DEFAULT_CSS = """
    Page {
        border-bottom: blank;
        border-subtitle-align: right;
        border-subtitle-color: $muted;
        scrollbar-size-vertical: 1;
    }
    """

    _place: object = None

    def on_mount(self) -> None:
        self.watch(self, "scroll_y", self._count)
        self.watch(self, "virtual_size", self._count)
        self.watch(self.screen, "focused", self._entered)
        self.screen.screen_layout_refresh_signal.subscribe(self, self._see_focus)

    def on_resize(self) -> None:
        self._count()

    def _entered(self, focused: Widget | None) -> None:
        self._count()
        self._place = self._place_of(focused)

    def _see_focus(self, screen: Screen[object]) -> None:
        """A line that has come above the focus, or below this page, may have pushed it out of sight.

        A person who scrolls may do that too, and then nothing scrolls back.
        """
        place = self._place_of(screen.focused)
        if screen.focused is not None and place not in (None, self._place):
            self._place = place
            if not self.content_region.overlaps(screen.focused.region):
                self.scroll_to_widget(screen.focused, animate=False)

    def _place_of(self, focused: Widget | None) -> object:
        """Where it is in the page, however far that is scrolled, and how big the page is."""
        if focused is None or self not in focused.ancestors:
            return None
        way = takewhile(lambda node: node is not self, focused.ancestors_with_self)
        return self.size, [(node, node.virtual_region) for node in way if isinstance(node, Widget)]

    def _count(self) -> None:
        left = self.max_scroll_y - self.scroll_offset.y
        text = f"↓ {counted(left, 'more line')}: {self._key()}" if left > 0 else ""
        if text != (self.border_subtitle or ""):
            self.border_subtitle = text

    def _key(self) -> str:
        """The key for a page, which some of what can have the focus takes for itself."""
        found = self.screen.active_bindings.get("pagedown")
        if found is None or found.node is self.screen:
            return "PgDn"
        takes = found.binding.action != "page_down" or getattr(found.node, "allow_vertical_scroll", False)
        return "Ctrl+PgDn" if takes else "PgDn"


class PagedScreen(LiveScreen[Answer]):
    """A screen whose pages are scrolled by key, whatever has the focus: with Ctrl where that takes the key itself."""

    BINDINGS = [
        Binding("up", "scroll_lines(-1)", "Line up", show=False),
        Binding("down", "scroll_lines(1)", "Line down", show=False),
        Binding("pageup,ctrl+pageup", "scroll_pages(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+pagedown", "scroll_pages(1)", "Page down", show=False),
        Binding("home,ctrl+home", "scroll_far(-1)", "Top", show=False),
        Binding("end,ctrl+end", "scroll_far(1)", "End", show=False),
    ]

    def action_scroll_lines(self, by: int) -> None:
        for page in self._pages(by)[-1:]:
            page.scroll_relative(y=by, animate=False)

    def action_scroll_pages(self, by: int) -> None:
        for page in self._pages(by)[-1:]:
            page.scroll_relative(y=by * max(1, page.scrollable_content_region.height - 1), animate=False)

    def action_scroll_far(self, way: int) -> None:
        for page in self._pages(way):
            page.scroll_to(y=0 if way < 0 else page.max_scroll_y, animate=False)

    def _pages(self, way: int) -> list[Page]:
        """Those that can still move up or down, the innermost last."""
        return [
            page
            for page in self.query(Page)
            if page.display and (page.scroll_offset.y > 0 if way < 0 else page.scroll_offset.y < page.max_scroll_y)
        ]
