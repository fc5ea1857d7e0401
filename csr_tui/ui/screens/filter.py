"""A window to choose what the desk lists, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.widgets import Label

from csr_tui.core.questions import Option
from csr_tui.core.record import Tag
from csr_tui.storage import Query, Sort
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.words import ORDERS, ORIGINS, STATES, USAGE_NAMES, tag_text

DAYS = (30, 90)


def parse_tag(text: str) -> Tag | None:
    """The tag in a text such as `team=web` or `team`."""
    key, _, value = text.partition("=")
    return Tag(key.strip(), value.strip()) if key.strip() else None


class FilterDialog(Dialog[Query]):
    """State, origin, expiry, usage, tag and order of the list."""

    TITLE_TEXT = "Filter"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-wide")]
    BUTTONS = {"cancel": "Cancel", "all": "Show all", "show": "Show"}

    state = getters.query_one("#state", Choices)
    origin = getters.query_one("#origin", Choices)
    expiry = getters.query_one("#expiry", Choices)
    order = getters.query_one("#order", Choices)
    usage = getters.query_one("#usage", Choices)
    tag = getters.query_one("#tag", Field)

    def __init__(self, query: Query, now: datetime) -> None:
        super().__init__()
        self._query = query
        self._now = now

    def compose_form(self) -> ComposeResult:
        with Grid(id="filter"):
            with Vertical():
                yield Label("State")
                yield Choices([Option(state, name) for state, name in STATES.items()], self._query.state, id="state")
                yield Label("Key generated")
                yield Choices([Option(one, name) for one, name in ORIGINS.items()], self._query.origin, id="origin")
            with Vertical():
                yield Label("Certificate expires")
                yield Choices(self._ends(), self._query.expiring_before, id="expiry")
                yield Label("Usage")
                yield Choices(
                    [Option(usage, name) for usage, name in USAGE_NAMES.items()], self._query.usage, id="usage"
                )
            with Vertical():
                yield Label("Order")
                yield Choices([Option(sort, name) for sort, name in ORDERS.items()], self._query.sort, id="order")
        tag = tag_text(self._query.tag) if self._query.tag is not None else ""
        yield Field("Tag", tag, id="tag", placeholder="e.g. team=web, or team for any value")

    @on(Button.Pressed, "#show")
    def _show(self) -> None:
        self.dismiss(
            replace(
                self._query,
                state=self.state.value,
                origin=self.origin.value,
                expiring_before=self.expiry.value,
                sort=self.order.value or Sort.CHANGED,
                usage=self.usage.value,
                tag=parse_tag(self.tag.value),
            )
        )

    @on(Button.Pressed, "#all")
    def _all(self) -> None:
        self.dismiss(Query(sort=self._query.sort, reverse=self._query.reverse, most=self._query.most))

    def _ends(self) -> list[Option[datetime | None]]:
        """At any time, in the past, soon; and the day that was chosen before, where it is none of these any more."""
        chosen = self._query.expiring_before
        options: list[Option[datetime | None]] = [Option(None, "any time"), Option(self._now, "expired")]
        options += [Option(self._now + timedelta(days=days), f"within {days} days") for days in DAYS]
        if chosen is not None and chosen not in {option.value for option in options}:
            options.append(Option(chosen, f"before {chosen:%Y-%m-%d %H:%M} UTC"))
        return options
