"""The last step: whether the request can be generated, what a CA will do with it, and all that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from csr_tui.core import extra, host_names, names, rules
from csr_tui.core.findings import Finding, errors
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys.kinds import kind_of, label_of
from csr_tui.core.name_kinds import TAGS
from csr_tui.core.questions import STEP_OF, has_names, tags_text
from csr_tui.core.record import Purpose, Record, WizardStep
from csr_tui.core.text import counted, escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.files import is_there
from csr_tui.lifecycle.token_options import key_name
from csr_tui.ui.actions import KEYS, Action, ActionRequested
from csr_tui.ui.background import run_blocking
from csr_tui.ui.key_gate import KeyGate
from csr_tui.ui.live_screen import is_live
from csr_tui.ui.screens.wizard.step import Step, titles
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.fact_sheet import FactSheet, Section
from csr_tui.ui.widgets.hanging_indent import HangingIndent
from csr_tui.ui.widgets.step_bar import ORDER
from csr_tui.ui.words import SIGNS
from csr_tui.vault import VaultState, VaultStatus

TREATMENTS = {
    rules.Treatment.KEPT: ("✓ keep", "$success"),
    rules.Treatment.DROPPED: ("- drop", "$warning"),
    rules.Treatment.LIMITED: ("- limit", "$warning"),
    rules.Treatment.REFUSED: ("✗ refuse", "$error"),
}
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
    LEAD = "Review"
    HELP = (
        "The first line shows whether the request can be generated. Enter on a finding opens its field, Enter on a "
        "line or 1 to 4 opens the step. ✗ marks an error, to be fixed before you generate, ! what a CA will probably "
        "refuse or drop, and › a hint. "
        "A generated request cannot be edited: duplicate it instead."
    )
    BINDINGS = [
        Binding("ctrl+t", "submit", "Tencent Cloud", id="review.submit", tooltip="Have Tencent Cloud generate both"),
        Binding("h", "challenge", "Challenge", show=False, id="review.challenge", tooltip=KEYS[Action.CHALLENGE][2]),
        *(
            Binding(
                str(number),
                f"go('{step}')",
                f"Step {number}",
                show=False,
                id=f"review.{number}",
                tooltip=f"Edit {step}",
            )
            for number, step in enumerate(WizardStep, start=1)
        ),
    ]

    problems = getters.query_one("#findings", Findings)

    def __init__(self, record: Record, *, today: date, keyring: Callable[[], VaultStatus], **kwargs: object) -> None:
        super().__init__(record, **kwargs)  # type: ignore[arg-type]  # the step's own keywords
        self._today = today
        self._keyring = keyring

    def compose_fields(self) -> ComposeResult:
        self._findings = rules.check(self.record)
        yield Findings(
            *(_finding(finding) for finding in self._findings), *_steps(self.record), id="findings", compact=True
        )
        yield FactSheet(id="ways")
        yield FactSheet(id="forecast")
        yield FactSheet(id="request")

    def compose_buttons(self) -> ComposeResult:
        yield Button("‹ Back", id="back")
        yield Button("Keep as draft", id="keep")
        yield Button("Submit to Tencent Cloud", id="submit")
        yield Button("Generate here", id="generate", variant="primary")

    def on_mount(self) -> None:
        self._assess(None)
        self.query_one("#ways", FactSheet).show([_ways(self.record, self._findings)])
        self.query_one("#forecast", FactSheet).show([_forecast(self.record, self._today)])
        if self.record.custody.in_keyring:
            self._look_for_keyring()
        self.call_after_refresh(self.form.scroll_home, animate=False)  # the list of findings scrolls to its first

    @work(group="keyring", exclusive=True, description="looking for the keyring")
    async def _look_for_keyring(self) -> None:
        status = await run_blocking(self._keyring)
        if is_live(self):
            self._assess(status)

    def _assess(self, keyring: VaultStatus | None) -> None:
        """Show whether the request can be generated; `keyring` is None until it is known."""
        key = len(self._findings) + ORDER.index(WizardStep.KEY)
        self.problems.replace_option_prompt_at_index(
            key, _step(self.record, WizardStep.KEY, _custody(self.record, keyring))
        )
        key_rows = Section("Key", tuple(("", Content(line)) for line in _key(self.record, keyring).splitlines()))
        notes = [Section("Notes, not in the request", tuple(_notes(self.record)))] if any(_notes(self.record)) else []
        self.query_one("#request", FactSheet).show(
            [_subject(self.record), key_rows], [_names(self.record), *_extra(self.record), *notes]
        )
        sign, sentence, style = _verdict(self.record, errors(self._findings), keyring)
        for line in self.query("#lead").results(Static):
            line.update(Content.styled(escaped(f"{sign} {sentence}"), f"bold {style}"))

    def first_field(self) -> Button | Findings:
        return self.problems if errors(self._findings) else self.query_one("#generate", Button)

    def read(self) -> Record:
        return self.record

    @on(OptionList.OptionSelected, "#findings")
    def _follow(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._findings):
            field = self._findings[event.option_index].field
            self.post_message(self.Moved(self.record, STEP_OF[field], field))
        else:
            self.action_go(ORDER[event.option_index - len(self._findings)])

    @on(Button.Pressed, "#generate")
    def action_generate(self) -> None:
        self._generate(Action.GENERATE)

    def action_challenge(self) -> None:
        self._generate(Action.CHALLENGE)

    def _generate(self, action: Action) -> None:
        if not self._stopped(errors(self._findings)):
            self.post_message(ActionRequested(action, (self.record,)))

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        stopped = errors((*self._findings, *rules.for_tencent(self.record)))
        if not self._stopped(stopped):
            self.post_message(ActionRequested(Action.SUBMIT, (self.record,)))

    def _stopped(self, stopped: tuple[Finding, ...]) -> bool:
        """Say what stands in the way, and where; False where nothing does."""
        if not stopped:
            return False
        if isinstance(self.app, KeyGate):
            self.app.forget_keys_ahead()
        more = f" And {len(stopped) - 1} more." if len(stopped) > 1 else ""
        self.notify(f"{escaped(stopped[0].labelled)}{more}", title="Not ready", severity="error")
        if self._findings:
            self.problems.focus()
            self.problems.highlighted = 0
        return True


def _verdict(record: Record, wrong: tuple[Finding, ...], keyring: VaultStatus | None) -> tuple[str, str, str]:
    """A sign, whether generating here would succeed, and a style."""
    sent = record.submission
    if wrong:
        return "✗", f"Fix {counted(len(wrong), 'error')} before generating.", "$error"
    if sent is not None and sent.outcome_unknown:
        return "?", f"Sent to {record.place}, outcome unknown: look it up first (L on the desk).", "$warning"
    if sent is not None and sent.has_remote_draft:
        return "!", f"CSR {sent.csr_id} at {record.place} is this draft: finalise it there (Ctrl+T).", "$warning"
    if record.key_file and not is_there(Path(record.key_file)):
        return "✗", f"The key file is missing: {record.key_file} (step 4).", "$error"
    if record.custody.in_keyring:
        match keyring.state if keyring is not None else None:
            case None:
                return "…", "No errors. Checking the keyring …", "$muted"
            case VaultState.MISSING:
                return (
                    "!",
                    "No keyring here: choose who holds the password, at step 4 or when you generate.",
                    "$warning",
                )
            case VaultState.LOCKED:
                return "!", "The keyring is locked: you unlock it when you generate.", "$warning"
            case VaultState.OPEN:
                pass
    typed = " You type the password next, twice." if record.custody.is_typed else ""
    on_token = " The token signs it, with its PIN." if record.token is not None else ""
    return "✓", f"Ready to generate.{typed}{on_token}", "$success"


def _ways(record: Record, findings: tuple[Finding, ...]) -> Section:
    """What each of the two ways still needs."""
    wrong, sent = errors(findings), record.submission
    own = record.purpose is Purpose.PRIVATE
    here = f"not yet: {_fields(wrong)}" if wrong else f"no errors{'; H: with a challenge password' if own else ''}"
    there = "no errors"
    if record.token is not None:
        there = "not with a key on a token"
    elif lacking := (*wrong, *rules.for_tencent(record)):
        no_way = any(one.code == "tencent-usage" for one in lacking)
        there = "not for this purpose, only for servers" if no_way else f"not yet: {_fields(lacking)}"
    if sent is not None and sent.has_remote_draft:
        here = f"not now: it is submitted to {record.place}"
    ways = (("Generate here  ", here), ("Tencent Cloud  ", there))
    return Section(
        "", tuple((label, Content.styled(escaped(text), "$warning" if "not" in text else "")) for label, text in ways)
    )


def _fields(findings: tuple[Finding, ...]) -> str:
    """The labels of the fields concerned, once each."""
    return ", ".join(dict.fromkeys(one.place for one in findings))


def _steps(record: Record) -> Iterator[Option]:
    """A line for each step before this one, which leads there."""
    from csr_tui.core import csr

    kind = kind_of(record.key)
    shown = ", ".join(host_names.to_unicode(one) for one in record.sans[:3])
    listed = (
        f"{counted(len(record.sans), 'name')}: {shown}{' …' if len(record.sans) > 3 else ''}" if record.sans else "none"
    )
    notes = ", ".join(filter(None, (record.remark, tags_text(record.tags), *record.extra)))
    lines = (
        ", ".join(f"{short}={value}" for short, _, value in csr.subject(record)) or "empty",
        listed if has_names(record) else notes or "none",
        f"{label_of(record.key)}{f', signed with {kind.signature}' if kind else ''}",
        _custody(record, None),
    )
    for step, line in zip(ORDER, lines, strict=False):
        yield Option(_step(record, step, line))


def _step(record: Record, step: WizardStep, line: str) -> HangingIndent:
    mark = f"{ORDER.index(step) + 1} {titles(record)[step]:<10} "
    return HangingIndent(Content.assemble((mark, "bold $primary"), escaped(line)), len(mark))


def _custody(record: Record, keyring: VaultStatus | None) -> str:
    """What will become of the key, as far as it can be here."""
    if record.custody.in_keyring and keyring is not None and keyring.state is VaultState.MISSING:
        return "needs a keyring, and there is none here"
    if record.token is not None and record.token != TokenUri():
        return f"{key_name(record.token)}, which stays {record.custody_text}"
    return f"to be {record.custody_text}"


def _finding(finding: Finding) -> Option:
    source = f"  [{finding.source}]" if finding.source else ""
    sign, style = SIGNS[finding.level]
    text = Content.assemble(
        (f"{sign} {finding.place}: ", f"bold {style}"),
        escaped(finding.message),
        (escaped(source), "$muted"),
    )
    return Option(HangingIndent(text))


def _subject(record: Record) -> Section:
    from csr_tui.core import csr

    rows = tuple((short, Content(escaped(value))) for short, _, value in csr.subject(record))
    return Section("Subject, as it will be encoded", rows or (("", Content.styled("empty", "$muted")),))


def _names(record: Record) -> Section:
    rows = []
    for name in record.sans[:SHOWN]:
        try:
            known = names.parse(name)
        except InvalidName:
            rows.append(("✗", Content.styled(escaped(name), "$error")))
            continue
        shown = host_names.to_unicode(known.value)
        rows.append((TAGS[known.kind], Content(escaped(known.value))))
        if shown != known.value:
            rows.append((" ", Content.styled(escaped(shown), "$muted")))
    if len(record.sans) > SHOWN:
        rows.append((" ", Content.styled(f"and {len(record.sans) - SHOWN} more", "$muted")))
    return Section("Names", tuple(rows) or (("", Content.styled("none", "$muted")),))


def _extra(record: Record) -> Iterator[Section]:
    """The extra lines that are no part of the subject, which has those that are."""
    lines = [(row.name, value) for row, value in map(extra.parse, record.extra) if row is not None and not row.oid]
    if lines:
        yield Section("Extra lines", tuple((name, Content(escaped(value))) for name, value in lines))


def _notes(record: Record) -> Iterator[tuple[str, Content]]:
    yield from (("remark", Content(escaped(line))) for line in record.remark.splitlines() if line)
    if record.tags:
        yield "tags", Content(escaped(tags_text(record.tags)))


def _key(record: Record, keyring: VaultStatus | None) -> str:
    kind = kind_of(record.key)
    label = label_of(record.key)
    if record.key_file:
        label = f"existing key: {record.key_file}"
    elif record.lineage.same_key:
        label = f"{label}, the key of record {record.lineage.renews}"
    signed = f", signed with {kind.signature}" if kind else ""
    return escaped(f"{label}{signed}\n{_custody(record, keyring)}", keep="\n")


def _forecast(record: Record, today: date) -> Section:
    whose = "a public CA" if record.purpose is Purpose.PUBLIC else "your own CA"
    rows = []
    for expectation in rules.forecast(record, today):
        sign, style = TREATMENTS[expectation.treatment]
        reason = Content.styled(f"  {escaped(expectation.reason)}", "$muted")
        rows.append((sign, Content.styled(escaped(expectation.part), style) + reason))
    return Section(f"Likely treatment by {whose}", tuple(rows))
