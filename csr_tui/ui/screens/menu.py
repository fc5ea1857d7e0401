"""The menu of a screen: what the screen is for, and everything that can be done there, filtered by a word."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from csr_tui.ui.menu_entries import MenuEntry
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.hanging_indent import HangingIndent
from csr_tui.ui.widgets.text_input import TextInput


class Menu(Dialog[str]):
    """Answers with the action that was chosen, which the screen beneath runs."""

    TITLE_TEXT = "Help"
    BUTTONS = {"cancel": "Close", "run": "Run"}
    BINDINGS = [Binding("f1", "leave", "Close", show=False, id="menu.leave")]

    word = getters.query_one("#word", TextInput)
    listed = getters.query_one("#entries", OptionList)

    def __init__(self, text: str, entries: Sequence[MenuEntry]) -> None:
        super().__init__()
        self._text = text
        self._entries = tuple(entries)

    def compose_form(self) -> ComposeResult:
        yield TextInput(id="word", placeholder="Type to filter; Enter runs the marked action")
        if self._text:
            yield Static(self._text, classes="dialog-lead dialog-after", markup=False)
        yield OptionList(*self._options(""), id="entries", compact=True)

    def on_mount(self) -> None:
        self._mark_first()

    def _options(self, word: str) -> list[Option]:
        """The actions whose words contain all of `word`, each group under its name."""
        options: list[Option] = []
        group = ""
        for entry in self._entries:
            words = f"{entry.label} {entry.tooltip} {entry.group}".casefold()
            if not all(part in words for part in word.casefold().split()):
                continue
            if entry.group != group:
                group = entry.group
                options.append(Option(Content.styled(group, "bold $primary"), disabled=True))
            keys = f"{entry.keys:<12}  "
            line = HangingIndent(Content.assemble((keys, "bold $accent"), entry.tooltip), len(keys))
            options.append(Option(line, id=entry.action))
        return options or [Option("No action matches.", disabled=True)]

    def _mark_first(self) -> None:
        self.listed.highlighted = next((at for at, one in enumerate(self.listed.options) if not one.disabled), None)

    @on(Input.Changed, "#word")
    def _filter(self) -> None:
        """The explanation makes room as soon as something is typed."""
        self.set_class(bool(self.word.value), "-filtered")
        self.listed.clear_options()
        self.listed.add_options(self._options(self.word.value))
        self._mark_first()

    def on_key(self, event: events.Key) -> None:
        """Up and Down move the mark while a word is typed."""
        if self.word.has_focus and event.key in {"up", "down"}:
            event.stop()
            if event.key == "up":
                self.listed.action_cursor_up()
            else:
                self.listed.action_cursor_down()
            self.listed.scroll_visible(animate=False)

    def action_scroll_pages(self, by: int) -> None:
        """Through the actions, once the page is at its end."""
        if self._pages(by):
            super().action_scroll_pages(by)
        elif (marked := self.listed.highlighted) is not None:
            enabled = [at for at, one in enumerate(self.listed.options) if not one.disabled]
            wanted = enabled.index(marked) + by * max(1, self.listed.size.height // 2)  # some take two lines
            self.listed.highlighted = enabled[max(0, min(wanted, len(enabled) - 1))]

    @on(Input.Submitted, "#word")
    @on(Button.Pressed, "#run")
    def _run(self) -> None:
        if self.listed.highlighted is not None:
            self.listed.action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
