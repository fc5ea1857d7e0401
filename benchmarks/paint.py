"""The desk's first paint against a Textual hello, each in a real pseudo-terminal, interleaved: aim 1.5."""

import os
import pty
import select
import signal
import statistics
import sys
import tempfile
import time

ROUNDS = 15
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello there")
Hello().run()
"""


def painted(command: list[str], text: bytes, environment: dict[str, str]) -> float:
    """Seconds from starting a program to its text being on the terminal."""
    before = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)  # noqa: S606
    seen = b""
    while text not in seen:
        if not select.select([terminal], [], [], 20)[0]:
            raise TimeoutError(seen[-500:])
        seen += os.read(terminal, 65536)
    took = time.perf_counter() - before
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CSR_TUI_HOME": home, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        hello, desk = [sys.executable, "-c", HELLO], [sys.executable, "-m", "csr_tui"]
        painted(desk, b"Nothing here yet", environment)
        pairs = [
            (painted(hello, b"hello there", environment), painted(desk, b"Nothing here yet", environment))
            for _ in range(ROUNDS)
        ]
    ratio = statistics.median(ours / base for base, ours in pairs)
    bare = statistics.median(base for base, _ in pairs) * 1000
    print(f"the desk paints in {ratio:.2f} x a Textual hello ({bare:.0f} ms)")


if __name__ == "__main__":
    main()
