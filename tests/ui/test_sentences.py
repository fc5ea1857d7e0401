"""What the screens say is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static
from ui.driver import drive

from csr_tui.core.fields import Subject
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    pass

WHOLE = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN")


def text_of(app: CsrTui, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).content)


async def test_an_empty_domain_is_reported_at_its_field_when_it_is_left(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

        assert isinstance(app.screen, SubjectStep)
        assert app.screen.query_one("#domain", Field).has_class("-error")
        assert "Enter the domain" in str(app.screen.query_one("#domain", Field).note.content)
        assert not app.screen.query_one("#organization", Field).has_class("-error")


async def test_a_first_name_is_not_called_the_domain_while_there_is_none(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n", "ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        app.screen.box.text = "d.example.com"
        await pilot.settle()

        assert "d.example.com" in text_of(app, "#meant")
        assert "the domain" not in text_of(app, "#meant").splitlines()[0]
