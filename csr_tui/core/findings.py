"""What a rule reports of a field, and the error that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from csr_tui.errors import CsrTuiError, Hint


class Level(StrEnum):
    """How much a finding weighs: an error stops finalising, a warning is what a CA will refuse or drop."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one field: what is wrong, what to type instead; `source` says who says so."""

    field: str
    level: Level
    message: str
    source: str = ""
    fix: str | None = None
    """The value that puts it right, where there is just one; a face offers it with one key."""

    @classmethod
    def error(cls, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(field, Level.ERROR, message, source, fix)

    @classmethod
    def warning(cls, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(field, Level.WARNING, message, source, fix)

    @classmethod
    def hint(cls, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(field, Level.HINT, message, source, fix)


class InvalidError(CsrTuiError):
    """The input has errors; `findings` says which, and `field` names the first."""

    kind = "invalid"

    def __init__(
        self, message: str, findings: tuple[Finding, ...] = (), *, hint: Hint | None = None, record: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, record=record)
        self.findings = findings

    @property
    def field(self) -> str | None:
        return self.findings[0].field if self.findings else None


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that stop a record from being finalised."""
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def summary(errors: tuple[Finding, ...]) -> str:
    """The first error in full, and how many more there are."""
    first = f"{errors[0].field}: {errors[0].message}"
    more = len(errors) - 1
    return first if not more else f"{first} ({more} more {'error' if more == 1 else 'errors'}.)"
