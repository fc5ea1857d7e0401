"""What a question is about, and the answer that a draft has to it."""

from __future__ import annotations

from dataclasses import replace

from csr_tui.core import extra, host_names, questions, values
from csr_tui.core.fields import NAMES
from csr_tui.core.findings import Finding
from csr_tui.core.questions import Question
from csr_tui.core.record import Record
from csr_tui.paths import absolute


def concerns(question: Question, finding: Finding) -> bool:
    """Whether a finding is about the answer; the CA decides those of the usage."""
    match finding.field:
        case "usage":
            return question.field == "purpose"
        case "algorithm":
            return question.field == "key_parameter"
        case "protection":
            return question.field == "password_choice"
    return question.field == finding.field


def help_of(question: Question, record: Record) -> str:
    """The help of a question, with its example; that of the extra lines names those that the usage can have."""
    if question.field == "extra":
        rows = [row for row in extra.EXTRA_LINES.values() if record.usage in row.usages]
        return "\n".join((question.help, *(f"{row.name}={row.example}: {row.about}" for row in rows)))
    example = question.placeholder
    return f"{question.help} {example[:1].upper()}{example[1:]}.".removesuffix(" .")


def text_of(record: Record, field: str) -> str:
    """What is kept of a text, as people type it."""
    match field:
        case "tags":
            return questions.tags_text(record.tags)
        case "domain":
            return host_names.to_unicode(record.subject.domain)
        case _ if field in NAMES:
            return str(getattr(record.subject, field))
    return str(getattr(record, field))


def with_text(record: Record, field: str, text: str) -> Record:
    """The record with another text, as it is kept."""
    match field:
        case "tags":
            return replace(record, tags=questions.parse_tags(text))
        case "key_file":
            return replace(record, key_file=str(absolute(text)) if text else "")
    return values.with_values(record, {field: text})[0]


def items_of(record: Record, field: str) -> tuple[str, ...]:
    """The alternative names, or the extra lines."""
    return record.names if field == "sans" else record.extra
