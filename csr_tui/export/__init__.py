"""Files that leave: written whole or not at all, and tried with a handshake and the server that is to load them."""

from csr_tui.export.reading import earlier, hints
from csr_tui.export.writing import LARGEST, Outcome, Written, beginning, leftovers, prepare, sweep, sync, write

__all__ = [
    "LARGEST",
    "Outcome",
    "Written",
    "beginning",
    "earlier",
    "hints",
    "leftovers",
    "prepare",
    "sweep",
    "sync",
    "write",
]
