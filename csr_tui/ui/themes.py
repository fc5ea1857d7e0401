"""Four themes with high contrast: text 7:1 and lines 3:1 against what is behind them (WCAG 2.2, AAA and 1.4.11)."""

from __future__ import annotations

from textual.theme import Theme

from csr_tui.core.secret import Environ, variable


def _theme(name: str, *, dark: bool, colors: str, papers: str, lines: str, fills: str, cursor: str = "") -> Theme:
    """A theme of these colours, each list in the order of the names below."""
    ink, muted, primary, secondary, accent, success, warning, error, pressing = colors.split()
    background, surface, panel = papers.split()
    border, blurred, scrollbar = lines.split()
    chosen, selection = fills.split()
    behind = surface if dark else panel
    return Theme(
        name=name,
        dark=dark,
        primary=primary,
        secondary=secondary,
        accent=accent,
        success=success,
        warning=warning,
        error=error,
        foreground=ink,
        background=background,
        surface=surface,
        panel=panel,
        variables={
            "border": border,
            "border-blurred": blurred,
            "muted": muted,
            "chosen": chosen,
            "pressing": pressing,
            "scrollbar": scrollbar,
            "scrollbar-hover": border,
            "scrollbar-active": primary,
            "scrollbar-background": behind,
            "scrollbar-background-hover": behind,
            "scrollbar-background-active": behind,
            "scrollbar-corner-color": behind,
            "block-cursor-foreground": cursor or background,
            "block-cursor-background": primary,
            "block-cursor-text-style": "none",
            "footer-background": panel,
            "footer-key-foreground": accent,
            "footer-description-foreground": ink,
            "input-cursor-background": ink,
            "input-cursor-foreground": background,
            "input-selection-background": selection,
        },
    )


DARK = _theme(
    "csr-dark",
    dark=True,
    colors="#e8eef4 #b3c1ce #6cc4ff #9db4c8 #7fe3c0 #86e29b #ffd479 #ff9d9d #ffb38a",
    papers="#0e1319 #151c25 #1e2732",
    lines="#7f93a8 #66788a #5b7086",
    fills="#1d3a52 #264f6d",
)
LIGHT = _theme(
    "csr-light",
    dark=False,
    colors="#15191e #3f4a54 #004a77 #3d4d5c #00513b #0b5127 #664100 #941616 #7a2c00",
    papers="#fbfbf9 #f3f4f1 #e9ece8",
    lines="#5d6b78 #76838f #7a8793",
    fills="#d3e6f5 #b4d5ee",
    cursor="#ffffff",
)
BLACK = _theme(
    "csr-black",
    dark=True,
    colors="#ffffff #d0d0d0 #5fd7ff #c0c0c0 #5fffd7 #5fff87 #ffff5f #ff9e9e #ffb870",
    papers="#000000 #000000 #121212",
    lines="#c0c0c0 #808080 #808080",
    fills="#000087 #000087",
)
PAPER = _theme(
    "csr-paper",
    dark=False,
    colors="#221d14 #4a4232 #123f73 #4a4232 #0d4a45 #1d4a12 #5c3a00 #8a1414 #752a00",
    papers="#fbf3df #f5ecd4 #ede2c6",
    lines="#6b5f48 #7d7158 #82775b",
    fills="#dcdfcf #c3d3d9",
)

THEMES = (DARK, LIGHT, BLACK, PAPER)


def theme_for(environ: Environ, *, few_colors: bool, light: bool | None = None) -> Theme:
    """The theme for a terminal that is light, by its own answer or else by COLORFGBG; black where it has 16 colours."""
    if light is None:
        background = variable(environ, "COLORFGBG").rpartition(";")[2]
        light = background.isdecimal() and int(background) in {7, *range(9, 16)}
    if light:
        return LIGHT
    return BLACK if few_colors else DARK
