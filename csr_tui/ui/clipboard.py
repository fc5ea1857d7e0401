"""Copying text out of the terminal, by a native tool and by OSC 52, and saying honestly what that did."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING

from csr_tui.core.secret import Secret
from csr_tui.core.text import counted, escaped
from csr_tui.ui.background import run_blocking

if TYPE_CHECKING:
    from textual.app import App


TOOLS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
)
LIMIT = 5.0
"""Seconds a copying tool may take."""

WARNING = (
    "Copying sends the password to your terminal (OSC 52), which puts it on the clipboard of that desktop. Every "
    "program there can read it; clipboard managers and terminal recordings store it. csr-tui cannot clear it: copy "
    "something else over it when you are done."
)
SENT = (
    "Sent to the terminal, which may ignore it: tmux and some others do. Paste to check that it arrived, and copy "
    "something else over it when you are done."
)
NOT_SENT = "This terminal accepts no control sequences, so the password was not copied."


def send_secret(app: App[int], secret: Secret) -> bool:
    """Send a secret to the terminal's clipboard, and to nothing else; whether there is a terminal to send it to.

    Not by a tool, which would go on holding it, nor by `App.copy_to_clipboard`, which keeps a copy for pasting
    into the program's own fields.
    """
    driver = app._driver  # noqa: SLF001  # Textual has no public way to write one sequence
    if driver is None:
        return False
    driver.write(f"\x1b]52;c;{b64encode(secret.reveal().encode()).decode()}\a")
    driver.flush()
    return True


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


async def copy(app: App[int], name: str, text: str) -> None:
    """Copy a text that is no secret, by a tool of the desktop and by OSC 52; report what that is worth."""
    app.copy_to_clipboard(text)
    tool = await run_blocking(lambda: by_tool(text))
    what = f"{name[0].upper()}{name[1:]}, {counted(len(text.splitlines()), 'line')}"
    sentence = f"{what}: copied with {tool}." if tool else f"{what}: sent to the terminal, which may ignore it."
    app.notify(escaped(sentence))
