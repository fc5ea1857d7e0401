"""A table on the screen: its file, its rows, and the windows that lead from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.driver import Driver

from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile, Make, Mend
from csr_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from pathlib import Path


BAD = "Domain,EncryptAlgo,Country\na.example.com,ECC,CN\nc_d.example.com,ECC,CN\ne.example.com,ECC,Germ\n"


def rewrite(table: Path, text: str | None) -> None:
    """Other rows in the file, or no file at all."""
    if text is None:
        table.unlink()
    else:
        table.write_text(text)


def read(path: Path) -> str:
    return path.read_text()


async def opened(pilot: Driver, path: Path) -> TableScreen:
    """The screen with the rows of this file."""
    await settle_desk(pilot)
    await pilot.press("m")
    await pilot.see(AskFile)
    pilot.app.screen.query_one("#file", Field).input.value = str(path)
    await pilot.pause()
    await pilot.click("#read")
    await pilot.until(lambda: isinstance(pilot.app.screen, TableScreen) and bool(pilot.app.screen.query("#rows")))
    await pilot.pause()
    assert isinstance(pilot.app.screen, TableScreen)
    return pilot.app.screen


async def settle_desk(pilot: Driver) -> None:
    await pilot.settle()
    await pilot.see(Desk)


async def chosen(pilot: Driver, *, what: int = 0) -> None:
    """Choose what is to be made, and say so."""
    await pilot.press("g")
    await pilot.see(Make)
    await pilot.pause()
    for _ in range(what):
        await pilot.press("down")
    await pilot.pause()
    await pilot.click("#make")


async def settle_many(pilot: Driver, many: TableScreen) -> None:
    """Let the judging of a mended row end; the flow that opened the screen stays on its way."""
    await pilot.until(lambda: all(worker.is_finished for worker in pilot.app.workers if worker.group == "many"))
    await pilot.pause()


async def mending(pilot: Driver) -> None:
    """The window with the cells of the row under the cursor."""
    await pilot.press("enter")
    await pilot.see(Mend)
    await pilot.pause()


async def mend(pilot: Driver, many: TableScreen) -> None:
    """Mend the row under the cursor by what its rule offers."""
    await mending(pilot)
    await pilot.press("enter")
    await pilot.pause()
    await pilot.click("#keep-cells")
    await pilot.until(lambda: pilot.app.screen is many)
    await settle_many(pilot, many)
