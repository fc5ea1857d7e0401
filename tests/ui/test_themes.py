"""The contrast of both themes, computed as WCAG 2.2 says."""

import pytest
from textual.color import Color
from textual.theme import Theme

from csr_tui.ui.themes import DARK, LIGHT


def luminance(color: Color) -> float:
    parts = [value / 255 for value in color.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    bright, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", ["foreground", "primary", "accent", "success", "warning", "error", "muted", "pressing"])
@pytest.mark.parametrize("paper", ["background", "surface", "panel"])
def test_text_has_seven_to_one(theme: Theme, ink: str, paper: str) -> None:
    color = getattr(theme, ink, None) or theme.variables[ink]

    assert ratio(color, getattr(theme, paper)) >= 7


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("line", ["border", "border-blurred", "primary"])
@pytest.mark.parametrize("paper", ["background", "surface"])
def test_lines_have_three_to_one(theme: Theme, line: str, paper: str) -> None:
    color = getattr(theme, line, None) or theme.variables[line]

    assert ratio(color, getattr(theme, paper)) >= 3


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_chosen_row_can_be_read(theme: Theme) -> None:
    assert theme.foreground is not None
    assert ratio(theme.foreground, theme.variables["chosen"]) >= 7
    assert ratio(theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]) >= 7
