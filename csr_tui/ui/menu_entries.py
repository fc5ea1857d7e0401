"""The actions of a screen, as its menu and the command palette list them: each once, with all its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csr_tui.ui.actions import CERTIFICATE, CLOUD, KEY, KEYS, REQUEST, Action

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import Binding
    from textual.screen import Screen

SCREEN, PROGRAM = "This screen", "Program"
GROUPS = (REQUEST, CERTIFICATE, KEY, CLOUD, SCREEN, PROGRAM)


class MenuEntry(NamedTuple):
    """One action: its group in the menu, its keys, its label, what it does, and what runs it."""

    group: str
    keys: str
    label: str
    tooltip: str
    action: str


def entries(app: App[int], screen: Screen[object]) -> tuple[MenuEntry, ...]:
    """Those of a screen that can be run now, by group."""
    found: dict[str, MenuEntry] = {}
    for _, binding, enabled, tooltip in screen.active_bindings.values():
        if not enabled or not binding.id or not binding.description:
            continue
        key = app.get_key_display(binding)
        if (before := found.get(binding.action)) is not None:
            keys = before.keys if key in before.keys.split() else f"{before.keys} {key}"
            found[binding.action] = before._replace(keys=keys)
        else:
            words = tooltip or binding.tooltip or binding.description
            found[binding.action] = MenuEntry(group_of(binding), key, binding.description, words, binding.action)
    return tuple(sorted(found.values(), key=lambda entry: GROUPS.index(entry.group)))


def group_of(binding: Binding) -> str:
    """That of the action that its id names; a screen may have keys of its own by the name of an action without one."""
    screen, _, name = (binding.id or "").partition(".")
    if name in set(Action) and Action(name) in KEYS:
        return KEYS[Action(name)][-1]
    return PROGRAM if screen == "app" else SCREEN
