"""The last step: the request exactly as it will be, what is wrong with it, and its three ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from csr_tui.core import names, rules
from csr_tui.core.findings import Finding, Level, errors
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys.kinds import kind_of, label_of
from csr_tui.core.record import Purpose, Record, WizardStep
from csr_tui.core.text import escaped
from csr_tui.ui.actions import Action, ActionRequested
from csr_tui.ui.background import call
from csr_tui.ui.screens.wizard.key import SAYS
from csr_tui.ui.screens.wizard.names import KINDS, shown_tags
from csr_tui.ui.screens.wizard.step import STEP_OF, Step
from csr_tui.ui.widgets.ends import Button
from csr_tui.vault import VaultStatus

SIGNS = {Level.ERROR: "✗", Level.WARNING: "!", Level.HINT: "›"}
STYLES = {Level.ERROR: "$error", Level.WARNING: "$warning", Level.HINT: "$muted"}
TREATMENTS = {
    rules.Treatment.KEPT: ("✓ keeps  ", "$success"),
    rules.Treatment.DROPPED: ("- drops  ", "$warning"),
    rules.Treatment.LIMITED: ("- limits ", "$warning"),
    rules.Treatment.REFUSED: ("✗ refuses", "$error"),
}
FIELD_NAMES = {"sans": "names", "key_parameter": "key", "password_choice": "password"}
SHOWN = 100


class Findings(OptionList, inherit_bindings=False):
    """A list that leaves the page keys to the page."""

    BINDINGS = [
        Binding("up", "cursor_up", "Up", show=False),
        Binding("down", "cursor_down", "Down", show=False),
        Binding("enter", "select", "Go to the field", show=False),
    ]


class ReviewStep(Step):
    """Nothing to type: everything to read, every finding a way to its field."""

    STEP = WizardStep.REVIEW
    LEAD = "Is this what you want?"
    HELP = (
        "This is the request as it will be encoded. Each finding leads to its field: choose it and press Enter. "
        "✗ has to be put right before the request can be generated; ! is what a CA will refuse or drop; › is good "
        "to know. Generating makes the key and the CSR on this machine, and the request can never be edited after "
        "that: copy it instead."
    )
    BINDINGS = [
        Binding("ctrl+g", "generate", "Generate here", id="review.generate", tooltip="Make the key and the CSR here"),
        Binding("ctrl+t", "submit", "Tencent Cloud", id="review.submit", tooltip="Have Tencent Cloud make both"),
    ]

    problems = getters.query_one("#findings", Findings)

    def __init__(self, record: Record, *, today: date, keyring: Callable[[], VaultStatus], **kwargs: object) -> None:
        super().__init__(record, **kwargs)  # type: ignore[arg-type]  # the step's own keywords
        self._today = today
        self._keyring = keyring

    def compose_fields(self) -> ComposeResult:
        self._findings = rules.check(self.record)
        if self._findings:
            yield Static("Findings: Enter goes to the field", classes="subhead", markup=False)
            yield Findings(*(_finding(finding) for finding in self._findings), id="findings", compact=True)
        yield Static("Subject, as it will be encoded", classes="subhead", markup=False)
        yield Static(_subject(self.record), markup=False)
        yield Static("Names", classes="subhead", markup=False)
        yield Static(_names(self.record), markup=False)
        yield Static("Key", classes="subhead", markup=False)
        yield Static(_key(self.record), markup=False)
        yield Static("", id="no-keyring", markup=False)
        whose = "A public CA" if self.record.purpose is Purpose.PUBLIC else "Your own CA"
        yield Static(f"{whose}, most likely", classes="subhead", markup=False)
        yield Static(_forecast(self.record, self._today), markup=False)
        if self.record.remark or self.record.tags:
            yield Static("Your notes (not in the request)", classes="subhead", markup=False)
            yield Static(
                escaped("\n".join(filter(None, (self.record.remark, shown_tags(self.record.tags)))), keep="\n"),
                markup=False,
            )

    def compose_ends(self) -> ComposeResult:
        yield Button(Content("‹ Back"), id="back", compact=True)
        yield Button(Content("Keep as draft"), id="keep", compact=True)
        yield Button(Content("Submit to Tencent Cloud"), id="submit", compact=True)
        yield Button(Content("Generate here"), id="generate", compact=True, variant="primary")

    def on_mount(self) -> None:
        self.help_line.update(_verdict(self.record, len(errors(self._findings))))
        if self.record.custody.in_keyring:
            self._look_for_keyring()
        self.call_after_refresh(self.form.scroll_home, animate=False)  # the list of findings scrolls to its first

    @work(group="keyring", exclusive=True, description="looking for the keyring")
    async def _look_for_keyring(self) -> None:
        """The key is to be encrypted through the keyring: say so where there is none to do it."""
        status = await call(self._keyring)
        if self.is_attached and not status.usable:
            for line in self.query("#no-keyring").results(Static):
                line.update(escaped(SAYS[status.state].format(name=status.name, sentence=status.sentence)))

    def first_field(self) -> Button | Findings:
        return self.problems if errors(self._findings) else self.query_one("#generate", Button)

    def read(self) -> Record:
        return self.record

    @on(OptionList.OptionSelected, "#findings")
    def _follow(self, event: OptionList.OptionSelected) -> None:
        field = self._findings[event.option_index].field
        self.post_message(self.Moved(self.record, STEP_OF[field], field))

    @on(Button.Pressed, "#generate")
    def action_generate(self) -> None:
        if not self._stopped(errors(self._findings)):
            self.post_message(ActionRequested(Action.GENERATE, (self.record,)))

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        stopped = errors((*self._findings, *rules.for_tencent(self.record)))
        if not self._stopped(stopped):
            self.post_message(ActionRequested(Action.SUBMIT, (self.record,)))

    def _stopped(self, stopped: tuple[Finding, ...]) -> bool:
        """Say what stands in the way, and where; False where nothing does."""
        if not stopped:
            return False
        more = f" And {len(stopped) - 1} more." if len(stopped) > 1 else ""
        self.notify(
            f"{FIELD_NAMES.get(stopped[0].field, stopped[0].field)}: {escaped(stopped[0].message)}{more}",
            title="Not yet",
            severity="error",
            timeout=10,
            markup=False,
        )
        if self._findings:
            self.problems.focus()
        return True


def _verdict(record: Record, stopped: int) -> str:
    """What can be done with the request now, here and at Tencent Cloud."""
    if stopped:
        return f"Fix {stopped} {'error' if stopped == 1 else 'errors'} before generating."
    if record.submission is not None and record.submission.outcome_unknown:
        return "It was sent to Tencent Cloud, and its outcome is unknown. Look it up on the desk first."
    missing = [FIELD_NAMES.get(finding.field, finding.field) for finding in rules.for_tencent(record)]
    if not missing:
        return "Ready to generate, here or at Tencent Cloud."
    return f"Ready to generate here. Tencent Cloud does not accept it yet: {', '.join(missing)}."


def _finding(finding: Finding) -> Option:
    field = FIELD_NAMES.get(finding.field, finding.field)
    source = f"  [{finding.source}]" if finding.source else ""
    return Option(
        Content.assemble(
            (f"{SIGNS[finding.level]} {field}: ", f"bold {STYLES[finding.level]}"),
            escaped(finding.message),
            (escaped(source), "$muted"),
        )
    )


def _subject(record: Record) -> Content:
    from csr_tui.core import csr

    parts = csr.subject(record)
    if not parts:
        return Content.styled("empty", "$muted")
    return Content("\n").join(
        Content.assemble((f"{short:<6}", "$accent"), escaped(value), (f"   {long}", "$muted"))
        for short, long, value in parts
    )


def _names(record: Record) -> Content:
    lines = []
    for name in record.sans[:SHOWN]:
        try:
            known = names.parse(name)
        except InvalidName:
            lines.append(Content.styled(f"✗     {escaped(name)}", "$error"))
            continue
        lines.append(Content.assemble((f"{KINDS[known.kind]:<6}", "$accent"), escaped(known.value)))
        if known.shown != known.value:
            lines[-1] += Content.styled(f"   {escaped(known.shown)}", "$muted")
    if len(record.sans) > SHOWN:
        lines.append(Content.styled(f"and {len(record.sans) - SHOWN} more", "$muted"))
    return Content("\n").join(lines) if lines else Content.styled("none", "$muted")


def _key(record: Record) -> str:
    kind = kind_of(record.key)
    label = label_of(record.key)
    if record.key_file:
        label = f"Your own, whatever its kind: {record.key_file}"
    elif record.lineage.same_key:
        label = f"{label}, the very key of record {record.lineage.renews}"
    return escaped(f"{label}{f', signed with {kind.signature}' if kind else ''}\n{record.custody.sentence}", keep="\n")


def _forecast(record: Record, today: date) -> Content:
    lines = []
    for expectation in rules.forecast(record, today):
        sign, style = TREATMENTS[expectation.treatment]
        lines.append(
            Content.assemble(
                (f"{sign} ", style), escaped(expectation.part), (f"   {escaped(expectation.reason)}", "$muted")
            )
        )
    return Content("\n").join(lines)
