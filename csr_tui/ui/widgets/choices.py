"""A list of options of which one is chosen, each with room to say what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from csr_tui.ui.widgets.going_on import go_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Option(Generic[Value]):
    """One way to go: its value, its name, and a line or two on what it means."""

    value: Value
    title: str
    lines: tuple[str, ...] = ()


class Choices(Widget, Generic[Value], can_focus=True):
    """Arrow keys, the first letter or a click choose; what is chosen is marked with more than colour."""

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
        """Another option is chosen."""

        choices: Choices[Any]

        @property
        def control(self) -> Choices[Any]:
            return self.choices

    def __init__(self, options: Sequence[Option[Value]], value: Value | None, *, id: str, help: str = "") -> None:
        super().__init__(id=id)
        self.help = help
        self._options = tuple(options)
        self.set_reactive(Choices.chosen, self._index(value))

    @property
    def value(self) -> Value | None:
        """What is chosen; None while nothing is."""
        return self._options[self.chosen].value if self.chosen >= 0 else None

    def offer(self, options: Sequence[Option[Value]], value: Value | None) -> None:
        """Put other options in place of these, without telling anyone."""
        self._options = tuple(options)
        self.set_reactive(Choices.chosen, self._index(value))
        self.refresh(layout=True)

    def render(self) -> Content:
        parts: list[Content] = []
        for index, option in enumerate(self._options):
            chosen = index == self.chosen
            mark = "(•) " if chosen else "( ) "
            parts.append(Content.styled(mark + option.title, "bold $primary" if chosen else ""))
            parts += [Content.styled(f"    {line}", "$muted") for line in option.lines]
        return Content("\n").join(parts)

    def action_step(self, by: int) -> None:
        self._choose((self.chosen + by) % len(self._options))

    def action_next_field(self) -> None:
        go_on(self)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isalnum():
            wanted = event.character.casefold()
            order = [(self.chosen + 1 + offset) % len(self._options) for offset in range(len(self._options))]
            found = next((i for i in order if self._options[i].title.casefold().startswith(wanted)), None)
            if found is not None:
                self._choose(found)
                event.stop()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = 0
        for index, option in enumerate(self._options):
            row += 1 + len(option.lines)
            if offset.y < row:
                self._choose(index)
                return

    def _choose(self, index: int) -> None:
        if index != self.chosen:
            self.chosen = index
            self.post_message(self.Changed(self))

    def _index(self, value: Value | None) -> int:
        return next((i for i, option in enumerate(self._options) if option.value == value), -1)
