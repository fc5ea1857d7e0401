"""The fields of the wizard: findings where they belong, offers that are taken, and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Label
from ui.driver import drive

from csr_tui.core.record import Record
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.text_input import PasswordInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore


async def test_a_finding_shows_when_the_field_is_left_and_goes_once_it_is_right(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        await pilot.type("www.exa_mple.com")
        assert field.finding is None
        await pilot.press("tab")
        await pilot.settle()
        assert field.finding is not None
        assert field.note.display
        field.focus()
        field.input.value = "www.example.com"
        await pilot.settle()

        assert field.finding is None
        assert not field.note.display


async def test_typing_china_and_pressing_enter_gives_cn(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#country", Field)
        field.focus()
        await pilot.type("china")
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

        assert field.value == "CN"


async def test_a_misspelt_country_is_offered_with_its_code(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#country", Field)
        field.focus()
        await pilot.type("Germny")
        await pilot.settle()
        assert "DE Germany" in str(field.note.render())
        await pilot.press("tab")
        await pilot.settle()
        assert "Did you mean DE (Germany)?" in str(field.note.render())
        field.focus()
        await pilot.press("enter")
        await pilot.settle()

        assert field.value == "DE"


@pytest.mark.parametrize(
    ("pasted", "domain", "names"),
    [
        (
            "shop.example.com\nwww.shop.example.com\n10.0.0.7\n",
            "shop.example.com",
            ("www.shop.example.com", "10.0.0.7"),
        ),
        ("a.example.com, b.example.com", "a.example.com", ("b.example.com",)),
        ("one.example.com\n", "one.example.com", ()),
        ("the host of the shop", "the host of the shop", ()),
    ],
)
async def test_of_several_names_pasted_into_domain_the_rest_are_names(
    app: CsrTui, store: RecordStore, pasted: str, domain: str, names: tuple[str, ...]
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        app.post_message(events.Paste(pasted))
        await pilot.settle()
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        await pilot.press("escape")
        await pilot.settle()

    (kept,) = store.page()
    assert (kept.subject.domain, kept.names) == (domain, names)


async def test_a_field_is_undone_word_by_word(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#organization", Field)
        field.focus()
        await pilot.type("Example Ltd")
        await pilot.press("ctrl+u")
        await pilot.settle()
        seen = []
        for _ in range(4):
            seen.append(field.value)
            await pilot.press("ctrl+underscore")
            await pilot.settle()

        assert seen == ["", "Example Ltd", "Example", ""]
        assert isinstance(app.screen, SubjectStep)
        assert app.screen.read().subject.organization == ""


async def test_a_password_is_not_remembered_to_be_undone() -> None:
    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield PasswordInput()

    app = Alone()
    async with app.run_test() as pilot:
        await pilot.press(*"secret", "ctrl+u", "ctrl+underscore")

        assert app.query_one(PasswordInput).value == ""


async def test_an_empty_domain_is_an_error_at_the_field_once_it_is_left(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        assert field.finding is None
        await pilot.press("enter")
        await pilot.settle()

        assert "It is required." in str(field.note.render())


async def test_the_apex_of_a_wildcard_is_added_with_one_key(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft(names=("*.example.org",))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+n")
        await pilot.settle()
        await pilot.press("ctrl+o")
        await pilot.settle()

        assert pilot.on(NamesStep).read().names == ("*.example.org", "example.org")


async def test_refused_names_are_counted_and_have_their_reasons_beside_them(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft(names=("bad_name.example.com", "10.0.0.1", "good.example.com", f"{'long.' * 12}example.com"))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        assert str(app.screen.query_one("#sum", Label).render()) == "In the request: 5 names, 2 refused"
        lines = str(app.screen.meant.render()).splitlines()

    at = lines.index("✗     bad_name.example.com")
    assert lines[at + 1].startswith("      ✗ A host name has no underscore")
    assert all(line.startswith(("  ", "› ", "! ", "✗ ", "DNS   ", "IP    ")) for line in lines)
    assert sum("underscore" in line for line in lines) == 1


async def test_a_click_on_what_is_offered_takes_it(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        field.input.value = "https://www.example.com/shop"
        await pilot.press("tab")
        await pilot.settle()
        await pilot.click("#domain .note")
        await pilot.settle()

        assert field.value == "www.example.com"
