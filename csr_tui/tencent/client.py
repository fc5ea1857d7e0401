"""Client: the five CSR actions of Tencent Cloud's SSL API, paced, each write sent once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, RateLimitedError, RefusedError, UnknownOutcomeError, UnreachableError
from csr_tui.tencent import api, inventory, pacing, sentences
from csr_tui.tencent.endpoint import Credentials, Endpoint
from csr_tui.tencent.inventory import ListPage, RemoteRequest

Result = TypeVar("Result")

TRIES = 4
"""Of a read that failed, and of any call that came too fast."""


@dataclass(frozen=True, slots=True)
class Done:
    """A write was carried out: the record's id there, and the reply's."""

    csr_id: int
    request_id: str


class Client:
    """Every method blocks, `deadline` seconds a call, and may be called from several threads.

    RefusedError (UnreachableError, RateLimitedError): nothing happened there. UnknownOutcomeError: nobody knows.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        *,
        proxy: str | None = None,
        ca_file: str | None = None,
        deadline: float = 30.0,
        pacer: pacing.Pacer = pacing.SHARED,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self.account = credentials.account
        self._credentials = credentials
        self._network = (proxy, ca_file, deadline)
        self._pacer = pacer
        self._sleep = sleep
        self._clock = clock

    def create(self, record: Record, *, remark: str) -> Done:
        """CreateCSR without generating; tags can be given here and never again. Not idempotent: see the journal."""
        tags = [{"TagKey": tag.key, "TagValue": tag.value} for tag in record.tags]
        parameters = {**fields(record), "Generate": False, "Remark": remark, **({"Tags": tags} if tags else {})}
        return self._call("CreateCSR", parameters, lambda reply: Done(_int(reply, "Id"), _text(reply, "RequestId")))

    def modify(
        self, csr_id: int, record: Record, *, remark: str, generate: bool = False, password: Secret | None = None
    ) -> Done:
        """ModifyCSR with every field again; with `generate` the record there is final."""
        parameters = {"CSRId": csr_id, "Generate": generate, **fields(record), "Remark": remark}
        if password is not None:
            parameters["KeyPassword"] = password.reveal()
        return self._call("ModifyCSR", parameters, lambda reply: Done(csr_id, _text(reply, "RequestId")), password)

    def describe(self, csr_id: int) -> RemoteRequest:
        """DescribeCSR: all there is, CSR, key and password too where the service gives them."""

        def parse(reply: Mapping[str, Any]) -> RemoteRequest:
            if _int(reply, "Id") != csr_id:
                raise _Unreadable("a different Id")
            return _remote(reply, _text(reply, "RequestId"))

        return self._call("DescribeCSR", {"CSRId": csr_id}, parse)

    def page(self, offset: int = 0, limit: int = api.MOST_LISTED) -> ListPage:
        """DescribeCSRSet: a part of the account's list."""

        def parse(reply: Mapping[str, Any]) -> ListPage:
            items = reply.get("Set")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise _Unreadable("no list in Set")
            request_id = _text(reply, "RequestId")
            return ListPage(_int(reply, "Total"), tuple(_remote(item, request_id) for item in items))

        return self._call("DescribeCSRSet", {"Limit": limit, "Offset": offset}, parse)

    def inventory(self) -> inventory.Inventory:
        """The account's whole list, and whether one may have been missed."""
        return inventory.read(self.page, self._clock)

    def delete(self, csr_ids: tuple[int, ...]) -> tuple[int, ...]:
        """BatchDeleteCSR, a hundred at a time; the ids that the service says it deleted."""

        def parse(reply: Mapping[str, Any]) -> tuple[int, ...]:
            deleted = reply.get("Success")
            if not isinstance(deleted, list):
                raise _Unreadable("no list in Success")
            return tuple(one for one in deleted if isinstance(one, int))

        gone: list[int] = []
        for start in range(0, len(csr_ids), api.MOST_DELETED):
            some = list(csr_ids[start : start + api.MOST_DELETED])
            gone += self._call("BatchDeleteCSR", {"CSRIds": some}, parse)
        return tuple(gone)

    def _call(
        self,
        action: str,
        parameters: Mapping[str, Any],
        parse: Callable[[Mapping[str, Any]], Result],
        hidden: Secret | None = None,
    ) -> Result:
        """One call; repeated only where it was refused for its pace, or only reads.

        A refusal may quote what was sent: `hidden` is taken out of it before anybody reads, or journals, it.

        A read changes nothing, so what goes wrong with it leaves no outcome open: it is a RefusedError in the end.
        """
        tried = 0
        while True:
            tried += 1
            slot = self._pacer.wait((self.endpoint, self.account, action))
            try:
                return self._once(action, parameters, parse, slot, hidden)
            except RateLimitedError:
                if tried == TRIES:
                    raise
                self._sleep(tried)
            except UnreachableError:
                if action not in api.READS or tried == TRIES:
                    raise
                self._sleep(0.25 * tried)
            except UnknownOutcomeError as error:
                if action not in api.READS:
                    raise
                if tried == TRIES:
                    raise RefusedError(str(error), code=error.code, request_id=error.request_id) from error
                self._sleep(0.25 * tried)
            finally:
                slot.left()

    def _once(
        self,
        action: str,
        parameters: Mapping[str, Any],
        parse: Callable[[Mapping[str, Any]], Result],
        slot: pacing.Slot,
        hidden: Secret | None,
    ) -> Result:
        from csr_tui.tencent import transport
        from csr_tui.wire import Route

        route = Route(*self._network)
        body = transport.send(self.endpoint, self._credentials, route, action, parameters, leaving=slot.left)
        try:
            response = _response(body)
            if "Error" not in response:
                return parse(response)
        except _Unreadable as error:
            why = f"its reply cannot be read ({error})"
            raise UnknownOutcomeError(sentences.unanswered(self.endpoint.label, action, why)) from error
        raise _refusal(response, hidden)


