"""TC3-HMAC-SHA256, as Tencent Cloud's API 3.0 page "Signature Method v3" describes it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


def signature(
    secret_key: str,
    service: str,
    timestamp: int,
    headers: Mapping[str, str],
    signed: Sequence[str],
    payload: bytes,
    *,
    method: str = "POST",
    query: str = "",
) -> str:
    """The signature in lower-case hex.

    `headers` has lower-case names; `signed` says which of them are signed, in that order. A header's value counts
    as it was sent; only that of x-tc-action is lower-cased.
    """
    lines = "".join(f"{name}:{_value(name, headers[name])}\n" for name in signed)
    request = "\n".join((method, "/", query, lines, ";".join(signed), hashlib.sha256(payload).hexdigest()))
    date = date_of(timestamp)
    text = "\n".join(
        (ALGORITHM, str(timestamp), f"{date}/{service}/tc3_request", hashlib.sha256(request.encode()).hexdigest())
    )
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def date_of(timestamp: int) -> str:
    """The UTC date in a signature's scope."""
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"


def _value(name: str, value: str) -> str:
    value = value.strip()
    return value.lower() if name == "x-tc-action" else value
