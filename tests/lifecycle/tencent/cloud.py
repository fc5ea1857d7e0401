"""A sandbox whose line can be cut, and records that it takes."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Unpack

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.core.secret import Secret
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable

    from drafts import Fields

    from csr_tui.tencent.sandbox import Sandbox

SUBJECT = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN")
KEY = KeySpec("ECC", "prime256v1")

LOSE_REQUEST, LOSE_REPLY, DELAY = "lose request", "lose reply", "delay"


def record(*, subject: Subject = SUBJECT, key: KeySpec = KEY, **fields: Unpack[Fields]) -> Record:
    """A draft that Tencent Cloud takes."""
    return replace(Record(new_id(), subject=subject, key=key, remark="mine"), **fields)


def refusal(code: str) -> str:
    """A fate: the reply is this error, and nothing is carried out."""
    return json.dumps({"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "r-1"}})


@dataclass
class Line:
    """What happens to each action's next calls; `calls` counts what arrived, `applied` what was carried out."""

    plan: dict[str, list[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    applied: Counter[str] = field(default_factory=Counter)
    late: list[Callable[[], bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, action: str, answer: Callable[[], bytes]) -> bytes | None:
        with self.lock:
            self.calls[action] += 1
            what = self.plan.get(action, [])
            fate = what.pop(0) if what else ""
        if fate.startswith("{"):
            return fate.encode()
        if fate == LOSE_REQUEST:
            return None
        if fate == DELAY:
            self.late.append(answer)
            return None
        body = answer()
        with self.lock:
            self.applied[action] += 1
        return None if fate == LOSE_REPLY else body

    def deliver_late(self) -> None:
        """What was delayed arrives now."""
        while self.late:
            self.late.pop()()


@dataclass
class Clock:
    """A store's clock that a test can move."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def client_of(sandbox: Sandbox, *, secret_id: str | None = None) -> Client:
    return Client(
        endpoint_of(sandbox.endpoint),
        Credentials(secret_id or sandbox.secret_id, Secret(sandbox.secret_key)),
        deadline=20,
        pacer=Pacer(),
        sleep=lambda _: None,
    )


def remote_rows(client: Client) -> list[tuple[int, str, int | None]]:
    """Id, remark and status of everything there."""
    return [(item.csr_id, item.remark, item.status) for item in client.inventory().items]
