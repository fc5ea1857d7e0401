"""Lines with a mark: what does not fit continues under the words."""

from __future__ import annotations

import pytest
from textual.content import Content

from csr_tui.ui.widgets.hanging_indent import HangingIndent, hang


@pytest.mark.parametrize(
    ("text", "mark", "lines"),
    [
        ("✗ Domain: too long for a line", None, ["✗ Domain: too long for a", "  line"]),
        (
            "› a hint that goes on\n! and a warning that does",
            None,
            ["› a hint that goes on", "! and a warning that", "  does"],
        ),
        ("  = a name, indented, in two", None, ["  = a name, indented, in", "    two"]),
        ("^g  generate the key, the CSR", None, ["^g  generate the key,", "    the CSR"]),
        ("1 Names 2: a.example b.example", 8, ["1 Names 2: a.example", "        b.example"]),
        ("plain words that go on below", None, ["plain words that go on", "below"]),
        ("✗", None, ["✗"]),
        ("a label so long that no room is left", 20, ["a label so long that no", "room is left"]),
    ],
)
def test_what_does_not_fit_beside_a_mark_continues_under_the_words(
    text: str, mark: int | None, lines: list[str]
) -> None:
    assert [line.plain for line in hang(Content(text), 24, mark)] == lines
    assert HangingIndent(Content(text), mark).get_height({}, 24) == len(lines)
