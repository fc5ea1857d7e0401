"""The desk: every record in one list, with the one under the cursor beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.storage import Query, RecordStore
from csr_tui.ui import advice
from csr_tui.ui.actions import OF_TRASHED, TAKE_MANY, TAKE_NONE, Action, ActionRequested, NewRequested
from csr_tui.ui.background import run_blocking
from csr_tui.ui.desk_keys import BINDINGS, HELP
from csr_tui.ui.desk_query import DeskQuery
from csr_tui.ui.desk_state import DeskState
from csr_tui.ui.needs import Assess, Assessments
from csr_tui.ui.widgets import detail
from csr_tui.ui.widgets.columns import Columns, cells
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.keyring_state import KeyringState
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.widgets.record_list import RecordList
from csr_tui.ui.widgets.record_strips import Cell
from csr_tui.ui.widgets.text_input import TextInput
from csr_tui.ui.widgets.views import LEFT_OUT, QuerySummary, View, ViewTabs, count, list_title
from csr_tui.ui.words import ORDERS, describe_query
from csr_tui.vault import VaultStatus

OTHERS = 1.5
"""Seconds after which changes that another copy of the program made to the store are looked for."""
REST = 0.1
"""Seconds between two groups of records whose flaws are counted: a key waits for one of them at most."""


class Desk(PagedScreen[None]):
    """Newest first; search as you type; every action on the record under the cursor."""

    HELP = HELP
    CSS_PATH = None  # it is in the app's
    BINDINGS = [*BINDINGS]
    AUTO_FOCUS = "#records"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (80, "-narrow"), (120, "-wide"), (150, "-wider")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]

    @dataclass
    class Undone(Message):
        """Bring back what was deleted last."""

    records = getters.query_one("#records", RecordList)
    search = getters.query_one("#search", TextInput)
    detail = getters.query_one("#detail-text", Static)
    status = getters.query_one("#status", Static)
    keyring = getters.query_one("#keyring", KeyringState)

    def __init__(
        self,
        store: RecordStore,
        *,
        now: Callable[[], datetime],
        keyring: Callable[[], VaultStatus],
        state: DeskState,
    ) -> None:
        super().__init__()
        self._store = store
        self._noticed = store.notice
        """Of the store's opening, which the app shows; damage may be met, and mended, at any time after that."""
        self._now = now
        self._look = keyring
        self._listed = DeskQuery(state, now)
        self._searched_for = ""
        self._keys, self._is_cut = (False, False), False
        self._version = 0
        """Of the store's data, as it is listed."""
        self._assessments = Assessments()
        self._judged_again: set[str] = set()

    def state(self, theme: str) -> DeskState:
        """How it looks now, for the next run."""
        return self._listed.state(theme)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static("", id="status", markup=False)
            yield KeyringState(self._look, id="keyring")
            yield TextInput(placeholder="/ to search", id="search")
        with Horizontal(id="desk"):
            with Vertical(id="list"):
                yield ViewTabs(id="views")
                yield QuerySummary(id="shown", markup=False)
                yield Columns(id="columns")
                yield RecordList(self._store, self._draw, id="records")
                yield Static("", id="empty", markup=False)
                with Vertical(id="below"):
                    yield Static("", id="summary", markup=False)
                    yield MarkedText("", id="step")
            with Page(id="detail"):
                yield MarkedText("", id="detail-text")
        yield KeyBar()

    def on_mount(self) -> None:
        self.reload()

    def assess_by(self, assess: Assess) -> None:
        """The rules' data is loaded: findings can be shown from now on without holding up a frame."""
        self._assessments.assess = assess
        self.keyring.look()
        self.records.redraw()
        self.records.look_ahead()
        self._describe(self.records.current)
        self.set_interval(OTHERS, self._look_for_changes)
        self._look_for_changes()

    @on(events.ScreenResume)
    def _look_again(self) -> None:
        """Never before the first paint; after that whenever the desk is seen again: it may be unlocked by now."""
        if self._assessments.assess is not None:
            self.keyring.look()
            self._look_for_changes()

    def _look_for_changes(self) -> None:
        """Not under a window: what that is about stays listed."""
        working = {one.group for one in self.workers}
        if self.is_active and "changes" not in working:
            self._list_changes()
        if "flaws" not in working:
            self._count_flaws()

    @work(group="changes", description="looking for changes of another copy of the program")
    async def _list_changes(self) -> None:
        with suppress(CsrTuiError):  # an action of the person reports it
            if await run_blocking(self._store.data_version) != self._version and self.is_active:
                self.reload()

    @work(group="flaws", description="counting what needs you")
    async def _count_flaws(self) -> None:
        """Of what was saved since, of what was found damaged, and of the records of an older store."""
        with suppress(CsrTuiError):
            if damaged := self._assessments.damaged - self._judged_again:
                self._judged_again |= damaged
                await run_blocking(lambda: self._store.judge_again(damaged))
            if await run_blocking(self._store.judge):
                while await run_blocking(self._store.judge):  # noqa: ASYNC110  # no event is awaited
                    await asyncio.sleep(REST)
                self._version = 0  # so that it is listed anew, now or under no window any more
                self._look_for_changes()

    def reload(self, keep: str | None = None) -> None:
        """Show the store as it is now; `keep` is the record to have under the cursor.

        If the store cannot be read, the error is reported and the list stays as it was.
        """
        asked = replace(self._listed.current(), search=self.search.value)
        current = self.records.current
        self._assessments.forget()
        try:
            self._version = self._store.data_version()
            query = self._listed.bound(asked, self._store.count(asked))
            self._is_cut = query.needs_by is not None and self._store.may_leave_out(query)
            self.records.show(query, keep=keep or (current.id if current else None))
            if query.search == self._searched_for:
                self.query_one(ViewTabs).show(self._listed.view, count(self._store, self._now()))
        except CsrTuiError as error:
            advice.report(self, error)
            return
        if self._store.notice != self._noticed:
            self._noticed = self._store.notice
            self.notify(escaped(self._noticed or ""), severity="warning")
        if query.sort is not asked.sort:
            self.notify(f"Too many records to order them {ORDERS[asked.sort]}. Filter first.", severity="warning")
        self._searched_for = query.search
        plain = self._listed.is_plain(query)
        empty = self.records.count == 0
        for part in ("#empty", "#columns", "#records"):
            self.query_one(part).display = empty is (part == "#empty")
        if (keys := (empty, self._listed.view is View.TRASH)) != self._keys:
            self._keys = keys
            self.refresh_bindings()
        self.query_one("#below").set_class(empty, "-empty")
        if not empty and self.focused is None:
            self.records.focus()  # an empty list had to give it up
        if empty:
            words = self._listed.view.words if plain else "No matching records."
            if not plain or self._listed.view is not View.ALL:
                words += "\n\nEsc shows every record."
            self.query_one("#empty", Static).update(escaped(words, keep="\n"))
        self.query_one(Columns).listed = query
        self._say()

    def _say(self) -> None:
        """How many records are listed, which, and how many of them are selected."""
        count, query = self.records.count, replace(self._listed.query, search=self.search.value)
        self.status.update(list_title(query, count))
        left_out = LEFT_OUT if self._is_cut else ""
        selected = len(self.records.selected)
        shown = self.query_one("#shown", Static)
        shown.update((left_out or describe_query(query)) + (f" · {selected:,} selected" if selected else ""))
        marked = self._listed.is_in_own_order or self.query_one(Columns).marks(query.sort)
        shown.display = bool(selected or left_out) or not (marked and self._listed.is_plain(replace(query, search="")))

    @on(RecordList.Selected)
    def _selected(self) -> None:
        self._say()
        self._describe(self.records.current)
        self.refresh_bindings()

    @on(Input.Changed, "#search")
    def _searched(self) -> None:
        if self.search.value != self.records.listed.search:
            self.reload()

    @on(Input.Submitted, "#search")
    def _found(self) -> None:
        self.records.focus()

    @on(RecordList.Highlighted)
    def _highlighted(self, event: RecordList.Highlighted) -> None:
        self._describe(event.record)

    @on(RecordList.Opened)
    def _opened(self) -> None:
        self.action_ask(Action.OPEN)

    def action_new(self) -> None:
        self.post_message(NewRequested())

    def action_search(self) -> None:
        self.search.focus()

    def action_clear(self) -> None:
        if self.records.selected:
            self.records.clear()
        else:
            narrowed = bool(self.search.value) or not self._listed.is_plain(self._listed.query)
            self.search.value = ""
            self._show(self._listed.view if narrowed else View.ALL)
        self.records.focus()

    @on(events.Click, "#status")
    @on(QuerySummary.Clicked)
    def action_filter(self) -> None:
        from csr_tui.ui.screens.filter import FilterDialog

        self.app.push_screen(FilterDialog(self._listed.query, self._now()), self._filter)

    def _filter(self, query: Query | None) -> None:
        if query is not None and self._listed.filter(query):
            self.reload()

    def action_view(self, name: str) -> None:
        self._show(View[name])

    @on(ViewTabs.Chosen)
    def _view_chosen(self, event: ViewTabs.Chosen) -> None:
        self._show(event.view)

    def _show(self, view: View) -> None:
        if self._listed.show(view):
            self.reload()

    def action_order(self) -> None:
        if self._listed.next_order():
            self.reload()

    def action_reverse(self) -> None:
        if self._listed.reverse():
            self.reload()

    @on(Columns.Chosen)
    def _ordered(self, event: Columns.Chosen) -> None:
        if self._listed.order_by(event.sort):
            self.reload()

    def action_reload(self) -> None:
        self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action on a record needs one, and in the trash little is done."""
        trash = self._listed.view is View.TRASH
        if action == "restore":
            return trash
        if action != "ask":
            return True
        if parameters[0] == Action.RESTORE:
            return not trash
        if trash and parameters[0] not in TAKE_NONE | OF_TRASHED | {Action.OPEN}:
            return False
        return bool(self.records.count) or parameters[0] in TAKE_NONE | {Action.PROFILES}

    def action_restore(self) -> None:
        self.action_ask(Action.RESTORE)

    def action_ask(self, name: str) -> None:
        """Ask for an action, with what is selected where it takes several records, else with the one under the cursor.

        Attach takes none, for the key of a certificate decides whose it is.
        """
        action, current = Action(name), self.records.current
        trash = self._listed.view is View.TRASH
        if action is Action.RESTORE and not trash:
            self.post_message(self.Undone())
            return
        if trash and action not in TAKE_NONE | OF_TRASHED:
            self.notify("This record is in the trash. U restores it.", severity="warning")
            return
        chosen = self.records.selected if action in TAKE_MANY else ()
        if not chosen and current is not None and action not in TAKE_NONE:
            chosen = (current,)
        if chosen or action in TAKE_NONE | {Action.PROFILES}:
            self.post_message(ActionRequested(action, chosen))
        if action in {Action.DELETE, Action.RESTORE}:
            self.records.clear()

    def _draw(self, record: Record, width: int) -> list[Cell]:
        return cells(record, self._assessments.of(record), self._now(), width, self.records.listed.search)

    def on_resize(self) -> None:
        self.call_after_refresh(self._say)
        self.call_after_refresh(self._describe, self.records.current)

    def _describe(self, record: Record | None) -> None:
        assessment = None if record is None else self._assessments.of(record)
        keys = detail.keys(record, assessment, self._now(), selected=bool(self.records.selected))
        self.query_one(KeyBar).lead(keys, only=True)
        summary, step = ("", "") if record is None else detail.below(record, assessment, self._now())
        self.query_one("#summary", Static).update(summary)
        self.query_one("#step", Static).update(step)
        if not self.query_one("#detail").display or record is None:
            self.detail.update("")
            return
        page = self.query_one("#detail", Page)
        width = page.content_region.width - page.scrollbar_size_vertical  # the bar may come with the text
        self.detail.update(detail.beside(record, self._assessments.of(record), self._now(), width))
