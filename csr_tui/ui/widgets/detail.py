"""The record under the cursor: its next step below the list or, where there is room, all of it beside the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap

from textual.content import Content

from csr_tui.core import facts
from csr_tui.core.findings import Level
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.core.validity import left
from csr_tui.ui.actions import TAKE_MANY, Action, trigger
from csr_tui.ui.needs import Assessment, need_of, state_name
from csr_tui.ui.next_steps import ALWAYS, USUAL, NextStep, next_steps
from csr_tui.ui.words import with_sign

LABEL = 15
MOST_FINDINGS = 6
MOST_VALUES = 4


def below(record: Record, assessment: Assessment | None, now: datetime) -> tuple[Content, Content]:
    """For under the list: a line of what the record is, and its first step with its key."""
    subject = record.subject
    parts = [", ".join(filter(None, (subject.organization, subject.city)))]
    if record.issuer:
        parts.append(f"issuer {record.issuer}")
    if record.has_key:
        parts.append("key here")
    elif record.token is not None:
        parts.append("key on a token")
    parts += map(str, record.tags[:1])
    title = Content.assemble((escaped(facts.domain(record)), "bold"), "  ", escaped(" · ".join(filter(None, parts))))
    return title, _step(_steps(record, assessment, now)[0])


def beside(record: Record, assessment: Assessment | None, now: datetime, width: int) -> Content:
    """All that is known of it, in lines of `width` cells: the next steps first, the findings of a draft last."""
    ends = "" if record.not_after is None else f", {left(record.not_after, now)}".replace(", in ", ", expires in ")
    lines = [
        Content.styled(escaped(facts.domain(record)), "bold"),
        Content.styled(f"{need_of(record, now, assessment).sign} {state_name(record, assessment)}{ends}", "$muted"),
        Content(""),
        *map(_step, _steps(record, assessment, now)),
        Content(""),
        *_facts(record, now, width),
    ]
    for finding in (assessment.findings if assessment is not None else ())[:MOST_FINDINGS]:
        if finding.level is not Level.HINT:
            lines += [Content(""), with_sign(finding.level, finding.message)]
    return Content("\n").join(lines)


def keys(record: Record | None, assessment: Assessment | None, now: datetime, *, selected: bool) -> tuple[str, ...]:
    """What is bound to the keys that the record needs, its next steps first, or that several `selected` ones need."""
    if record is None or record.trashed_at is not None:
        return ()
    if selected:
        actions = [action for action in Action if action in TAKE_MANY and action not in ALWAYS]
    else:
        steps = [step.action for step in _steps(record, assessment, now) if step.action is not None]
        actions = [*steps, *USUAL[record.state]]
    return tuple(dict.fromkeys((*map(trigger, actions), "new", *map(trigger, ALWAYS))))


def _steps(record: Record, assessment: Assessment | None, now: datetime) -> tuple[NextStep, ...]:
    findings = assessment.findings if assessment is not None and record.state is State.DRAFT else None
    return next_steps(record, now, findings, damaged=assessment is not None and assessment.damaged)


def _step(step: NextStep) -> Content:
    return Content.assemble((f"{step.key}  " if step.key else "", "bold $accent"), step.sentence)


def _facts(record: Record, now: datetime, width: int) -> Iterator[Content]:
    """A label each, and values that go on below one another."""
    for fact in facts.facts(record, now, replaced=record.lineage.replaced)[1:]:
        more = len(fact.values) - MOST_VALUES
        text = ", ".join(fact.values[:MOST_VALUES]) + (f" and {more} more" if more > 0 else "")
        yield _with_label(fact.label, text, width)
        if fact.label == "Certificate" and record.issuer:
            yield _with_label("Issuer", record.issuer, width)
    if record.trashed_at is not None:
        yield _with_label("Deleted", facts.moment(record.trashed_at), width)


def _with_label(label: str, text: str, width: int) -> Content:
    lines = wrap(escaped(text), max(10, width - LABEL)) or [""]
    return Content.assemble((f"{label:<{LABEL}}", "$muted"), f"\n{' ' * LABEL}".join(lines))
