"""Keys in the wizard's first step against a bare form with the same widgets: from key to paint, autosave included.

Both programs run on pseudo-terminals and take turns, key by key. Then the same while the process of the desk makes
RSA-4096 keys, one after another, in a thread; and the longest gap of the desk's event loop meanwhile.
Last the wizard against itself without the gate that hands keys on one by one.
"""

import sys
import tempfile
import time
from pathlib import Path

from measuring import Terminal, environment_of, filled, ratio, row, started

KEYS = 300
BARE = """
from textual.app import App
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Footer, Input, Label, Static

class Bare(App):
    CSS = "Horizontal { height: 1 } Vertical { height: auto } Label { width: 17 } Input { width: 1fr }"
    def compose(self):
        with Horizontal():
            yield Static("csr-tui")
            yield Static("New request")
            yield Static("")
        yield Static("1 Subject")
        with VerticalScroll(can_focus=False):
            yield Static("lead")
            for number in range(7):
                with Vertical():
                    with Horizontal():
                        yield Label(f"Label {number}")
                        yield Input(compact=True)
                    yield Static("")
        yield Static("")
        with Horizontal():
            yield Button("Back", compact=True)
            yield Button("Next", compact=True)
        yield Footer(compact=True)
    def on_mount(self):
        self.query_one(Input).focus()

Bare().run()
"""
MAKING = """
import asyncio, sys, threading, time
from pathlib import Path
from csr_tui.core.keys import kinds
from csr_tui.core.record import KeySpec
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.key_gate import KeyGate
from csr_tui.vault import Vault

def mine():
    # the time, less what this thread waited for while other programs had the processor
    return time.monotonic() - int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9

class Watched(CsrTui):
    async def watch_gaps(self):
        last = mine()
        while True:
            await asyncio.sleep(0.001)
            now = mine()
            gaps.append(now - last - 0.001)
            last = now
    def action_making(self):
        threading.Thread(target=make, daemon=True).start()
        self.gaps = asyncio.create_task(self.watch_gaps())
    def action_made(self):
        Path(sys.argv[2]).write_text(str(max(gaps)))
    BINDINGS = [("f11", "making", ""), ("f12", "made", "")]

def make():
    while True:
        kinds.generate(KeySpec("RSA", "4096"))

gaps = []
if len(sys.argv) > 3:  # Textual's own way: every key at once to what has the focus
    from textual.app import App
    KeyGate.on_event = App.on_event
home = Path(sys.argv[1])
with RecordStore(home / "data" / "records.db") as store:
    Watched(store, Vault(), exports=home).run()
"""


def echoed(terminal: Terminal, number: int) -> float:
    """Seconds from a key to its letter being painted.

    At most 25 keys a second: what is typed faster waits for Textual's next frame, which says nothing of either program.
    """
    letter = b"qwertzuiop"[number % 10 : number % 10 + 1]
    terminal.quiet(0.04)
    before = time.perf_counter()
    terminal.press(letter)
    terminal.wait_for(letter)
    return time.perf_counter() - before


def turns(bare: Terminal, wizard: Terminal) -> float:
    """How many times as long the wizard takes, key by key in turns."""
    pairs = []
    for number in range(KEYS):
        pairs.append((echoed(bare, number), echoed(wizard, number)))
        if number % 30 == 29:
            time.sleep(0.7)  # so that the draft is kept now and then, as it is between two words
    theirs, ours = zip(*pairs, strict=True)
    return ratio(list(ours), list(theirs))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = filled(Path(folder) / "home", 10)
        gap = Path(folder) / "gap"
        environment = environment_of(home)
        wizard = [sys.executable, "-c", MAKING, str(home), str(gap)]
        with started([sys.executable, "-c", BARE], environment) as one, started(wizard, environment) as other:
            one.wait_for(b"Back")
            other.wait_for(b"h0000009")
            other.quiet(1.0)
            other.press(b"n")
            other.wait_for(b"Country")
            for terminal in (one, other):
                terminal.quiet(0.2)  # a cursor blinks twice a second
            quiet = turns(one, other)
            other.press(b"\x1b[23~")
            other.quiet(0.2)
            busy = turns(one, other)
            other.press(b"\x1b[24~")
            while not gap.exists() or not gap.read_text():
                time.sleep(0.05)
        open_desk = filled(Path(folder) / "open", 10)
        ungated = [sys.executable, "-c", MAKING, str(open_desk), "-", "-"]
        with (
            started(wizard, environment) as one,
            started(ungated, environment_of(open_desk)) as other,
        ):
            for terminal in (one, other):
                terminal.wait_for(b"h0000009")
                terminal.quiet(1.0)
                terminal.press(b"n")
                terminal.wait_for(b"Country")
                terminal.quiet(0.2)
            gated = turns(other, one)
        row(
            "time from a key in the wizard to its paint",
            "without the gate for keys that arrive together",
            gated,
            "at most 1.1",
        )
        row("time from a key in the wizard to its paint, with autosave", "a bare form", quiet, "at most 1.5")
        row(
            "time from a key in the wizard to its paint, while RSA-4096 keys are generated",
            "a bare form",
            busy,
            "at most 3.0",
        )
        row(
            "longest gap of the event loop while they are generated",
            "1 ms",
            float(gap.read_text()) * 1000,
            "at most 16",
        )


if __name__ == "__main__":
    main()
