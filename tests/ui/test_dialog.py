"""What every window has in common: Ctrl+S does what it is for, and errors in it carry their sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import drive
from ui.test_looks import RECORDS

from csr_tui.ui.screens.dialogs import Confirm, Notes
from csr_tui.ui.screens.profiles import ProfileName

if TYPE_CHECKING:
    from csr_tui.core.record import Record
    from csr_tui.ui.app import CsrTui


async def test_ctrl_s_confirms_a_window_from_any_of_its_fields(app: CsrTui) -> None:
    answers: list[Record | None] = []
    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(Notes(RECORDS[3]), answers.append)
        await pilot.settle()
        await pilot.press("end", "x", "ctrl+s")
        await pilot.until(lambda: bool(answers))

    assert answers[0] is not None
    assert answers[0].remark == f"{RECORDS[3].remark}x"


@pytest.mark.parametrize("risky", [True, False])
async def test_ctrl_s_confirms_no_question_that_is_risky(app: CsrTui, risky: bool) -> None:
    answers: list[bool | None] = []
    async with drive(app) as pilot:
        await pilot.settle()
        app.push_screen(Confirm("Delete?", "It moves to the trash.", yes="Delete", risky=risky), answers.append)
        await pilot.settle()
        subtitle = str(app.screen.query_one(".dialog").border_subtitle)
        await pilot.press("ctrl+s")
        await pilot.settle()

        assert ("^S Delete" in subtitle) is not risky
        assert answers == ([] if risky else [True])


async def test_an_error_stands_in_its_window_with_a_sign(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        window = ProfileName("Subject and key choices are saved.")
        app.push_screen(window)
        await pilot.settle()
        await pilot.press("ctrl+s")
        await pilot.settle()

        assert str(window.problem.render()) == "✗ Type a name, such as acme."
        assert window.problem.display
