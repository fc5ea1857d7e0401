"""What each hint means on the command line: the command or the flag that leads on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.errors import Hint

if TYPE_CHECKING:
    from csr_tui.errors import CsrTuiError, Fact

ADVICE = {
    Hint.DETACH: "Detach it first: csr-tui detach {record}.",
    Hint.DOCTOR: "Run csr-tui doctor.",
    Hint.KEYRING: "Unlock or start the keyring, and try again.",
    Hint.KEYRING_OR_ENVIRONMENT: (
        "Unlock or start the keyring; or set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY instead."
    ),
    Hint.LIST: "csr-tui list shows all.",
    Hint.MEND: "Wait for it, or run csr-tui doctor --mend.",
    Hint.RECONCILE: "Find out what came of it: csr-tui reconcile.",
}


def advice(problem: CsrTuiError | Fact) -> str:
    """What to do about it; an empty text where there is nothing."""
    return "" if problem.hint is None else ADVICE[problem.hint].format(record=problem.record or "ID")


def sentence(problem: CsrTuiError | Fact) -> str:
    """What is the case, then what to do."""
    return f"{problem} {advice(problem)}".rstrip()
