"""An ACME server's replies as frozen values; UnreadableError where one is not what RFC 8555 describes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from csr_tui.core.host_names import is_loopback

PREFIX = "urn:ietf:params:acme:error:"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""Of base64url characters (RFC 8555, 8.1), for it becomes the name of a file."""

MOST = 200
"""Of names, challenges or problems in one reply; public CAs take 100 names in an order."""


class UnreadableError(Exception):
    """A reply is not what the RFC describes; never leaves this folder."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a CA reports: its own words, the type without its usual beginning, and the name that it concerns."""

    code: str
    detail: str
    name: str = ""
    parts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """Where an ACME server's resources are, and what it requires."""

    new_nonce: str
    new_account: str
    new_order: str
    renewal_info: str | None
    terms: str | None
    eab_required: bool


@dataclass(frozen=True, slots=True)
class OrderReply:
    """An order as it is there now."""

    status: str
    expires: datetime | None
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str | None
    problem: Problem | None
    wait: float | None
    """Seconds that the server asks to wait before the next look."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to prove a name; `issuers` are the names that a dns-persist-01 record may carry."""

    kind: str
    url: str
    status: str
    token: str
    problem: Problem | None
    issuers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authorization:
    """A name to prove; `name` has no `*.`, and `wildcard` is whether the order asks for one."""

    kind: str
    name: str
    wildcard: bool
    status: str
    challenges: tuple[Challenge, ...]

    @property
    def shown(self) -> str:
        return f"*.{self.name}" if self.wildcard else self.name


def mapping(body: bytes) -> Mapping[str, Any]:
    """The object in a reply."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    if not isinstance(value, dict):
        raise UnreadableError("no JSON object")
    return value


def directory(body: bytes) -> Directory:
    found = mapping(body)
    meta = found.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    terms = meta.get("termsOfService")
    return Directory(
        new_nonce=_url(found, "newNonce"),
        new_account=_url(found, "newAccount"),
        new_order=_url(found, "newOrder"),
        renewal_info=_url(found, "renewalInfo") if "renewalInfo" in found else None,
        terms=terms if isinstance(terms, str) and terms else None,
        eab_required=meta.get("externalAccountRequired") is True,
    )


def order(body: bytes, wait: float | None = None) -> OrderReply:
    found = mapping(body)
    return OrderReply(
        status=_text(found, "status"),
        expires=_moment(found.get("expires")),
        authorizations=tuple(checked_url(one) for one in _list(found, "authorizations")),
        finalize=_url(found, "finalize"),
        certificate=_url(found, "certificate") if found.get("certificate") else None,
        problem=problem_in(found),
        wait=wait,
    )


def authorization(body: bytes) -> Authorization:
    found = mapping(body)
    name = found.get("identifier")
    if not isinstance(name, dict):
        raise UnreadableError("an authorization without an identifier")
    return Authorization(
        kind=_text(name, "type"),
        name=_text(name, "value"),
        wildcard=found.get("wildcard") is True,
        status=_text(found, "status"),
        challenges=tuple(map(_challenge, _list(found, "challenges"))),
    )


def suggested_window(body: bytes) -> tuple[datetime, datetime]:
    """When to renew a certificate (RFC 9773, 4.2)."""
    found = mapping(body).get("suggestedWindow")
    start, end = (_moment(found.get(name)) if isinstance(found, dict) else None for name in ("start", "end"))
    if start is None or end is None or end <= start:
        raise UnreadableError("no window")
    return start, end


def problem(body: bytes) -> Problem | None:
    """The problem document in a reply; None where it has none."""
    try:
        return _problem(mapping(body))
    except UnreadableError:
        return None


def problem_in(found: Mapping[str, Any]) -> Problem | None:
    """The problem that an order or a challenge failed with."""
    error = found.get("error")
    return _problem(error) if isinstance(error, dict) else None


def checked_url(value: object) -> str:
    """An address that may be called: https, or http on this machine."""
    if not isinstance(value, str) or not value.isascii() or any(map(str.isspace, value)) or len(value) > 2000:
        raise UnreadableError("no address where one belongs")
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise UnreadableError("no address where one belongs") from error
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise UnreadableError("an address that is not https")
    return value


def _problem(found: Mapping[str, Any]) -> Problem | None:
    code, detail = found.get("type"), found.get("detail")
    if not isinstance(code, str):
        return None
    name = found.get("identifier")
    value = name.get("value") if isinstance(name, dict) else None
    parts = found.get("subproblems")
    return Problem(
        code=code.removeprefix(PREFIX),
        detail=detail if isinstance(detail, str) else "",
        name=value if isinstance(value, str) else "",
        parts=tuple(
            part
            for one in (parts[:MOST] if isinstance(parts, list) else ())
            if isinstance(one, dict) and (part := _problem({**one, "subproblems": None})) is not None
        ),
    )


def _challenge(found: object) -> Challenge:
    if not isinstance(found, dict):
        raise UnreadableError("a challenge is not an object")
    token = found.get("token")
    return Challenge(
        kind=_text(found, "type"),
        url=_url(found, "url"),
        status=_text(found, "status"),
        token=token if isinstance(token, str) and _TOKEN.fullmatch(token) else "",
        problem=problem_in(found),
        issuers=_texts(found, "issuer-domain-names"),
    )


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise UnreadableError(f"{name} is not a string")
    return value


def _texts(found: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = found.get(name)
    return tuple(one for one in value[:MOST] if isinstance(one, str)) if isinstance(value, list) else ()


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    if not isinstance(value, list) or len(value) > MOST:
        raise UnreadableError(f"{name} is not a list")
    return value


def _url(found: Mapping[str, Any], name: str) -> str:
    return checked_url(found.get(name))


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
