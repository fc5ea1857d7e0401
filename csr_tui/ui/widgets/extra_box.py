"""The extra lines of a request: one line while it is empty, a box with what each line means once it is focused."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label, Static

from csr_tui.core import extra, questions, rules
from csr_tui.core.extra import EXTRA_LINES, Place
from csr_tui.core.record import Record
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.text_box import TextBox
from csr_tui.ui.words import with_sign


class ExtraBox(Vertical):
    """Takes the lines; `lines` are those that are typed, as they are kept."""

    DEFAULT_CSS = """
    ExtraBox {
        height: auto;
        & Horizontal { height: auto; }
        & Label { width: 17; color: $muted; padding: 0 1 0 0; }
        & TextBox { width: 1fr; height: auto; min-height: 1; max-height: 6; padding: 0; background: $surface; }
        & TextBox:focus { background: $panel; }
        & .text-area--placeholder { color: $muted; text-style: italic; }
        & #extra-notes { display: none; margin-left: 17; height: auto; width: 1fr; color: $muted; }
        &.-typed #extra-notes { display: block; }
        &:focus-within {
            & Label { color: $primary; text-style: bold; }
            & TextBox { min-height: 3; }
            & #extra-notes { display: block; }
        }
    }
    """

    box = getters.query_one("#extra", TextBox)

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._initial = record.extra
        self._usage = record.usage

    @property
    def lines(self) -> tuple[str, ...]:
        return extra.read_all([self.box.text]) if self.is_mounted else self._initial

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("▸ Extra lines", markup=False)
            yield TextBox(
                "\n".join(self._initial),
                id="extra",
                compact=True,
                placeholder=questions.extra_lines(self._usage).placeholder,
            )
        yield MarkedText("", id="extra-notes")

    def explain(self, record: Record) -> None:
        """Show what the lines of this record mean, what is wrong with them, and which others the usage can have."""
        self.set_class(bool(record.extra), "-typed")
        found = [one for one in rules.check(record) if one.field == "extra"]
        notes = [with_sign(one.level, one.message) for one in found]
        if not found:
            known = dict.fromkeys(row for row, _ in map(extra.parse, record.extra) if row is not None)
            notes = [Content.assemble((f"{row.name}=", "$accent"), f" {row.about}") for row in known]
        if not notes:
            notes = [*_offers(record.usage)]
        self.query_one("#extra-notes", Static).update(Content("\n").join(notes))
        if self.box.has_focus:
            self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_focus(self) -> None:
        self.query_one(Label).update("▾ Extra lines")
        self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_blur(self) -> None:
        self.query_one(Label).update("▸ Extra lines")


def _offers(usage: str) -> list[Content]:
    """The names that a usage can have: the parts of the subject in one line, the others with what they are."""
    rows = [row for row in EXTRA_LINES.values() if usage in row.usages]
    parts = " ".join(f"{row.name}=" for row in rows if row.place is Place.SUBJECT)
    others = [
        Content.assemble((f"{row.name}=", "$accent"), f" {row.about}") for row in rows if row.place is not Place.SUBJECT
    ]
    return [Content.assemble((parts, "$accent"), " parts of the subject"), *others]
