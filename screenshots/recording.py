"""Records the real program at a real terminal, from an empty desk to files that are served over TLS.

Run `make recording`; it needs tmux, nginx, curl, a D-Bus daemon and GNOME Keyring. The picture is one SVG that plays by
itself: each line is drawn once, and a frame is a list of lines.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

import secret_service  # noqa: E402  # the tests' own stage
from authority import Authority, pem  # noqa: E402
from rich.cells import cell_len  # noqa: E402
from rich.color import Color  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.terminal_theme import TerminalTheme  # noqa: E402
from rich.text import Text  # noqa: E402
from terminal import Terminal  # noqa: E402

from csr_tui.core import csr  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS, LINES = 100, 28
CELL, LINE, SIZE, EDGE = 8.4, 18, 14, 12
"""Width and height of a cell, size of the letters, and width of the edge around the screen, in pixels."""

PAPER, INK = "#0d1117", "#e6edf3"
FPS = 12
LETTER, PAUSE = 0.06, 0.3
"""Seconds a letter takes to type, and from which on it is a pause."""

LONGEST = 0.8
"""Seconds one frame is shown at most: a wait for the disk or for a check is no news."""

THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        *((1, 4, 9), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
        *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
    ],
)


class Recorder:
    """Looks at a terminal so many times a second, in a thread of its own."""

    def __init__(self, terminal: Terminal) -> None:
        self.frames: list[tuple[float, tuple[str, ...]]] = []
        self._terminal = terminal
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._record)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _record(self) -> None:
        while not self._over.wait(1 / FPS):
            screen = tuple(self._terminal.screen(colours=True).split("\n")[:LINES])
            if not self.frames or self.frames[-1][1] != screen:
                self.frames.append((time.monotonic(), screen))


CURL = "curl --cacert root.pem --connect-to ::localhost:18443 https://shop.example.com/"

NGINX = """pid {folder}/nginx.pid; error_log stderr; events {{}}
http {{
    access_log off; client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp;
    fastcgi_temp_path {folder}/tmp; uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
    server {{
        listen 127.0.0.1:18443 ssl;
        ssl_certificate {folder}/tls/shop.example.com.fullchain.pem;
        ssl_certificate_key {folder}/tls/shop.example.com.key;
        return 200 "served over TLS\\n";
    }}
}}
"""


def type_slowly(terminal: Terminal, text: str) -> None:
    for letter in text:
        terminal.type(letter)
        time.sleep(LETTER)


def play(terminal: Terminal, folder: Path) -> None:
    """From nothing to served over TLS, as a person would; each step waits for what it needs on the screen."""

    def press(key: str, *expected: str, rest: float = 0.6) -> None:
        terminal.press(key)
        terminal.see(*expected)
        time.sleep(rest)

    type_slowly(terminal, "csr-tui")
    press("Enter", "Nothing here yet", rest=1.2)
    press("n", "What is the certificate for?", rest=0.6)
    type_slowly(terminal, "shop.example.com")
    press("C-n", "example.com", rest=0.6)
    type_slowly(terminal, "www.shop.example.com")
    press("C-n", "RSA", rest=0.8)
    press("C-n", "keyring", rest=0.8)
    press("C-n", "Generate", rest=2.0)
    press("C-g", "BEGIN CERTIFICATE REQUEST", rest=1.8)
    issue(folder)
    press("a", "File", rest=0.6)
    type_slowly(terminal, "from-the-ca.pem")
    press("Enter", "Attach", rest=1.4)
    press("C-s", "issued", rest=1.8)
    press("e", "nginx", rest=1.0)
    press("C-u", "Folder", rest=0.3)
    type_slowly(terminal, "tls")
    press("Tab", "nginx", rest=0.3)
    press("Tab", "nginx", rest=0.3)
    press("Down", "nginx", rest=0.3)
    press("Down", "0600", rest=0.6)
    press("C-s", "Exported", rest=1.5)
    press("Enter", "issued", rest=0.6)
    press("C-q", "$", rest=0.6)
    type_slowly(terminal, "nginx -c $PWD/nginx.conf")
    press("Enter", "$", rest=0.4)
    type_slowly(terminal, CURL)
    press("Enter", "served over TLS", rest=2.0)


def issue(folder: Path) -> None:
    """The CA's part, behind the stage: a certificate for the CSR that is in the store."""
    now = datetime.now(UTC)
    root = Authority("Example Root", now=now)
    issuer = Authority("Example Issuing CA", root, now=now)
    with closing(sqlite3.connect(folder / "home-of-terminal" / "data" / "records.db")) as store:
        (text,) = store.execute("SELECT csr FROM record WHERE csr IS NOT NULL").fetchone()
    names = ("shop.example.com", "www.shop.example.com")
    certificate = issuer.issue(csr.read(text).public_key, *names)
    (folder / "from-the-ca.pem").write_bytes(pem(certificate, issuer.certificate))
    (folder / "root.pem").write_bytes(pem(root.certificate))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))


