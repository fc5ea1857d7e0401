"""What a CA's problems mean, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from csr_tui.acme.resources import Problem
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, RateLimitedError, RefusedError, UnknownOutcomeError

LONGEST = 400
"""Characters of a CA's own words that are shown."""

MOST = 3
"""How many problems of single names a sentence quotes."""

MEANINGS = {
    "accountDoesNotExist": "The CA no longer knows this account. Add the CA again.",
    "badCSR": "Compare the request's key, names and subject with the CA's rules.",
    "badPublicKey": "The CA does not accept this kind of key.",
    "badSignatureAlgorithm": "The CA does not accept this kind of key.",
    "caa": "A CAA record forbids this CA: change it in the domain's DNS.",
    "externalAccountRequired": "This CA accepts known customers only: enter the key id and the key it gave you (EAB).",
    "invalidContact": "Enter an email address that the CA accepts.",
    "rateLimited": "Wait before you try again.",
    "rejectedIdentifier": "The CA does not issue certificates for this name.",
    "serverInternal": "The fault is on the CA's side. Try again later.",
    "unsupportedContact": "Enter an email address that the CA accepts.",
    "unsupportedIdentifier": "The CA does not issue certificates for this kind of name.",
    "userActionRequired": "The CA wants you to accept new terms first.",
}
"""Problem types -> what to do. All others are shown in the CA's own words alone."""

_VALUE = "Check the record or the file and remove old values."

PROOFS = {
    "connection": "Let the CA reach the server on port 80.",
    "dns": "Check the domain's name servers and DNSSEC, and remove old values from the record.",
    "incorrectResponse": _VALUE,
    "tls": "Check the TLS configuration of the server.",
    "unauthorized": _VALUE,
}
"""The same, where they are the reason why a proof failed."""


class GoneError(RefusedError):
    """A resource is no longer known there."""


def sentence(problem: Problem, meanings: Mapping[str, str] = MEANINGS) -> str:
    """The CA's own words and its type of problem, of each name where there are several, then what to do."""
    parts = [_words(part) for part in problem.parts[:MOST]]
    code = problem.parts[0].code if len(problem.parts) == 1 else problem.code
    return " ".join(filter(None, (_words(problem), *parts, meanings.get(code, ""))))


def error_of(
    label: str, action: str, problem: Problem | None, *, status: int = 0, until: datetime | None = None
) -> CsrTuiError:
    """The error for a reply that is no success: only an ACME problem of status 4xx, and 404, leave nothing open."""
    if problem is None and status == 404:
        return GoneError(f"{label} does not know the resource of {action} (HTTP status 404).")
    if problem is None:
        return UnknownOutcomeError(unanswered(label, action, f"it replied with HTTP status {status}"))
    text = f"{label} refused {action}: {sentence(problem)}"
    if until is not None:
        text += f" It asks to wait until {until:%Y-%m-%d %H:%M} UTC."
    if status >= 500 or problem.code == "serverInternal":
        return UnknownOutcomeError(unanswered(label, action, f"it reported an error: {sentence(problem)}"))
    kind = RateLimitedError if problem.code == "rateLimited" else GoneError if status == 404 else RefusedError
    return kind(text, code=problem.code)


def unanswered(label: str, action: str, why: str) -> str:
    """The sentence for a call whose outcome is open."""
    return f"{label} did not reply to {action}: {why.rstrip('.')}."


def _words(problem: Problem) -> str:
    name = f"{escaped(problem.name[:LONGEST])}: " if problem.name else ""
    detail = escaped(problem.detail[:LONGEST]).strip()
    ended = detail if detail.endswith((".", "!", "?")) or not detail else f"{detail}."
    return f"{name}{ended} ({escaped(problem.code[:80])})".replace("  ", " ")
