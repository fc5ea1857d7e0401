"""The buttons of a window or a step: in one line where they fit, else in as many as they need."""

from __future__ import annotations

from typing import Any

from textual.containers import Container
from textual.content import Content
from textual.geometry import Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget
from textual.widgets import Button as AnyButton


class Button(AnyButton):
    """One line high; with the focus it is filled and marked, and then no other button is filled."""

    DEFAULT_CSS = """
    Button {
        &.-style-default.-textual-compact {
            height: 1;
            min-width: 10;
            background: $panel;
            color: $foreground;
            &.-primary { background: $primary; color: $background; }
            &.-warning { color: $warning; }
            &:hover { background: $chosen; color: $foreground; }
            &:disabled { color: $muted; text-style: none; opacity: 1; text-opacity: 1; }
            &:focus { background: $primary; background-tint: transparent; color: $background; text-style: bold; }
            &.-warning:focus { background: $warning; }
        }
    }
    ButtonRow:focus-within Button.-style-default.-textual-compact.-primary:blur { background: $panel; color: $primary; }
    """

    def __init__(self, label: str, **how: Any) -> None:
        super().__init__(Content(label), compact=True, **how)

    def on_mount(self) -> None:
        self.styles.line_pad = 0  # a style sheet may not say so

    def render(self) -> Content:
        return Content.assemble("▸" if self.has_focus else " ", Content(str(self.label)), " ")


class ButtonRow(Container):
    """Buttons from left to right, up to the right edge."""

    DEFAULT_CSS = """
    ButtonRow { height: auto; width: 1fr; }
    """

    @property
    def layout(self) -> Layout:
        return _Lines()


class _Lines(Layout):
    """Fills one line after another."""

    name = "lines"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002  # Textual's
    ) -> ArrangeResult:
        parent.pre_layout(self)
        widths = [min(size.width, max(10, child.get_content_width(size, parent.app.size))) for child in children]
        gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= size.width else 1
        lines: list[list[tuple[Widget, int]]] = [[]]
        for child, width in zip(children, widths, strict=True):
            if lines[-1] and sum(one for _, one in lines[-1]) + gap * len(lines[-1]) + width > size.width:
                lines.append([])
            lines[-1].append((child, width))
        placements = []
        for y, line in enumerate(lines):
            x = size.width - sum(width for _, width in line) - gap * (len(line) - 1)
            for child, width in line:
                placements.append(WidgetPlacement(Region(x, y, width, 1), Region().offset, Spacing(), child))
                x += width + gap
        return placements
