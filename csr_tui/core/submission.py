"""What became of one record at Tencent Cloud: the journal's states, and what is known of the record there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from csr_tui.core.custody import Custody
from csr_tui.errors import RefusedError, StateError

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


_SENT = {Stage.REFUSED, Stage.UNKNOWN}

MOVES: Mapping[Stage, tuple[set[Stage], set[Stage]]] = {
    Stage.INTENT: ({Stage.CREATING}, {Stage.CREATING}),
    Stage.CREATING: ({Stage.CREATED, *_SENT}, {Stage.CREATED, *_SENT}),
    Stage.CREATED: (set(), {Stage.FINALISING, Stage.CONFIRMED}),
    Stage.FINALISING: (set(), {Stage.CONFIRMED, *_SENT}),
    Stage.CONFIRMED: (set(), set()),
    Stage.REFUSED: ({Stage.CREATING}, {Stage.FINALISING, Stage.CONFIRMED}),
    Stage.UNKNOWN: ({Stage.CREATING, Stage.CREATED}, {Stage.CREATED, Stage.CONFIRMED}),
}
"""Stage -> those that may follow it: where the id of a record there was not known, and where it was. The store refuses
all others too."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One record's row in the journal; its methods are the moves, StateError where `MOVES` has none.

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
    custody: Custody | None = None

    @property
    def in_sandbox(self) -> bool:
        """Whether it went to this machine, and so to no real account."""
        return LOOPBACK.fullmatch(self.endpoint) is not None

    @property
    def place(self) -> str:
        """Where it went, in a sentence: a sandbox is never called Tencent Cloud."""
        return "the sandbox" if self.in_sandbox else "Tencent Cloud"

    @property
    def has_remote_draft(self) -> bool:
        """Whether there is, or may be, a draft at Tencent Cloud that stands for this record."""
        return self.csr_id is not None or self.stage in {Stage.CREATING, Stage.UNKNOWN}

    @property
    def outcome_unknown(self) -> bool:
        """Whether something was sent whose outcome is not known."""
        return self.stage in {Stage.CREATING, Stage.FINALISING, Stage.UNKNOWN}

    def creating(self, endpoint: str, account: str, at: datetime) -> Self:
        """CreateCSR is about to leave, for this account: a refused attempt of long ago may have been for another."""
        return self._move(Stage.CREATING, endpoint=endpoint, account=account, sent_at=at, searched_at=None, message="")

    def created(self, csr_id: int, status: int | None, request_id: str | None) -> Self:
        """There is a draft there."""
        return self._move(Stage.CREATED, csr_id=csr_id, status=status, request_id=request_id, message="")

    def finalising(self, custody: Custody, secret_ref: str | None, at: datetime) -> Self:
        """ModifyCSR with Generate is about to leave, with the password that is kept in this way."""
        return self._move(
            Stage.FINALISING, custody=custody, secret_ref=secret_ref, sent_at=at, searched_at=None, message=""
        )

    def answered(self, request_id: str | None) -> Self:
        """A request was answered that leaves the stage as it is."""
        return replace(self, request_id=request_id, message="")

    def confirmed(self, status: int | None, request_id: str | None) -> Self:
        """It is generated there, and its CSR is here."""
        return self._move(
            Stage.CONFIRMED, status=status, request_id=request_id or self.request_id, message="", secret_ref=None
        )

    def refused(self, error: RefusedError) -> Self:
        """Nothing happened there."""
        return self._move(
            Stage.REFUSED,
            message=str(error),
            request_id=error.request_id or self.request_id,
            secret_ref=None,
            custody=None,
        )

    def unknown(self, why: str, request_id: str | None = None, *, searched_at: datetime | None = None) -> Self:
        """What came of it is not known; `searched_at` where it was looked for in vain, and reliably."""
        return self._move(Stage.UNKNOWN, message=why, request_id=request_id or self.request_id, searched_at=searched_at)

    def _move(self, stage: Stage, **changes: Any) -> Self:
        if stage is not self.stage and stage not in MOVES[self.stage][self.csr_id is not None]:
            raise StateError(f"A submission in stage {self.stage} cannot become {stage}.")
        return replace(self, stage=stage, **changes)


def account_of(secret_id: str) -> str:
    """An account's name in the journal: it can be compared, and does not give the SecretId away."""
    return hashlib.sha256(secret_id.encode()).hexdigest()
