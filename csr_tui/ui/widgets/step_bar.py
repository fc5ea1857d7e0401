"""Where the person is in the wizard: each step with its mark, to be clicked or reached by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from csr_tui.core.record import WizardStep

TITLES = {
    WizardStep.SUBJECT: "Subject",
    WizardStep.NAMES: "Names",
    WizardStep.ALGORITHM: "Algorithm",
    WizardStep.KEY: "Key",
    WizardStep.REVIEW: "Review",
}

ORDER = tuple(WizardStep)
SLIM = 66
"""Cells that all five names take."""


class Mark(Enum):
    """How a step stands, as a sign and a style."""

    AHEAD = (" ", "$muted")
    DONE = ("✓", "$success")
    ERRORS = ("✗", "$error")


class StepBar(Static):
    """The steps in one line, each with the number of its key."""

    DEFAULT_CSS = """
    StepBar { height: 1; width: 1fr; background: $surface; padding: 0 1; }
    """
    ALLOW_SELECT = False

    @dataclass
    class Chosen(Message):
        step: WizardStep

    def __init__(self, current: WizardStep, marks: Mapping[WizardStep, Mark], titles: Mapping[WizardStep, str]) -> None:
        super().__init__(markup=False)
        self._current = current
        self._marks, self._titles = marks, titles
        self._ends: tuple[int, ...] = ()

    def on_mount(self) -> None:
        self.mark(self._marks, self._titles)

    def on_resize(self) -> None:
        self.mark(self._marks, self._titles)

    def mark(self, marks: Mapping[WizardStep, Mark], titles: Mapping[WizardStep, str]) -> None:
        """Show these marks; where there is no room for all names, the others' numbers say enough."""
        self._marks, self._titles = marks, titles
        slim = 0 < self.size.width < SLIM
        parts: list[Content] = []
        ends: list[int] = []
        for step in marks:
            number = ORDER.index(step) + 1
            sign, style = self._marks[step].value
            here = step is self._current
            title = f" {number} {titles[step]} " if here or not slim else f" {number} "
            name = Content.styled(title, "bold reverse $primary" if here else "")
            parts.append(name + Content.styled(f"{sign} ", style))
            ends.append(sum(len(part) for part in parts) + len(parts) - 1)
        self._ends = tuple(ends)
        self.update(Content.styled("›", "$muted").join(parts))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        for step, end in zip(self._marks, self._ends, strict=True):
            if offset.x < end:
                self.post_message(self.Chosen(step))
                return