def drawn(line: str) -> str:
    """The SVG of one line of the terminal."""
    console = Console(width=COLUMNS, color_system="truecolor", force_terminal=True)
    parts, at = [], 0
    for segment in Text.from_ansi(line).render(console):
        width, style = cell_len(segment.text), segment.style
        ink, paper = INK, PAPER
        weight = ""
        if style is not None:
            ink, paper = _hex(style.color, INK), _hex(style.bgcolor, PAPER)
            if style.reverse:
                ink, paper = paper, ink
            weight = ' font-weight="bold"' * bool(style.bold) + ' opacity="0.6"' * bool(style.dim)
        x = f"{at * CELL:.1f}"
        if paper != PAPER:
            parts.append(f'<rect x="{x}" width="{width * CELL:.1f}" height="{LINE}" fill="{paper}"/>')
        if text := segment.text.rstrip():
            length = f"{cell_len(text) * CELL:.1f}"
            parts.append(f'<text x="{x}" y="13.5" textLength="{length}" fill="{ink}"{weight}>{escape(text)}</text>')
        at += width
    return "".join(parts)


def _hex(color: Color | None, default: str) -> str:
    return default if color is None or color.is_default else color.get_truecolor(THEME).hex


def paced(seconds: float) -> float:
    """How long a frame is shown: a letter as long as it takes to type (tmux is slower), and nothing for long."""
    return LETTER if seconds < PAUSE else min(seconds, LONGEST)


def animated(frames: Sequence[tuple[float, tuple[str, ...]]], last: float) -> str:
    """One SVG of all frames, which stand below each other and are shown one after the other."""
    durations = [paced(after - before) for (before, _), (after, _) in pairwise(frames)] + [last]
    width, height = COLUMNS * CELL + 2 * EDGE, LINES * LINE + 2 * EDGE
    numbers: dict[str, int] = {}
    shown, steps, at = [], [], 0.0
    for number, ((_, screen), duration) in enumerate(zip(frames, durations, strict=True)):
        uses = (
            f'<use href="#l{numbers.setdefault(line, len(numbers))}" y="{row * LINE}"/>'
            for row, line in enumerate(screen)
            if line.strip()
        )
        shown.append(f'<g transform="translate(0 {number * height:g})">{"".join(uses)}</g>')
        steps.append(f"{100 * at / sum(durations):.3f}%{{transform:translateY({-number * height:g}px)}}")
        at += duration
    end = f"transform:translateY({-(len(frames) - 1) * height:g}px)"
    style = (
        f"@keyframes play{{{''.join(steps)}100%{{{end}}}}}"
        f".film{{animation:play {sum(durations):.2f}s step-end infinite}}"
        f"@media (prefers-reduced-motion:reduce){{.film{{animation:none;{end}}}}}"
        f"text{{white-space:pre;font:{SIZE}px 'DejaVu Sans Mono',Menlo,Consolas,monospace}}"
    )
    lines = "".join(f'<g id="l{number}">{drawn(line)}</g>' for line, number in numbers.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}">'
        f"<style>{style}</style><defs>{lines}</defs>"
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{PAPER}"/>'
        f'<svg x="{EDGE}" y="{EDGE}" width="{COLUMNS * CELL:g}" height="{LINES * LINE}">'
        f'<g class="film">{"".join(shown)}</g></svg></svg>\n'
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="trial-") as top:
        folder = Path(top)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "csr-tui").symlink_to(Path(sys.executable).with_name("csr-tui"))
        with secret_service.running(folder / "keyring") as service:
            variables = {
                **service.environment,
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PS1": "$ ",
                "COLORTERM": "truecolor",
                "TEXTUAL_ANIMATIONS": "none",
            }
            terminal = Terminal(folder, COLUMNS, LINES, in_shell=True, variables=variables)
            try:
                terminal.see("$")
                recorder = Recorder(terminal)
                recorder.start()
                try:
                    play(terminal, folder)
                finally:
                    recorder.stop()
            finally:
                terminal.close()
                with suppress(FileNotFoundError):
                    os.kill(int((folder / "nginx.pid").read_text()), signal.SIGTERM)
    path = HERE / "recording.svg"
    path.write_text(animated(recorder.frames, 3.0))
    print(f"{path.relative_to(HERE.parent)}: {len(recorder.frames)} frames, {path.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
