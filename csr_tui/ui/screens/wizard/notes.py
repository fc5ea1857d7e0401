"""The second step of a usage without alternative names: remark, tags and extra lines."""

from __future__ import annotations

from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import TextArea

from csr_tui.core import rules
from csr_tui.core.record import Record, Tag, WizardStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.extra_box import HELP, ExtraBox
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
            "Remark",
            self.record.remark,
            id="remark",
            help="Your own note; you can edit it at any time.",
            rule=lambda text: rules.FIELDS["remark"](text, self.record.purpose),
        )
        yield Field(
            "Tags",
            tags_text(self.record.tags),
            id="tags",
            placeholder="e.g. team=web, env=production",
            help="KEY=VALUE, separated by commas; you can edit them at any time.",
            rule=lambda text: rules.FIELDS["tags"](text, self.record.purpose),
        )
        yield ExtraBox(self.record)

    def on_mount(self) -> None:
        self.explain()

    def first_field(self) -> Widget:
        return self.remark

    def read(self) -> Record:
        return replace(self.record, remark=self.remark.value, tags=parse_tags(self.tags.value), extra=self.extra.lines)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.edited()
        self.explain()

    def on_descendant_focus(self) -> None:
        if self.focused is self.extra.box:
            self.help_line.update(HELP)

    def explain(self) -> None:
        """Show what was typed means."""
        self.extra.explain(self.read())


def tags_text(tags: tuple[Tag, ...]) -> str:
    """As the person types them."""
    return ", ".join(map(str, tags))


def parse_tags(text: str) -> tuple[Tag, ...]:
    """What was typed, whatever it is: a piece without `=` is a key without a value, and the rules say so."""
    pieces = (piece.strip() for piece in text.replace("，", ",").split(","))
    pairs = (piece.partition("=") for piece in pieces if piece)
    return tuple(Tag(key.strip(), value.strip()) for key, _, value in pairs)
