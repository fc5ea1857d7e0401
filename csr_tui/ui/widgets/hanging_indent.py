"""Texts whose marked lines hang: what does not fit beside a mark continues under the words, never under the mark."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Static

MARK = re.compile(r" *(?:[^\w\s] +|\S{1,9} {2,})?")
"""A sign, or a key followed by two blanks."""

LEAST = 16
"""Cells that a text needs beside its mark; a narrower one does not hang."""


def hang(text: Content, width: int, mark: int | None = None) -> Iterator[Content]:
    """The text, wrapped to `width` cells; `mark` is the width of its marks, where they are no signs."""
    for line in text.split(allow_blank=True):
        length = _length(line.plain) if mark is None else mark
        begin = line[:length]
        if width - begin.cell_length < LEAST:
            begin, length = Content(""), 0
        indent = Content(" " * begin.cell_length)
        for at, part in enumerate(line[length:].wrap(max(1, width - begin.cell_length))):
            yield (indent if at else begin) + part.rstrip()


class HangingIndent(Visual):
    """A text that hangs at whatever width it gets."""

    def __init__(self, text: Content, mark: int | None = None) -> None:
        self._text = text
        self._mark = mark
        self._lines: tuple[int, Content] = 0, text

    def __str__(self) -> str:
        return self._text.plain

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return self._at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self._text.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:
        return self._text.get_minimal_width(rules)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return self._at(width).get_height(rules, width)

    def _at(self, width: int) -> Content:
        if self._lines[0] != width:
            self._lines = width, Content("\n").join(hang(self._text, width, self._mark))
        return self._lines[1]


class MarkedText(Static):
    """A text each line of which may begin with a sign; it is never read as markup."""

    def __init__(self, text: str | Content, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, id=id, classes=classes, markup=False)

    @property
    def visual(self) -> Visual:
        visual = super().visual
        return HangingIndent(visual) if isinstance(visual, Content) else visual


def _length(line: str) -> int:
    match = MARK.match(line)
    return 0 if match is None or match.end() == len(line) else match.end()
