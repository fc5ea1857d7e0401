"""Wrong replies of an ACME server, through the client that reads them."""

from __future__ import annotations

import json
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pebble import account_key

from csr_tui.acme import looking
from csr_tui.acme.client import AcmeClient, _Reply
from csr_tui.core.text import escaped
from csr_tui.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://ca.example/1"
DIRECTORY = {
    **dict.fromkeys(("newNonce", "newAccount", "newOrder", "renewalInfo"), URL),
    "meta": {"termsOfService": URL, "caaIdentities": ["ca.example"], "externalAccountRequired": True},
}
PROBLEM = {
    "type": "urn:ietf:params:acme:error:unauthorized",
    "detail": "no",
    "identifier": {"type": "dns", "value": "a.example"},
    "subproblems": [{"type": "urn:ietf:params:acme:error:caa", "detail": "no"}],
}
ORDER = {
    "status": "invalid",
    "expires": "2026-12-04T00:00:00Z",
    "authorizations": [URL],
    "finalize": URL,
    "certificate": URL,
    "error": PROBLEM,
}
CHALLENGE = {
    "type": "dns-persist-01",
    "url": URL,
    "status": "invalid",
    "token": "abc",
    "error": PROBLEM,
    "issuer-domain-names": ["ca.example"],
}
AUTHORIZATION = {
    "status": "pending",
    "identifier": {"type": "dns", "value": "a.example"},
    "wildcard": True,
    "challenges": [CHALLENGE],
}


class _Fed(AcmeClient):
    """Gets one reply, whatever it asks for."""

    status, body = 200, b""

    def _send(self, method: str, url: str, action: str, data: bytes | None = None) -> _Reply:
        self._nonces = [b"nonce"]
        good = {"Replay-Nonce": "bm9uY2U", "Retry-After": self.body[:20].decode("latin-1"), "Location": URL}
        return _Reply(self.status, good, self.body)


@cache
def _client() -> _Fed:
    return _Fed("https://ca.example/dir", account_key(), label="A CA", account=URL, sleep=lambda _: None)


def _feed(status: int, call: Callable[[AcmeClient], Any], data: bytes) -> None:
    client = _client()
    client.status, client.body = 200, json.dumps(DIRECTORY).encode()
    _ = client.directory
    client.status, client.body = status, data
    escaped(str(call(client)))


def _directory(client: AcmeClient) -> object:
    client.__dict__.pop("directory")
    return client.directory


def _lasting(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for wildcard in (False, True):
        looking.fits_persistent(text, ("ca.example",), URL, wildcard=wildcard, now=_client()._now())


CALLS: dict[str, tuple[Callable[[AcmeClient], Any], object]] = {
    "directory": (_directory, DIRECTORY),
    "order": (lambda client: client.order(URL), ORDER),
    "authorization": (lambda client: client.authorization(URL), AUTHORIZATION),
}


def _seeds(good: object) -> tuple[bytes, ...]:
    return (json.dumps(good).encode(),)


def feeders() -> dict[str, tuple[Callable[[bytes], None], Callable[[], tuple[bytes, ...]]]]:
    """What reads a kind of reply, and good ones of that kind."""
    return {
        "lasting record": (
            _lasting,
            lambda: (f"ca.example; accounturi={URL}; policy=wildcard; persistUntil=1".encode(),),
        ),
        **{f"ACME {name}": (partial(_feed, 200, call), partial(_seeds, good)) for name, (call, good) in CALLS.items()},
        "ACME problem": (_refused, partial(_seeds, PROBLEM)),
    }


def _refused(data: bytes) -> None:
    """Every reply of status 400 is an error; a problem is one in the CA's words."""
    try:
        _feed(400, lambda client: client.new_order((("dns", "a.example"),)), data)
    except RefusedError as error:
        escaped(str(error))
