"""A table on the screen: its file, its rows, and the windows that lead from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import settle, until
from textual.widgets import Button, Static

from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile, Make, Mend
from csr_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from csr_tui.ui.app import CsrTui

BAD = "Domain,EncryptAlgo,Country\na.example.com,ECC,CN\nc_d.example.com,ECC,CN\ne.example.com,ECC,Germ\n"


def rewrite(table: Path, text: str | None) -> None:
    """Other rows in the file, or no file at all."""
    if text is None:
        table.unlink()
    else:
        table.write_text(text)


def read(path: Path) -> str:
    return path.read_text()


async def press(pilot: Pilot[int], selector: str) -> None:
    """Click a button once it can be: Textual ignores one for the 0.2 s in which it looks pressed."""
    button = pilot.app.screen.query_one(selector, Button)
    await until(pilot, lambda: not button.has_class("-active"))
    await pilot.pause()
    await pilot.click(selector)


async def opened(pilot: Pilot[int], path: Path) -> TableScreen:
    """The screen with the rows of this file."""
    await settle_desk(pilot)
    await pilot.press("m")
    await until(pilot, lambda: isinstance(pilot.app.screen, AskFile))
    pilot.app.screen.query_one("#file", Field).input.value = str(path)
    await pilot.pause()
    await press(pilot, "#read")
    await until(pilot, lambda: isinstance(pilot.app.screen, TableScreen) and bool(pilot.app.screen.query("#rows")))
    await pilot.pause()
    assert isinstance(pilot.app.screen, TableScreen)
    return pilot.app.screen


async def settle_desk(pilot: Pilot[int]) -> None:
    await settle(pilot)
    await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


async def chosen(pilot: Pilot[int], *, what: int = 0) -> None:
    """Choose what is to be made, and say so."""
    await pilot.press("g")
    await until(pilot, lambda: isinstance(pilot.app.screen, Make))
    await pilot.pause()
    for _ in range(what):
        await pilot.press("down")
    await pilot.pause()
    await press(pilot, "#make")


def said(app: CsrTui, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).render())


async def settle_many(pilot: Pilot[int], many: TableScreen) -> None:
    """Let the judging of a mended row end; the flow that opened the screen stays on its way."""
    await until(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers if worker.group == "many"))
    await pilot.pause()


async def mending(pilot: Pilot[int]) -> None:
    """The window with the cells of the row under the cursor."""
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Mend))
    await pilot.pause()


async def mend(pilot: Pilot[int], many: TableScreen) -> None:
    """Mend the row under the cursor by what its rule offers."""
    await mending(pilot)
    await pilot.press("enter")
    await pilot.pause()
    await press(pilot, "#keep-cells")
    await until(pilot, lambda: pilot.app.screen is many)
    await settle_many(pilot, many)
