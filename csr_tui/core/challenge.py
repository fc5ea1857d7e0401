"""The challenge password that some CAs require in a request: stored there alone, in clear (RFC 2985)."""

from __future__ import annotations

from csr_tui.core.findings import Finding
from csr_tui.core.secret import Secret
from csr_tui.core.text import first_invisible

LONGEST = 255

IN_CLEAR = "The CSR contains the challenge password in clear: send it only to your CA."


def challenge_fault(challenge: Secret) -> Finding | None:
    """The error in a challenge password; the sentence has none of its text."""
    text = challenge.reveal()
    if not text:
        return Finding.error("password-empty", "challenge", "It is empty. Enter the one that your CA gave you.")
    if len(text) > LONGEST:
        sentence = f"This is {len(text):,} characters long; use {LONGEST} at most."
        return Finding.error("too-long", "challenge", sentence, source="RFC 2985")
    if first_invisible(text):
        return Finding.error("invisible-character", "challenge", "It contains an invisible character: type it again.")
    return None
