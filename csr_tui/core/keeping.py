"""How the key of a record is kept, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import PasswordChoice, Protection

if TYPE_CHECKING:
    from csr_tui.core.record import Record

KEPT = {
    (Protection.KEYRING, PasswordChoice.RANDOM): "encrypted with a random password, which the keyring holds",
    (Protection.KEYRING, PasswordChoice.TYPED): "encrypted with your password, which the keyring holds",
    (Protection.KEYRING, PasswordChoice.NONE): "encrypted here by way of the keyring; its exports are clear",
    (Protection.PROMPT, PasswordChoice.RANDOM): "encrypted with a password that you hold",
    (Protection.PROMPT, PasswordChoice.TYPED): "encrypted with a password that you hold",
    (Protection.UNPROTECTED, PasswordChoice.NONE): "unprotected: kept in clear",
}
"""Protection and password choice -> how the key is kept."""


def kept(record: Record) -> str:
    """How the key is kept, or is to be."""
    return KEPT.get((record.protection, record.password_choice), f"{record.password_choice}, {record.protection}")
