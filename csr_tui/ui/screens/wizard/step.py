"""What every step of the wizard has: the bar, the form, the help line, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from csr_tui.core import host_names, rules
from csr_tui.core.findings import errors
from csr_tui.core.questions import STEP_OF, has_names
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.text import escaped
from csr_tui.files import is_there
from csr_tui.ui.actions import Action, ActionRequested
from csr_tui.ui.widgets.buttons import Button, ButtonRow
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.widgets.step_bar import ORDER, TITLES, Mark, StepBar


def titles(record: Record) -> Mapping[WizardStep, str]:
    return TITLES if has_names(record) else {**TITLES, WizardStep.NAMES: "Notes"}


def marks(record: Record, seen: frozenset[WizardStep]) -> Mapping[WizardStep, Mark]:
    """How each step stands; a step the person has not been to is neither right nor wrong."""
    found = rules.check(record)
    wrong = {STEP_OF[finding.field] for finding in errors(found)}
    if record.subject.domain in record.sans and "domain" in {one.field for one in errors(found)}:
        wrong.add(WizardStep.NAMES)  # where it is the first name
    if record.key_file and not is_there(Path(record.key_file)):
        wrong.add(WizardStep.KEY)
    if wrong:
        wrong.add(WizardStep.REVIEW)
    return {step: Mark.AHEAD if step not in seen else Mark.ERRORS if step in wrong else Mark.DONE for step in ORDER}


class Step(PagedScreen[None]):
    """One page of the wizard: it shows a record, reads it back whole, and says when it was edited or left."""

    STEP: ClassVar[WizardStep]
    LEAD: ClassVar[str]
    HELP: ClassVar[str] = ""
    AUTO_FOCUS = ""

    BINDINGS = [
        Binding("ctrl+n", "next", "Next", id="step.next", tooltip="Go to the next step"),
        Binding("ctrl+b", "back", "Back", id="step.back", tooltip="Go to the previous step"),
        Binding("ctrl+g", "generate", "Generate", id="step.generate", tooltip="Generate the key and the CSR here"),
        Binding("ctrl+s,escape", "keep", "Keep as draft", id="step.keep", tooltip="Save the draft and go to the desk"),
        *(
            Binding(
                f"f{number + 4},alt+{step[0]},alt+{number}",
                f"go('{step}')",
                f"Step {number}: {step}",
                show=False,
                priority=True,  # else a field takes the letter for text
                id=f"step.{number}",
                tooltip=f"Go to the {step} step",
            )
            for number, step in enumerate(ORDER, start=1)
        ),
    ]

    @dataclass
    class Edited(Message):
        """The record is another one now, and wants to be kept."""

        record: Record

    @dataclass
    class Moved(Message):
        """The person goes to another step, or to one field of it."""

        record: Record
        to: WizardStep
        field: str | None = None

    @dataclass
    class Kept(Message):
        """The person leaves the wizard; the draft stays."""

        record: Record

    form = getters.query_one("#form", Page)
    step_bar = getters.query_one(StepBar)
    help_line = getters.query_one("#help", Static)

    def __init__(
        self, record: Record, *, seen: frozenset[WizardStep] = frozenset(), field: str | None = None, note: str = ""
    ) -> None:
        super().__init__(classes=f"step -{self.STEP}")
        self.record = replace(record, step=self.STEP)
        self._seen = seen
        self._field = field
        self._note = note

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(id="heading", markup=False)
            yield Static(self._note, id="kept", markup=False)
        yield StepBar(self.STEP, marks(self.record, self._seen), titles(self.record))
        with Page(id="form"):
            yield MarkedText(self.LEAD, classes="lead", id="lead")
            yield from self.compose_fields()
        with Vertical(id="foot"):
            yield Static("", id="help", markup=False)
            with ButtonRow(id="buttons"):
                yield from self.compose_buttons()
            yield KeyBar()

    def compose_fields(self) -> ComposeResult:
        """The step's own fields."""
        raise NotImplementedError

    def compose_buttons(self) -> ComposeResult:
        """The buttons under the form."""
        yield Button("‹ Back", id="back", disabled=self.STEP is ORDER[0])
        yield Button("Next ›", id="next", variant="primary")

    def read(self) -> Record:
        """The record as the fields have it now."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self._head()
        target = self.query(f"#{self._field}") if self._field else None
        if target:
            target.first().focus()
        else:
            self.first_field().focus(scroll_visible=False)  # a page opens at its beginning
        self._validate_all()

    def first_field(self) -> Widget:
        """Where the person starts typing."""
        return next(widget for widget in self.form.query("*") if isinstance(widget, Field | Choices))

    def saved(self, note: str) -> None:
        """Say in the heading how the draft was kept; a page that is still being made has none to say it in."""
        for kept in self.query("#kept").results(Static):
            kept.update(escaped(note))

    @on(Field.Changed)
    @on(Choices.Changed)
    def _edited(self) -> None:
        self.edited()

    def edited(self) -> None:
        """Read the record anew and tell the app, if it really is another one."""
        record = self.read()
        if record != self.record:
            self.record = record
            self._head()
            self.post_message(self.Edited(record))

    @on(Field.Validated)
    def _validated(self) -> None:
        record = self.read()
        self.step_bar.mark(marks(record, self._seen), titles(record))

    @on(Field.Focused)
    def _focused(self, event: Field.Focused) -> None:
        self.help_line.update(event.field.help)

    def on_descendant_focus(self) -> None:
        if isinstance(self.focused, Choices):
            self.help_line.update(self.focused.help)

    @on(StepBar.Chosen)
    def _chosen(self, event: StepBar.Chosen) -> None:
        self.action_go(event.step)

    @on(Button.Pressed, "#next")
    def action_next(self) -> None:
        at = ORDER.index(self.STEP)
        if at + 1 < len(ORDER):
            self.action_go(ORDER[at + 1])

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        at = ORDER.index(self.STEP)
        if at > 0:
            self.action_go(ORDER[at - 1])

    def action_generate(self) -> None:
        """From any step; a draft with errors opens its review."""
        self.post_message(ActionRequested(Action.GENERATE, (self.read(),)))

    def action_go(self, step: str) -> None:
        if step != self.STEP:
            self.post_message(self.Moved(self.read(), WizardStep(step)))

    @on(Button.Pressed, "#keep")
    def action_keep(self) -> None:
        self.post_message(self.Kept(self.read()))

    def _validate_all(self) -> None:
        """A step that was left before shows at once what was wrong then."""
        if self.STEP in self._seen:
            for field in self.query(Field):
                field.validate()

    def _head(self) -> None:
        domain = self.record.subject.domain
        self.query_one("#heading", Static).update(escaped(host_names.to_unicode(domain)) if domain else "New request")
