"""What became of one record at Tencent Cloud: the journal's states, and what is known of the record there."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from csr_tui.core.record import PasswordChoice, Protection


LOOPBACK = re.compile(r"https?://(localhost|\[::1\]|127(\.[0-9]{1,3}){3})(:[0-9]+)?")
"""The endpoints on this machine."""


class Stage(StrEnum):
    """How far a submission is; UNKNOWN is never sent again by itself."""

    INTENT = "intent"
    CREATING = "creating"
    CREATED = "created"
    FINALISING = "finalising"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Submission:
    """One record's row in the journal.

    `account` is a hash of the SecretId; `marker` is what the remote draft's remark ends with; `csr_id` and
    `status` are the service's own (0: not generated, 1: generated). `secret_ref` names the password that was
    sent along, while its outcome is open. Times are aware and in UTC.
    """

    record_id: str
    stage: Stage
    endpoint: str
    account: str
    marker: str
    csr_id: int | None = None
    status: int | None = None
    request_id: str | None = None
    message: str = ""
    sent_at: datetime | None = None
    searched_at: datetime | None = None
    secret_ref: str | None = None
    password_choice: PasswordChoice | None = None
    protection: Protection | None = None

    @property
    def in_sandbox(self) -> bool:
        """Whether it went to this machine, and so to no real account."""
        return LOOPBACK.fullmatch(self.endpoint) is not None

    @property
    def tied(self) -> bool:
        """Whether there is, or may be, a draft at Tencent Cloud that stands for this record."""
        return self.csr_id is not None or self.stage in {Stage.CREATING, Stage.UNKNOWN}

    @property
    def open(self) -> bool:
        """Whether something was sent, and what came of it is not known."""
        return self.stage in {Stage.CREATING, Stage.FINALISING, Stage.UNKNOWN}


def account_of(secret_id: str) -> str:
    """An account's name in the journal: it can be compared, and does not give the SecretId away."""
    return hashlib.sha256(secret_id.encode()).hexdigest()
