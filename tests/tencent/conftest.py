"""A sandbox, the vendor's own client for it, and requests signed by hand."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from csr_tui.tencent import signing
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST = {
    "Domain": "www.example.com",
    "Organization": "Example Ltd",
    "Department": "IT",
    "Email": "pki@example.com",
    "Province": "Hunan",
    "City": "Changsha",
    "Country": "CN",
    "EncryptAlgo": "ECC",
    "KeyParameter": "prime256v1",
}
GENERATED = REQUEST | {"Generate": True}
DRAFT = REQUEST | {"Generate": False}


@dataclass
class Clock:
    """A server's clock that a test can set."""

    at: float | None = None

    def __call__(self) -> float:
        return time.time() if self.at is None else self.at


@dataclass
class ByHand:
    """Signs requests without any library, and can leave out or change what it sends."""

    sandbox: Sandbox
    replies: list[dict[str, Any]] = field(default_factory=list)

    def send(
        self,
        action: str,
        parameters: object,
        *,
        secret_key: str | None = None,
        secret_id: str | None = None,
        timestamp: int | None = None,
        scope_date: str | None = None,
        body: bytes | None = None,
        signed_body: bytes | None = None,
        signed: tuple[str, ...] = ("content-type", "host"),
        extra: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The `Response` of one call; what is given replaces what an honest client would send."""
        payload = json.dumps(parameters).encode() if body is None else body
        moment = int(time.time()) if timestamp is None else timestamp
        host = self.sandbox.endpoint.removeprefix("http://")
        headers = {
            "content-type": "application/json; charset=utf-8",
            "host": host,
            "x-tc-action": action,
            "x-tc-version": "2019-12-05",
            "x-tc-timestamp": str(moment),
            **(extra or {}),
        }
        made = signing.signature(
            secret_key or self.sandbox.secret_key,
            "ssl",
            moment,
            headers,
            signed,
            payload if signed_body is None else signed_body,
        )
        headers["authorization"] = (
            f"TC3-HMAC-SHA256 Credential={secret_id or self.sandbox.secret_id}/"
            f"{scope_date or signing.date_of(moment)}/ssl/tc3_request, "
            f"SignedHeaders={';'.join(signed)}, Signature={made}"
        )
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("POST", "/", payload, headers)
        reply = connection.getresponse()
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "application/json"
        response = json.loads(reply.read())["Response"]
        connection.close()
        self.replies.append(response)
        return dict(response)

    def get(self, action: str, query: str, *, sent: str | None = None, method: str = "GET") -> dict[str, Any]:
        """The `Response` of one call whose parameters are in its query string, signed as `method`."""
        moment = int(time.time())
        host = self.sandbox.endpoint.removeprefix("http://")
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "host": host,
            "x-tc-action": action,
            "x-tc-version": "2019-12-05",
            "x-tc-timestamp": str(moment),
        }
        signed = ("content-type", "host")
        key = self.sandbox.secret_key
        made = signing.signature(key, "ssl", moment, headers, signed, b"", method=method, query=query)
        headers["authorization"] = (
            f"TC3-HMAC-SHA256 Credential={self.sandbox.secret_id}/{signing.date_of(moment)}/ssl/tc3_request, "
            f"SignedHeaders={';'.join(signed)}, Signature={made}"
        )
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", f"/?{query if sent is None else sent}", headers=headers)
        reply = connection.getresponse()
        assert reply.headers["Content-Type"] == "application/json"
        response = json.loads(reply.read())["Response"]
        connection.close()
        return dict(response)

    def code(self, action: str, parameters: object, **changes: Any) -> str | None:
        """The error's code, or None where the call succeeded."""
        code = self.send(action, parameters, **changes).get("Error", {}).get("Code")
        return None if code is None else str(code)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def by_hand(sandbox: Sandbox) -> ByHand:
    return ByHand(sandbox)
