"""The labelled points of every multi-step action; the fault tests kill the process at each."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

Reached: TypeAlias = Callable[[str], None]
"""Called with each point that is passed, and with the labels that the store and the files below have of their own."""


class Point(StrEnum):
    """A point at which everything done so far is on the disk, in the keyring or at Tencent Cloud."""

    INTENT = "intent"
    PASSWORD_KEPT = "password kept"
    TOKEN_KEY_NOTED = "token key noted"
    KEY_MADE = "key made"
    CSR_SIGNED = "CSR signed"
    CSR_PROVED = "CSR proved"
    COMMITTED = "committed"
    OLD_PASSWORD_GONE = "old password gone"
    PASSWORD_GONE = "password gone"

    KEY_OPENED = "key opened"
    """Nothing is written before this; what can make an export wait is behind it."""

    DRAFTS_STORED = "drafts stored"
    CLAIMED = "claimed"
    MADE = "made"
    KEPT = "kept"

    COPIED = "copied"
    PASSWORDS_FETCHED = "passwords fetched"
    HANDED_OVER = "handed over"
    PASSWORDS_KEPT = "passwords kept"

    ACCOUNT_ANSWERED = "account answered"
    ORDERING = "ordering"
    ORDER_ANSWERED = "order answered"
    ORDERED = "ordered"
    PROVING = "proving"
    PROOF_ANSWERED = "proof answered"
    FETCHING = "fetching"
    FETCHED = "fetched"

    RUNNING = "running"
    RUN = "run"

    CREATING = "creating"
    CREATE_ANSWERED = "create answered"
    CREATED = "created"
    FINALISING = "finalising"
    FINALISE_ANSWERED = "finalise answered"
    DESCRIBED = "described"
    CONFIRMED = "confirmed"
    LOOKED = "looked"
    SETTLED = "settled"
