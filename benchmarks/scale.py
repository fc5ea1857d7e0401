"""The desk on stores of ten to a million records, in turns: start, End, page keys, search, memory.

    python benchmarks/scale.py [FOLDER]

FOLDER keeps the stores for another time; making the largest takes minutes.
"""

import sys
import tempfile
import time
from pathlib import Path

from measuring import DESK, Terminal, environment_of, filled, ratio, row, started

ROUNDS = 7
SIZES = (10, 1_000, 100_000, 1_000_000)
END, PAGE_UP, HOME = b"\x1b[F", b"\x1b[5~", b"\x1b[H"
BAR = ("at most 1.6", "at most 1.1")
"""Ten records have no scroll bar, and Textual's own takes as long as the lines beside it."""

AIMS = {
    "time to the first paint": ("at most 1.3", "at most 1.1"),
    "time to the paint after End": BAR,
    "time to the paint after Page Up from there": BAR,
    "time to the paint after Home": BAR,
    "memory after all of these": ("at most 1.1", "at most 1.1"),
}


def until(terminal: Terminal, keys: bytes, text: bytes) -> float:
    """Seconds from a key to a text."""
    terminal.quiet(0.05)
    before = time.perf_counter()
    terminal.press(keys)
    terminal.wait_for(text)
    return time.perf_counter() - before


def measured(home: Path, size: int) -> dict[str, float]:
    """What one desk on a store of this size takes, in seconds and KiB."""
    newest = f"h{size - 1:07}".encode()
    before = time.perf_counter()
    with started(DESK, environment_of(home)) as terminal:
        terminal.wait_for(newest)
        found = {"time to the first paint": time.perf_counter() - before}
        time.sleep(1.0)
        found["time to the paint after End"] = until(terminal, END, b"h0000000")
        # The first of these keys goes to the top of what shows; in a store of ten that is the page to go to.
        if size > 10:
            terminal.press(PAGE_UP)
        found["time to the paint after Page Up from there"] = until(
            terminal, PAGE_UP, b"h0000009" if size == 10 else b"h0000040"
        )
        terminal.press(END)
        found["time to the paint after Home"] = until(terminal, HOME, newest)
        terminal.press(b"/")
        time.sleep(0.2)
        found["time to the paint after the first letter of a search"] = until(
            terminal, b"s", f"{min(size, 1000):,} records found".encode()
        )
        terminal.press(b"hop h000000")
        time.sleep(0.3)
        found["time to the paint after its last letter"] = until(terminal, b"5", b"1 record found")
        terminal.quiet(0.05)
        found["memory after all of these"] = float(terminal.memory)
    return found


def main(folder: Path) -> None:
    homes = {size: folder / str(size) for size in SIZES}
    for size, home in homes.items():
        if not home.exists():
            filled(folder / f"{size}.new", size).rename(home)
        measured(home, size)
    rounds = [{size: measured(home, size) for size, home in homes.items()} for _ in range(ROUNDS)]
    for what in rounds[0][SIZES[0]]:
        against_ten, against_thousand = AIMS.get(what, ("at most 1.3", "at most 1.3"))

        def column(size: int, what: str = what) -> list[float]:
            return [one[size][what] for one in rounds]

        row(f"{what}, 100,000 records", "10 records", ratio(column(100_000), column(10)), against_ten)
        row(f"{what}, 1,000,000 records", "10 records", ratio(column(1_000_000), column(10)), against_ten)
        row(f"{what}, 1,000,000 records", "1,000 records", ratio(column(1_000_000), column(1_000)), against_thousand)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
