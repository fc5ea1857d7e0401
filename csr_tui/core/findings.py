"""What a rule reports of a field, and the error that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from csr_tui.core.fields import field_label
from csr_tui.core.text import counted
from csr_tui.errors import CsrTuiError, Hint


class Level(StrEnum):
    """How much a finding weighs: an error stops finalising, a warning is what a CA will refuse or drop."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


# fmt: off
Code: TypeAlias = Literal[
    "algorithm-not-public", "algorithm-unknown", "apex-not-covered", "attribute-left-out", "certificate-unreadable",
    "chain-cut", "chain-incomplete", "country-expected", "country-unknown", "domain-is-address", "domain-not-in-cn",
    "domain-repeated", "email-malformed", "email-not-ascii", "expired", "extension-left-out", "extension-malformed",
    "field-dropped", "field-left-out", "field-missing", "file-in-the-way", "file-missing", "filler",
    "internal-name", "invisible-character", "issuer-doubtful", "issuer-rejected", "key-close-primes", "key-doubtful",
    "key-exponent", "key-kind", "key-mismatch", "key-not-here", "key-parameter-misfit", "key-parameter-unknown",
    "key-published", "key-roca", "key-shared-prime", "key-small-factor", "key-too-large", "key-too-small", "look-alike",
    "mixed-scripts", "more-names-malformed", "name-kind", "name-malformed", "name-not-public", "name-unmatched",
    "names-missing",
    "names-read", "not-a-ca", "not-a-choice", "not-for-servers", "not-yet-valid", "offered", "password-control",
    "password-empty", "password-guessable", "password-short", "password-too-long", "place-expected",
    "private-address", "public-suffix", "read-as", "request-odd", "root-expired", "row-malformed", "row-repeated",
    "row-too-wide", "self-signed", "serial-not-positive", "spaces-removed", "store-damaged", "tag-malformed",
    "tag-repeated", "tag-too-long", "tag-without-key", "tag-without-value", "tags-joined", "tencent-domain-alone",
    "tencent-field-missing", "tencent-field-unknown", "tencent-key", "too-long", "too-many-labels",
    "token-missing", "too-many-names", "too-many-tags", "usage-left-out", "value-malformed", "weak-signature",
    "tencent-usage", "usage-key", "usage-name", "usage-not-public",
    "extra-dropped", "extra-malformed", "extra-repeated", "extra-too-many", "extra-unknown", "extra-usage",
    "tencent-extra",
]
# fmt: on
"""What a rule found, for programs: a sentence may change, its code does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one field: the mistake, then the remedy; `source` is the rule's origin."""

    code: Code
    field: str
    level: Level
    message: str
    source: str = ""
    fix: str | None = None
    """The corrected value, if there is just one; a face offers it with one key."""
    label: str = ""
    """Of the field, where the usage of its record gives it another than the usual one."""

    @property
    def labelled(self) -> str:
        """The sentence after the label of its field."""
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        """The label of its field."""
        return self.label or field_label(self.field)

    @classmethod
    def error(cls, code: Code, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(code, field, Level.ERROR, message, source, fix)

    @classmethod
    def warning(cls, code: Code, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(code, field, Level.WARNING, message, source, fix)

    @classmethod
    def hint(cls, code: Code, field: str, message: str, *, source: str = "", fix: str | None = None) -> Finding:
        return cls(code, field, Level.HINT, message, source, fix)


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
    return errors[0].labelled + more(len(errors) - 1)


def more(count: int) -> str:
    """The sentence for errors that are not shown, after a blank; an empty text for none."""
    return f" ({counted(count, 'more error')}.)" if count else ""
