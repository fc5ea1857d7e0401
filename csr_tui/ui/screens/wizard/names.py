"""The second step: the names the certificate is to carry, and the person's own notes."""

from __future__ import annotations

from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label, Static, TextArea

from csr_tui.core import names, rules
from csr_tui.core.findings import Finding, Level
from csr_tui.core.host_names import InvalidName
from csr_tui.core.record import Record, Tag, WizardStep
from csr_tui.core.text import escaped
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.page import Page
from csr_tui.ui.widgets.text_box import TextBox

SHOWN = 200
"""More names than this are counted, not listed."""

KINDS = {
    names.NameKind.DNS: "DNS",
    names.NameKind.IP: "IP",
    names.NameKind.EMAIL: "email",
    names.NameKind.URI: "URI",
}


class NamesStep(Step):
    """A box that takes names however they are pasted, beside it what becomes of them."""

    STEP = WizardStep.NAMES
    LEAD = "Which names shall it carry?"
    HELP = (
        "One name a line, or paste any list: commas, spaces, semicolons and whole URLs are sorted out, Unicode names "
        "are turned into their xn-- form, and duplicates are merged. The domain is always among the names. A wildcard "
        "such as *.example.com covers one level and not the bare domain. Remark and tags are for you (and for "
        "Tencent Cloud); they are never in the certificate, and can be changed at any time."
    )

    BINDINGS = [
        Binding("ctrl+o", "take", "Add the offered name", show=False, id="names.take", tooltip="Add what is offered"),
    ]

    box = getters.query_one("#sans", TextBox)
    meant = getters.query_one("#meant", Static)
    remark = getters.query_one("#remark", Field)
    tags = getters.query_one("#tags", Field)

    def compose_fields(self) -> ComposeResult:
        with Horizontal(id="names"):
            with Vertical(id="typed"):
                yield Label("Other names, one a line", markup=False)
                yield TextBox(
                    "\n".join(names.to_unicode(name) for name in self.record.names),
                    id="sans",
                    compact=True,
                    soft_wrap=True,
                )
            with Vertical(id="understood"):
                yield Label("What the request will ask for", markup=False)
                with Page(id="meanings"):
                    yield Static("", id="meant", markup=False)
        yield Field(
            "Remark",
            self.record.remark,
            id="remark",
            help="A note of your own; it can be changed at any time.",
            rule=lambda text: rules.FIELDS["remark"](text, self.record.purpose),
        )
        yield Field(
            "Tags",
            shown_tags(self.record.tags),
            id="tags",
            placeholder="e.g. team=web, env=production",
            help="KEY=VALUE, separated by commas; they can be changed at any time.",
            rule=lambda text: rules.FIELDS["tags"](text, self.record.purpose),
        )

    def on_mount(self) -> None:
        self._explain()

    def first_field(self) -> TextBox:
        return self.box

    def read(self) -> Record:
        return replace(
            self.record,
            names=tuple(name for name in names.read_all(self.box.text).names if name != self.record.subject.domain),
            remark=self.remark.value,
            tags=read_tags(self.tags.value),
        )

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.edited()
        self._explain()

    def action_take(self) -> None:
        """Add the name that the first hint offers, such as the bare domain beside its wildcard."""
        offered = next((finding.fix for finding in rules.check(self.read()) if _offers_name(finding)), None)
        if offered is None:
            self.notify("No name is offered here.", severity="warning", markup=False)
            return
        text = self.box.text.rstrip()
        self.box.text = f"{text}\n{names.to_unicode(offered)}" if text else names.to_unicode(offered)
        self.box.move_cursor(self.box.document.end)

    def on_descendant_focus(self) -> None:
        if self.focused is self.box:
            self.help_line.update("One a line, or paste any list; Tab leaves the box.")

    def _explain(self) -> None:
        """Say of each name what it is, and below them what the rules say of all."""
        record = self.read()
        lines = [_line(name, first=name == record.subject.domain) for name in record.sans[:SHOWN]]
        if len(record.sans) > SHOWN:
            lines.append(Content.styled(f"and {len(record.sans) - SHOWN} more", "$muted"))
        for finding in rules.check(record):
            if finding.field == "sans":
                style = {Level.ERROR: "$error", Level.WARNING: "$warning", Level.HINT: "$muted"}[finding.level]
                sign = {Level.ERROR: "✗ ", Level.WARNING: "! ", Level.HINT: "› "}[finding.level]
                offer = " (Ctrl+O adds it)" if _offers_name(finding) else ""
                lines.append(Content.styled(f"{sign}{escaped(finding.message)}{offer}", style))
        notes = names.read_all(self.box.text).notes
        lines += [Content.styled(f"› {escaped(note)}", "$muted") for note in notes]
        if not record.sans:
            lines = [Content.styled("Nothing yet. The domain of the first step comes first.", "$muted")]
        self.meant.update(Content("\n").join(lines))


def _offers_name(finding: Finding) -> bool:
    return finding.field == "sans" and finding.level is Level.HINT and bool(finding.fix)


def _line(name: str, *, first: bool) -> Content:
    try:
        known = names.parse(name)
    except InvalidName:
        return Content.styled(f"✗     {escaped(name)}", "$error")
    shown = escaped(known.shown)
    parts = [Content.styled(f"{KINDS[known.kind]:<6}", "$accent"), Content(shown)]
    if shown != known.value:
        parts.append(Content.styled(f" = {known.value}", "$muted"))
    if first:
        parts.append(Content.styled("  the domain", "$muted"))
    if known.value.startswith("*."):
        parts.append(Content.styled(f"\n      {names.coverage(known)}", "$muted"))
    return Content("").join(parts)


def shown_tags(tags: tuple[Tag, ...]) -> str:
    """As the person types them."""
    return ", ".join(map(str, tags))


def read_tags(text: str) -> tuple[Tag, ...]:
    """What was typed, whatever it is: a piece without `=` is a key without a value, and the rules say so."""
    pieces = (piece.strip() for piece in text.replace("，", ",").split(","))
    pairs = (piece.partition("=") for piece in pieces if piece)
    return tuple(Tag(key.strip(), value.strip()) for key, _, value in pairs)
