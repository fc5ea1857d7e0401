"""The second step of a usage without alternative names: remark, tags and extra lines."""

from __future__ import annotations

from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import TextArea

from csr_tui.core import questions, rules
from csr_tui.core.questions import REMARK, TAGS
from csr_tui.core.record import Record, WizardStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.extra_box import ExtraBox
from csr_tui.ui.widgets.field import Field


class NotesStep(Step):
    """The person's own notes, and what a private CA asks for besides; all of it optional."""

    STEP = WizardStep.NAMES
    LEAD = "Notes for yourself, and extra lines for your CA. All are optional."
    HELP = (
        "A certificate for this usage has no alternative names. Remark and tags are for you (and for Tencent Cloud); "
        "they are never in the certificate, and can be changed at any time. Extra lines are for private CAs, which ask "
        "for a user principal name, further departments, or the path length of a CA."
    )

    extra = getters.query_one(ExtraBox)
    remark = getters.query_one("#remark", Field)
    tags = getters.query_one("#tags", Field)

    def compose_fields(self) -> ComposeResult:
        yield Field(
            REMARK.label,
            self.record.remark,
            id=REMARK.field,
            help=REMARK.help,
            rule=lambda text: rules.FIELDS["remark"](text, self.record.purpose),
        )
        yield Field(
            TAGS.label,
            questions.tags_text(self.record.tags),
            id=TAGS.field,
            placeholder=TAGS.placeholder,
            help=TAGS.help,
            rule=lambda text: rules.FIELDS["tags"](text, self.record.purpose),
        )
        yield ExtraBox(self.record)

    def on_mount(self) -> None:
        self.explain()

    def first_field(self) -> Widget:
        return self.remark

    def read(self) -> Record:
        return replace(
            self.record, remark=self.remark.value, tags=questions.parse_tags(self.tags.value), extra=self.extra.lines
        )

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.edited()
        self.explain()

    def on_descendant_focus(self) -> None:
        if self.focused is self.extra.box:
            self.help_line.update(f"{questions.extra_lines(self.record.usage).help} Tab leaves the box.")

    def explain(self) -> None:
        """Show what was typed means."""
        self.extra.explain(self.read())
