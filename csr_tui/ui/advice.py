"""What each hint means on the screen: the key or the place that leads on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.text import visible
from csr_tui.errors import Hint

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget

    from csr_tui.errors import CsrTuiError, Fact

ADVICE = {
    Hint.DETACH: "Detach it first: T on the desk, then F4.",
    Hint.DOCTOR: "Leave with Ctrl+Q, and run csr-tui doctor.",
    Hint.KEYRING: "Unlock or start the keyring (V on the desk), and try again.",
    Hint.KEYRING_OR_ENVIRONMENT: (
        "Unlock or start the keyring (V on the desk); or start csr-tui with TENCENTCLOUD_SECRET_ID and "
        "TENCENTCLOUD_SECRET_KEY set."
    ),
    Hint.LIST: "The desk lists them all.",
    Hint.MEND: "Wait for it, or leave with Ctrl+Q and start csr-tui again.",
    Hint.RECONCILE: "Find out what came of it: L on the desk.",
}


def sentence(problem: CsrTuiError | Fact) -> str:
    """What is the case, then what to do, safe for the terminal."""
    advice = "" if problem.hint is None else ADVICE[problem.hint].format(record=problem.record or "")
    return visible(f"{problem} {advice}".rstrip())


def report(node: App[int] | Widget, problem: CsrTuiError, *, title: str = "") -> None:
    """Show what went wrong in the status line."""
    node.notify(sentence(problem), title=title, severity="error", timeout=12, markup=False)
