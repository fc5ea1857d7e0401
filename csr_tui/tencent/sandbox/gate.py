"""What every call passes before its action: the signature, the rate, and the parameters' names and types."""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from csr_tui.tencent import api, signing
from csr_tui.tencent.sandbox import query, replies
from csr_tui.tencent.sandbox.replies import ApiError

CLOCK_DIFFERENCE = 300
"""Seconds that a caller's clock may be off."""

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d{2}-\d{2})/(?P<service>\w+)/tc3_request,\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, as it came; header names are in lower case. The parameters of a GET are in its `query`."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    query: str = ""

    @property
    def action(self) -> str:
        return self.headers.get("x-tc-action", "")


def check_signature(call: Call, secret_id: str, secret_key: str, now: float) -> None:
    """ApiError unless the call is signed, by this account, now."""
    authorization = call.headers.get("authorization")
    if not authorization:
        raise replies.missing("Authorization")
    found = _AUTHORIZATION.fullmatch(authorization.strip())
    if found is None:
        raise ApiError("AuthFailure.InvalidAuthorization", "The header `Authorization` does not have the TC3 form.")
    stamp = call.headers.get("x-tc-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        raise replies.missing("Timestamp") if not stamp else replies.wrong_type("Timestamp", "integer")
    timestamp = int(stamp)
    if found["id"] != secret_id:
        raise ApiError(
            "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct."
        )
    if call.headers.get("x-tc-token"):
        raise ApiError("AuthFailure.TokenFailure", "The token is not valid: this account has no temporary keys.")
    if abs(now - timestamp) > CLOCK_DIFFERENCE:
        raise ApiError(
            "AuthFailure.SignatureExpire",
            f"Signature expired. The timestamp {timestamp} differs from the server time {int(now)} "
            f"by more than {CLOCK_DIFFERENCE} seconds.",
        )
    signed = found["headers"].split(";")
    known = {"content-type", "host"} <= set(signed) and all(name in call.headers for name in signed)
    scoped = found["service"] == api.SERVICE and found["date"] == signing.date_of(timestamp)
    if (
        not known
        or not scoped
        or not hmac.compare_digest(_expected(call, secret_key, timestamp, signed), found["signature"])
    ):
        raise ApiError(
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated. Please check your signature is correct.",
        )


def _expected(call: Call, secret_key: str, timestamp: int, signed: list[str]) -> str:
    unsigned = call.headers.get("x-tc-content-sha256") == signing.UNSIGNED
    payload = signing.UNSIGNED.encode() if unsigned else call.body
    return signing.signature(
        secret_key, api.SERVICE, timestamp, call.headers, signed, payload, method=call.method, query=call.query
    )


def parameters_of(call: Call) -> Mapping[str, object]:
    """The parameters of a call: the JSON of its body, or the query string of a GET; ApiError where they are neither."""
    try:
        if call.method == "GET":
            return query.parameters(call.action, call.query)
        given = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise ApiError("InvalidParameter", "The request body is not JSON.") from error
    if not isinstance(given, dict):
        raise ApiError("InvalidParameter", "The request body is not a JSON object.")
    return given


class Rate:
    """So many calls of each action within any second, and not one more."""

    def __init__(self, clock: Callable[[], float], limit: int = api.CALLS_A_SECOND) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def check(self, action: str) -> None:
        """Count a call; ApiError where it is one too many."""
        with self._lock:
            now, calls = self._clock(), self._calls[action]
            while calls and now - calls[0] >= 1:
                calls.popleft()
            if len(calls) >= self._limit:
                raise replies.too_many(len(calls) + 1, self._limit)
            calls.append(now)


def check_parameters(action: str, given: Mapping[str, object]) -> None:
    """ApiError for a parameter that is unknown, missing, or of another type."""
    known = {parameter.name: parameter for parameter in api.ACTIONS[action]}
    for name, value in given.items():
        if name not in known:
            raise replies.unknown(name)
        if not _fits(value, known[name].kind):
            raise replies.wrong_type(name, known[name].kind.value)
    for parameter in known.values():
        if parameter.required and parameter.name not in given:
            raise replies.missing(parameter.name)


def _fits(value: object, kind: api.Kind) -> bool:
    match kind:
        case api.Kind.STRING:
            return isinstance(value, str)
        case api.Kind.BOOL:
            return isinstance(value, bool)
        case api.Kind.INT:
            return _is_int(value)
        case api.Kind.UINT:
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64
        case api.Kind.INTS:
            return isinstance(value, list) and all(map(_is_int, value))
        case api.Kind.TAGS:
            return isinstance(value, list) and all(_is_tag(one) for one in value)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT64


def _is_tag(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"TagKey", "TagValue"}
        and all(isinstance(text, str) for text in value.values())
    )
