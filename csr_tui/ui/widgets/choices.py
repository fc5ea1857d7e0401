"""A list of options of which one is chosen, each with lines that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from textwrap import wrap
from typing import Any, Generic, TypeVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from csr_tui.core.questions import Option
from csr_tui.ui.widgets.focus import advance
from csr_tui.ui.widgets.page import Page

Value = TypeVar("Value")


class Choices(Widget, Generic[Value], can_focus=True):
    """Arrow keys, the first letter or a click choose; what is chosen is marked with more than colour.

    One that is `folded` shows what is chosen in one line until it is focused for the first time.
    """

    DEFAULT_CSS = """
    Choices {
        height: auto;
        width: 1fr;
        padding: 0 1;
        color: $foreground;
        border-left: wide $border-blurred;
        &:focus { border-left: wide $primary; }
    }
    """
    BINDINGS = [
        Binding("up", "step(-1)", "Previous option", show=False, id="choices.up"),
        Binding("down", "step(1)", "Next option", show=False, id="choices.down"),
        Binding("enter", "next_field", "Next field", show=False, id="choices.enter"),
    ]

    chosen: reactive[int] = reactive(0, layout=False)

    @dataclass
    class Changed(Message):
        choices: Choices[Any]

        @property
        def control(self) -> Choices[Any]:
            return self.choices

    def __init__(
        self, options: Sequence[Option[Value]], value: Value | None, *, id: str, help: str = "", folded: bool = False
    ) -> None:
        super().__init__(id=id)
        self.help = help
        self._folded = folded
        self._options = tuple(options)
        self.set_reactive(Choices.chosen, self._index(value))

    @property
    def value(self) -> Value | None:
        """What is chosen; None while nothing is."""
        return self._options[self.chosen].value if self.chosen >= 0 else None

    def set_options(self, options: Sequence[Option[Value]], value: Value | None) -> None:
        """Put other options in place of these, without telling anyone."""
        self._options = tuple(options)
        self.set_reactive(Choices.chosen, self._index(value))
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        return len(self._rows(width))

    def render(self) -> Content:
        return Content("\n").join(row for _, row in self._rows(self.size.width))

    def _rows(self, width: int) -> list[tuple[int, Content]]:
        """Each line as it is drawn, with the number of its option; what does not fit goes on below, as far in."""
        if self._folded and self.chosen >= 0:
            title = Content(f"▸ {self._options[self.chosen].title}").truncate(max(10, width), ellipsis=True)
            return [(self.chosen, title.stylize("bold $primary"))]
        rows: list[tuple[int, Content]] = []
        for index, option in enumerate(self._options):
            chosen = index == self.chosen
            mark = "(•) " if chosen else "(-) " if option.refusal else "( ) "
            style = "bold $primary" if chosen else "$muted" if option.refusal else ""
            for line in wrap(option.title, max(10, width - 4)):
                rows.append((index, Content.styled(mark + line, style)))
                mark = "    "
            for text in (option.refusal,) if option.refusal else option.lines:
                rows += [(index, Content.styled(f"    {line}", "$muted")) for line in wrap(text, max(10, width - 4))]
        return rows

    def focus_on_click(self) -> bool:
        return not self._folded  # else the click that unfolds it would choose as well

    def on_focus(self) -> None:
        if self._folded:
            self._folded = False
            self.refresh(layout=True)
        self.call_after_refresh(self.show_chosen)

    def show_chosen(self) -> None:
        """Scroll the page around it to what is chosen."""
        at = [y for y, (index, _) in enumerate(self._rows(self.size.width)) if index == self.chosen]
        page = next((one for one in self.ancestors if isinstance(one, Page)), None)
        if at and page is not None:
            way = takewhile(lambda node: node is not page, self.ancestors_with_self)
            offset = sum((node.virtual_region.offset for node in way if isinstance(node, Widget)), Offset(0, at[0]))
            page.scroll_to_region(Region.from_offset(offset, Size(self.size.width, len(at))), animate=False, force=True)

    def action_step(self, by: int) -> None:
        ways = [i for i, option in enumerate(self._options) if i == self.chosen or not option.refusal]
        at = ways.index(self.chosen) if self.chosen in ways else -1 if by > 0 else 0
        if ways:
            self._choose(ways[(at + by) % len(ways)])

    def action_next_field(self) -> None:
        advance(self, confirms=True)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isalnum():
            wanted = event.character.casefold()
            order = [(self.chosen + 1 + offset) % len(self._options) for offset in range(len(self._options))]
            titles = [None if option.refusal else option.title.casefold() for option in self._options]
            found = next((i for i in order if (title := titles[i]) and title.startswith(wanted)), None)
            if found is not None:
                self._choose(found)
                event.stop()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if self._folded:
            self.focus()
        elif offset is not None:
            rows = self._rows(self.size.width)
            if offset.y < len(rows):
                self._choose(rows[offset.y][0])

    def _choose(self, index: int) -> None:
        if index != self.chosen and not self._options[index].refusal:
            self.chosen = index
            self.show_chosen()
            self.post_message(self.Changed(self))

    def _index(self, value: Value | None) -> int:
        return next((i for i, option in enumerate(self._options) if option.value == value), -1)
