"""The table of actions: what a screen can ask for is done by somebody."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from ui.driver import drive

from csr_tui.ui import screens
from csr_tui.ui.actions import KEYS, Action
from csr_tui.ui.app import CsrTui
from csr_tui.ui.flows import flow_of
from csr_tui.ui.menu_entries import GROUPS, group_of
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.subject import SubjectStep


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_flow(action: Action) -> None:
    assert callable(flow_of(action))


def keys_of(screen: type[DOMNode]) -> dict[str, str]:
    """Key -> what it does on a screen."""
    return {binding.key: binding.action for binding in Binding.make_bindings(screen.BINDINGS)}


def test_a_letter_means_the_same_on_the_desk_and_on_a_record() -> None:
    desk, record = keys_of(Desk), keys_of(RecordScreen)

    assert {"p", "r", "s", "c", "n"} <= desk.keys() & record.keys()
    assert {key: desk[key] for key in desk.keys() & record.keys() if key != "escape" and len(key) < 7} == {
        key: record[key] for key in desk.keys() & record.keys() if key != "escape" and len(key) < 7
    }


def test_no_key_stands_for_two_actions() -> None:
    keys = [key for keys, _, _, _ in KEYS.values() for key in keys.split(",")]

    assert len(keys) == len(set(keys))


async def test_a_capital_letter_does_what_its_small_one_does_but_in_a_field(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("N")
        await pilot.see(SubjectStep)
        await pilot.press("N")
        await pilot.until(lambda: pilot.field("#domain").value == "N")
        await pilot.press("escape")
        await pilot.see(Desk)


def test_every_key_of_every_screen_has_a_group_in_the_menu() -> None:
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(screens.__path__, "csr_tui.ui.screens.")
    ]
    classes = {
        one for module in modules for one in vars(module).values() if isinstance(one, type) and issubclass(one, DOMNode)
    }
    bindings = [binding for one in classes for binding in Binding.make_bindings(one.BINDINGS)]

    assert len(bindings) > 100
    assert {group_of(binding) for binding in bindings} <= set(GROUPS)
