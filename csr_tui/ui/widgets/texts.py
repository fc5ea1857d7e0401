"""Several texts in one place, one of them shown: its lines are as long as they are, and scroll sideways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import ScrollableContainer, Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from csr_tui.core.text import escaped
from csr_tui.export.targets.target import Snippet

MARGIN = 3
"""Cells beside a text that it does not have: a blank on each side, and the scroll bar of the page."""


class Sideways(ScrollableContainer, can_focus=False, inherit_bindings=False):
    """A text whose long lines go on to the right."""

    DEFAULT_CSS = """
    Sideways {
        height: auto; overflow-x: auto; overflow-y: hidden; scrollbar-size-horizontal: 1;
        & > Static { width: auto; min-width: 100%; height: auto; }
    }
    """


def to_paste(snippet: Snippet, keys: str, command_keys: str) -> Iterator[Widget]:
    """The lines for a server's configuration and the commands that go with them; none of them is ever broken."""
    if snippet.lines:
        yield Static(f"\nServer configuration ({keys}):", classes="paste-lead", markup=False)
        yield Sideways(Static(escaped("\n".join(snippet.lines), keep="\n"), markup=False), classes="paste")
    for what, command in snippet.commands:
        yield Static(f"\n{escaped(what)} ({command_keys}):", classes="paste-lead", markup=False)
        yield Sideways(Static(escaped(command), markup=False), classes="paste")


def slide(node: DOMNode, by: int) -> None:
    """Scroll every text of a screen sideways by so many cells."""
    for lines in node.query(Sideways):
        lines.scroll_relative(x=by, animate=False)


SCROLL = "Shift+←→ scroll"


class Titles(Static):
    """The titles of several texts in a line, the shown one in brackets, and as many of its keys as there is room for.

    The key that scrolls is the first of them where lines of the text go on to the right.
    """

    DEFAULT_CSS = """
    Titles { height: 1; text-wrap: nowrap; }
    """
    ALLOW_SELECT = False

    @dataclass
    class Chosen(Message):
        title: str

    def __init__(self, hint: str, id: str) -> None:  # Textual's
        super().__init__("", id=id, markup=False)
        self._hint = hint
        self._titles: tuple[str, ...] = ()
        self._chosen = ""
        self._widest = 0

    def show(self, titles: Iterable[str], chosen: str, widest: int) -> None:
        """`widest` are the cells of the longest line of the chosen text."""
        self._titles, self._chosen, self._widest = tuple(titles), chosen, widest
        self.refresh()

    def render(self) -> Content:
        line = Content(" ").join(self._parts())
        hints = [f"{SCROLL}  {self._hint}", SCROLL] if self._widest > self.size.width - MARGIN else [self._hint]
        for hint in hints:
            if (room := self.size.width - line.cell_length - len(hint)) > 1:
                return line + Content.styled(f"{' ' * room}{hint}", "$muted")
        return line

    def _parts(self) -> list[Content]:
        return [
            Content.styled(f"[{title}]", "bold $primary") if title == self._chosen else Content(f" {title} ")
            for title in self._titles
        ]

    def on_click(self, event: events.Click) -> None:
        end = 0
        for title, part in zip(self._titles, self._parts(), strict=True):
            end += part.cell_length + 1
            if event.get_content_offset_capture(self).x < end:
                self.post_message(self.Chosen(title))
                return


class Texts(Vertical):
    """Several texts, one of them shown below their titles."""

    DEFAULT_CSS = """
    Texts { height: auto; }
    """

    @dataclass
    class Shown(Message):
        """Another text is shown, or there are others."""

        titles: tuple[str, ...]
        title: str
        widest: int

    def __init__(self, texts: Mapping[str, str], chosen: str, *, hint: str, id: str) -> None:  # Textual's
        super().__init__(id=id)
        self._texts = dict(texts)
        self.chosen = chosen
        self._hint = hint

    def compose(self) -> ComposeResult:
        yield Titles(self._hint, id="titles")
        with Sideways():
            yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        self._show()

    @property
    def text(self) -> str:
        return self._texts[self.chosen]

    def show(self, texts: Mapping[str, str], chosen: str) -> None:
        """Have other texts."""
        self._texts, self.chosen = dict(texts), chosen
        self._show()

    def turn(self, by: int) -> None:
        """Show the one so many further on."""
        titles = list(self._texts)
        self.choose(titles[(titles.index(self.chosen) + by) % len(titles)])

    def choose(self, title: str) -> None:
        self.chosen = title
        self.query_one(Sideways).scroll_home(animate=False)
        self._show()

    def slide(self, by: int) -> None:
        slide(self, by)

    def _show(self) -> None:
        text = escaped(self.text.rstrip("\n"), keep="\n")
        widest = max(map(cell_len, text.split("\n")))
        self.query_one(Titles).show(self._texts, self.chosen, widest)
        self.query_one("#text", Static).update(text)
        self.post_message(self.Shown(tuple(self._texts), self.chosen, widest))
