"""The contrast of all themes, computed as WCAG 2.2 says."""

import pytest
from textual.color import Color
from textual.theme import Theme

from csr_tui.ui.app import CsrTui
from csr_tui.ui.themes import BLACK, DARK, LIGHT, THEMES, theme_for


def luminance(color: Color) -> float:
    parts = [value / 255 for value in color.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    bright, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", ["foreground", "primary", "accent", "success", "warning", "error", "muted", "pressing"])
@pytest.mark.parametrize("paper", ["background", "surface", "panel"])
def test_text_has_seven_to_one(theme: Theme, ink: str, paper: str) -> None:
    color = getattr(theme, ink, None) or theme.variables[ink]

    assert ratio(color, getattr(theme, paper)) >= 7


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("line", ["border", "border-blurred", "primary"])
@pytest.mark.parametrize("paper", ["background", "surface"])
def test_lines_have_three_to_one(theme: Theme, line: str, paper: str) -> None:
    color = getattr(theme, line, None) or theme.variables[line]

    assert ratio(color, getattr(theme, paper)) >= 3


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_chosen_row_can_be_read(theme: Theme) -> None:
    assert theme.foreground is not None
    assert ratio(theme.foreground, theme.variables["chosen"]) >= 7
    assert ratio(theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]) >= 7


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", ["primary", "accent", "success", "warning", "error", "muted", "pressing"])
def test_what_is_on_the_chosen_row_has_four_and_a_half_to_one(theme: Theme, ink: str) -> None:
    color = getattr(theme, ink, None) or theme.variables[ink]

    assert ratio(color, theme.variables["chosen"]) >= 4.5


@pytest.mark.parametrize(
    ("said", "few_colors", "theme"),
    [
        ("", False, DARK),
        ("15;0", False, DARK),
        ("0;default;15", False, LIGHT),
        ("0;7", True, LIGHT),
        ("12;8", False, DARK),
        ("x;y", False, DARK),
        ("", True, BLACK),
    ],
)
def test_a_terminal_that_says_so_gets_a_light_theme(said: str, few_colors: bool, theme: Theme) -> None:
    assert theme_for({"COLORFGBG": said}, few_colors=few_colors) is theme


async def test_the_palette_offers_these_four(app: CsrTui) -> None:
    assert tuple(app.available_themes) == tuple(theme.name for theme in THEMES)
