"""The ledger of secret references: which are live, and which nothing refers to any more."""

from __future__ import annotations

from collections.abc import Callable

UNREFERRED = """
    NOT EXISTS (SELECT 1 FROM record WHERE record.secret_ref = secret.ref)
    AND NOT EXISTS (SELECT 1 FROM intent WHERE intent.secret_ref = secret.ref)
    AND NOT EXISTS (SELECT 1 FROM submission WHERE submission.sent_ref = secret.ref)
    AND NOT EXISTS (SELECT 1 FROM ca WHERE ca.secret_ref = secret.ref)
"""


def mark_orphaned(write: Callable[..., object], ref: str | None) -> None:
    """Mark a reference that nothing refers to; it enters the ledger again where it had been dropped already."""
    if ref is not None:
        write(
            "INSERT INTO secret (ref, doomed) VALUES (?, 1) ON CONFLICT (ref) DO UPDATE SET doomed = 1 "
            f"WHERE {UNREFERRED}",
            (ref,),
        )