class _Unreadable(Exception):  # noqa: N818  # never leaves this file
    """A reply is not what the API describes."""


def _response(body: bytes) -> Mapping[str, Any]:
    try:
        response = json.loads(body)["Response"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _Unreadable("no JSON with a Response") from error
    if not isinstance(response, dict):
        raise _Unreadable("no object in Response")
    return response


def _refusal(response: Mapping[str, Any], hidden: Secret | None) -> CsrTuiError:
    error = response["Error"] if isinstance(response["Error"], dict) else {}
    code, message, request_id = (
        text if isinstance(text, str) else ""
        for text in (error.get("Code"), error.get("Message"), response.get("RequestId"))
    )
    return sentences.error_of(code, without(message, hidden), request_id)


def without(text: str, hidden: Secret | None) -> str:
    """A text in which a secret is not to be read."""
    return text if hidden is None else text.replace(hidden.reveal(), str(hidden))


def fields(record: Record) -> dict[str, str]:
    """The nine strings of a request, as CreateCSR and ModifyCSR name them."""
    subject = (getattr(record.subject, field) for field in api.SUBJECT.values())
    return dict(zip(api.REQUEST, (*subject, record.key.algorithm, record.key.parameter), strict=True))


def _remote(item: Mapping[str, Any], request_id: str) -> RemoteRequest:
    status = item.get("Status")
    return RemoteRequest(
        csr_id=_int(item, "Id"),
        subject=Subject(**{field: _text(item, name) for name, field in api.SUBJECT.items()}),
        key=KeySpec(_text(item, "EncryptAlgo"), _text(item, "KeyParameter")),
        remark=_text(item, "Remarks"),
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
        created=_text(item, "CreateTime"),
        request_id=request_id,
        csr=_text(item, "CSR") or None,
        private_key=_secret(item, "PrivateKey"),
        key_password=_secret(item, "KeyPassword"),
    )


def _text(reply: Mapping[str, Any], name: str) -> str:
    """A text of a reply; null and a missing one are empty."""
    value = reply.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Unreadable(f"{name} is not a string")
    return value


def _secret(reply: Mapping[str, Any], name: str) -> Secret | None:
    text = _text(reply, name)
    return Secret(text) if text else None


def _int(reply: Mapping[str, Any], name: str) -> int:
    value = reply.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _Unreadable(f"{name} is not a number")
    return value
