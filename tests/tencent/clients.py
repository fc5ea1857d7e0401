"""A client that does not pace itself, and waits for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, Tag
from csr_tui.core.secret import Secret
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer

if TYPE_CHECKING:
    pass


DEADLINE = 1.5
SUBJECT = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN")
RECORD = Record("0123456789", subject=SUBJECT, key=KeySpec("ECC", "prime256v1"), tags=(Tag("team", "web"),))


def client_for(url: str, **route: Any) -> Client:
    return Client(
        endpoint_of(url),
        Credentials("AKIDexample", Secret("canary-secret-key-3X")),
        **{"deadline": DEADLINE, **route},
        pacer=Pacer(window=0),
        sleep=lambda _: None,
    )
