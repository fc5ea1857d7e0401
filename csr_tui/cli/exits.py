"""Errors as exit statuses and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.cli import advice
from csr_tui.core.findings import InvalidError
from csr_tui.errors import CsrTuiError, ServiceError

if TYPE_CHECKING:
    from csr_tui.cli.document import Json

STATUS = {
    "usage": 2,
    "invalid": 3,
    "state": 4,
    "not_found": 4,
    "keyring": 5,
    "password": 5,
    "token": 5,
    "refused": 6,
    "unknown": 7,
    "file": 8,
    "waiting": 9,
    "unexpected": 1,
}
"""What kind of error it is -> the exit status."""

ORDER = (7, 6, 5, 8, 4, 3, 9, 1)
"""Of several statuses, the first of these."""

BAD_FINDINGS = 4
"""`inspect`, `doctor` and `list --check` worked, and found problems."""


class Interrupted(BaseException):
    """A signal asked the program to stop; what is under way is undone as it passes."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.status = 128 + signum


def document_of(error: CsrTuiError) -> Json:
    """The one document that a failed command prints under `--json`."""
    return {"error": error_of(error)}


def error_of(error: CsrTuiError) -> dict[str, Json]:
    """One error: its kind and its sentence, and what else is known of it."""
    answer: dict[str, Json] = {"kind": error.kind, "message": str(error)}
    if error.hint is not None:
        answer["hint"] = advice.advice(error)
    if isinstance(error, ServiceError):
        answer |= {"code": error.code, "request_id": error.request_id}
    if isinstance(error, InvalidError) and error.findings:
        from csr_tui.cli import document

        answer["field"] = error.field
        answer["findings"] = [document.finding(finding) for finding in error.findings]
    return answer
