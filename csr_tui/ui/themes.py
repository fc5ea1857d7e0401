"""Two themes with high contrast: text 7:1 and lines 3:1 against what they stand on (WCAG 2.2, AAA and 1.4.11)."""

from textual.theme import Theme

DARK = Theme(
    name="csr-dark",
    dark=True,
    primary="#6cc4ff",
    secondary="#9db4c8",
    accent="#7fe3c0",
    success="#86e29b",
    warning="#ffd479",
    error="#ff9d9d",
    foreground="#e8eef4",
    background="#0e1319",
    surface="#151c25",
    panel="#1e2732",
    variables={
        "border": "#7f93a8",
        "border-blurred": "#66788a",
        "muted": "#b3c1ce",
        "chosen": "#1d3a52",
        "pressing": "#ffb38a",
        "scrollbar": "#5b7086",
        "scrollbar-hover": "#7f93a8",
        "scrollbar-active": "#6cc4ff",
        "scrollbar-background": "#151c25",
        "scrollbar-background-hover": "#151c25",
        "scrollbar-background-active": "#151c25",
        "scrollbar-corner-color": "#151c25",
        "block-cursor-foreground": "#0e1319",
        "block-cursor-background": "#6cc4ff",
        "block-cursor-text-style": "none",
        "footer-background": "#1e2732",
        "footer-key-foreground": "#7fe3c0",
        "footer-description-foreground": "#e8eef4",
        "input-cursor-background": "#e8eef4",
        "input-cursor-foreground": "#0e1319",
        "input-selection-background": "#2c5878",
    },
)

LIGHT = Theme(
    name="csr-light",
    dark=False,
    primary="#004a77",
    secondary="#3d4d5c",
    accent="#00513b",
    success="#0b5127",
    warning="#664100",
    error="#941616",
    foreground="#15191e",
    background="#fbfbf9",
    surface="#f3f4f1",
    panel="#e9ece8",
    variables={
        "border": "#5d6b78",
        "border-blurred": "#76838f",
        "muted": "#3f4a54",
        "chosen": "#d3e6f5",
        "pressing": "#7a2c00",
        "scrollbar": "#8794a0",
        "scrollbar-hover": "#5d6b78",
        "scrollbar-active": "#004a77",
        "scrollbar-background": "#e9ece8",
        "scrollbar-background-hover": "#e9ece8",
        "scrollbar-background-active": "#e9ece8",
        "scrollbar-corner-color": "#e9ece8",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#004a77",
        "block-cursor-text-style": "none",
        "footer-background": "#e9ece8",
        "footer-key-foreground": "#00513b",
        "footer-description-foreground": "#15191e",
        "input-cursor-background": "#15191e",
        "input-cursor-foreground": "#fbfbf9",
        "input-selection-background": "#b4d5ee",
    },
)


def defaults(*, dark: bool) -> dict[str, str]:
    """What our own variables are in a theme that does not know them."""
    ours = DARK if dark else LIGHT
    return {name: ours.variables[name] for name in ("muted", "chosen", "pressing")}
