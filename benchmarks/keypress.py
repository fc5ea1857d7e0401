"""A key press in the wizard's first step against a bare form with the same widgets, interleaved in one process."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ["TEXTUAL_ANIMATIONS"] = "none"

from textual.app import App, ComposeResult  # the environment comes first
from textual.pilot import Pilot
from textual.widgets import Footer, Input, Static

from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault

ROUNDS = 5


class Bare(App[None]):
    """Seven compact inputs, as many labels, and a footer."""

    def compose(self) -> ComposeResult:
        for number in range(7):
            yield Static(f"Label {number}")
            yield Input(compact=True)
        yield Footer()


async def pressed(pilot: Pilot[object]) -> float:
    """Seconds for twenty keys, each in its field before the next is pressed."""
    before = time.perf_counter()
    for _ in range(20):
        await pilot.press("a")
    return time.perf_counter() - before


async def bare() -> float:
    app = Bare()
    async with app.run_test() as pilot:
        app.query(Input).first().focus()
        await pilot.pause()
        return await pressed(pilot)


async def wizard(home: Path) -> float:
    with RecordStore(home / "data" / "records.db") as store:
        app = CsrTui(store, Vault(), exports=home)
        async with app.run_test() as pilot:
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.press("n")
            await pilot.pause()
            return await pressed(pilot)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        pairs = [(asyncio.run(bare()), asyncio.run(wizard(Path(home)))) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / base for base, ours in pairs)
    print(f"a key press in the wizard takes {ratio:.2f} x one in a bare form")


if __name__ == "__main__":
    main()
