"""The second step: the names the certificate is to carry, with the notes."""

from __future__ import annotations

from dataclasses import replace

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label, Static

from csr_tui.core import host_names, names, rules
from csr_tui.core.findings import Finding, Level
from csr_tui.core.host_names import InvalidName
from csr_tui.core.name_kinds import TAGS
from csr_tui.core.questions import SANS
from csr_tui.core.record import Record
from csr_tui.core.text import counted, escaped
from csr_tui.core.usages import USAGES, MainName
from csr_tui.ui.screens.wizard.notes import NotesStep
from csr_tui.ui.widgets.hanging_indent import hang
from csr_tui.ui.widgets.page import Page
from csr_tui.ui.widgets.text_box import TextBox
from csr_tui.ui.words import with_sign

SHOWN = 200
"""More names than this are counted, not listed."""

INDENT = Content(" " * 6)


class NamesStep(NotesStep):
    """A box that takes names however they are pasted, beside it what becomes of them."""

    LEAD = "Which names should the certificate cover?"
    HELP = (
        f"{SANS.help} Remark and tags are for you (and for Tencent Cloud); they are never in the certificate, and can "
        "be changed at any time. Extra lines are for private CAs, which ask for a user principal name, further "
        "departments, or the path length of a CA."
    )

    BINDINGS = [
        Binding("ctrl+o", "take", "Add the offered name", show=False, id="names.take", tooltip="Add the offered name"),
    ]

    box = getters.query_one("#sans", TextBox)
    meant = getters.query_one("#meant", Static)

    def compose_fields(self) -> ComposeResult:
        with Horizontal(id="names"):
            with Vertical(id="typed"):
                yield Label(SANS.label, markup=False)
                yield TextBox(
                    "\n".join(host_names.to_unicode(name) for name in self.record.names),
                    id="sans",
                    compact=True,
                    soft_wrap=True,
                )
            with Vertical(id="understood"):
                yield Label("", id="sum", markup=False)
                with Page(id="meanings"):
                    yield Static("", id="meant", markup=False)
        yield from super().compose_fields()

    def first_field(self) -> TextBox:
        return self.box

    def read(self) -> Record:
        typed = names.read_all(self.box.text).names
        return replace(super().read(), names=tuple(name for name in typed if name != self._main(self.record)))

    def _main(self, record: Record) -> str:
        return USAGES[record.usage].among_names(record.subject.domain)

    def action_take(self) -> None:
        """Add the name that the first hint offers, such as the bare domain beside its wildcard."""
        offered = next((finding.fix for finding in rules.check(self.read()) if _offers_name(finding)), None)
        if offered is None:
            self.notify("No name is offered here.", severity="warning")
            return
        text = self.box.text.rstrip()
        self.box.text = f"{text}\n{host_names.to_unicode(offered)}" if text else host_names.to_unicode(offered)
        self.box.move_cursor(self.box.document.end)

    def on_descendant_focus(self) -> None:
        if self.focused is self.box:
            self.help_line.update("One per line, or paste any list; Tab leaves the box.")

    def on_resize(self) -> None:
        self.call_after_refresh(self.explain)

    def explain(self) -> None:
        """Say of each name what it is, with the reason where it is refused; below them what is to be said of all."""
        record = self.read()
        width = max(20, self.query_one("#meanings", Page).size.width - 1)  # a scroll bar may come
        found = {name: rules.check_field("sans", name, record.purpose) for name in record.sans}
        found.pop(self._main(record), None)  # its field is on the step before
        refused = sum(one is not None and one.level is Level.ERROR for one in found.values())
        count = len(record.sans)
        self.query_one("#sum", Label).update(
            f"In the request: {counted(count, 'name')}{f', {refused} refused' if refused else ''}"
        )
        lines: list[Content] = []
        main = f"the {USAGES[record.usage].main.value.lower()}"
        for name in record.sans[:SHOWN]:
            lines += _lines(name, found.get(name), width, main if name == self._main(record) else "")
        if count > SHOWN:
            lines.append(Content.styled(f"and {count - SHOWN} more", "$muted"))
        shown = {one.message for one in found.values() if one is not None}
        for finding in rules.check(record):
            if finding.field == "sans" and finding.message not in shown:
                offer = " (Ctrl+O adds it)" if _offers_name(finding) else ""
                lines += _finding(finding, f"{finding.message}{offer}", width)
        for note in names.read_all(self.box.text).notes:
            lines += hang(Content.styled(f"› {escaped(note)}", "$muted"), width)
        if not record.sans:
            first = " The domain of the first step will be listed first."
            is_host = USAGES[record.usage].main is MainName.HOST
            lines = [Content.styled(f"No names yet.{first if is_host else ''}", "$muted")]
        self.meant.update(Content("\n").join(lines))
        self.extra.explain(record)


def _offers_name(finding: Finding) -> bool:
    return finding.field == "sans" and finding.level is Level.HINT and bool(finding.fix)


def _lines(name: str, finding: Finding | None, width: int, main: str) -> list[Content]:
    """A name under its kind, with `main` where it is the main one; below it its other forms and what its rule says."""
    try:
        known = names.parse(name)
    except InvalidName:
        lines = [*hang(Content.styled(f"✗     {escaped(name)}", "$error"), width)]
    else:
        shown = escaped(known.shown)
        text = Content.assemble((f"{TAGS[known.kind]:<6}", "$accent"), shown, (f"  {main}", "$muted"))
        lines = [*hang(text, width, 6)]
        more = [f"= {known.value}"] if shown != known.value else []
        more += [names.coverage(known)] if known.value.startswith("*.") else []
        for one in more:
            lines += hang(INDENT + Content.styled(one, "$muted"), width)
    if finding is not None:
        lines += [INDENT + line for line in _finding(finding, finding.message.removeprefix(f"{name}: "), width - 6)]
    return lines


def _finding(finding: Finding, text: str, width: int) -> list[Content]:
    return [*hang(with_sign(finding.level, text), width)]
