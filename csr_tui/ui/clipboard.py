"""Copying text out of the terminal, by a native tool and by OSC 52, and saying honestly what that did."""

from __future__ import annotations

import os
import shutil
import subprocess

TOOLS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
)
LIMIT = 5.0
"""Seconds a copying tool may take."""


def by_tool(text: str) -> str | None:
    """Hand text to the first copying program there is; its name if it took it. Never for secrets. Blocks."""
    for variable, command in TOOLS:
        if (variable and not os.environ.get(variable)) or shutil.which(command[0]) is None:
            continue
        try:
            subprocess.run(
                command,
                input=text.encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LIMIT,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return command[0]
    return None


def told(tool: str | None) -> str:
    """What a person may rely on after a copy."""
    if tool is not None:
        return f"Handed to {tool}, and sent to the terminal. Paste to see that it arrived."
    return (
        "Sent to the terminal (OSC 52), which may ignore it: tmux and some others do. "
        "If pasting gives nothing, press P for plain text or S to save a file."
    )
