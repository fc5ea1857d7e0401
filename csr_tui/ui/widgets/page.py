"""A part of a screen that may be longer than its place, and the keys that scroll it."""

from __future__ import annotations

from typing import TypeVar

from textual.binding import Binding
from textual.containers import VerticalScroll

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

    def on_mount(self) -> None:
        self.watch(self, "scroll_y", self._count)
        self.watch(self, "virtual_size", self._count)
        self.watch(self.screen, "focused", self._count)

    def on_resize(self) -> None:
        self._count()
        self.call_after_refresh(self._see_focus)

    def _see_focus(self) -> None:
        """A line that has come below this may have pushed the focus out of sight."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors and not self.screen.can_view_partial(focused):
            self.scroll_to_widget(focused, animate=False)

    def _count(self) -> None:
        left = self.max_scroll_y - self.scroll_offset.y
        text = f"↓ {left} more {'line' if left == 1 else 'lines'}: {self._key()}" if left > 0 else ""
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
