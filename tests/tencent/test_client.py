"""The client: against servers that misbehave, against the sandbox, and at its edge to the vendor's SDK."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tencent import misbehaving as bad
from tencent.clients import DEADLINE, RECORD, SUBJECT, client_for
from tencent.misbehaving import Server, error, http, response

from csr_tui.core.secret import Secret
from csr_tui.errors import (
    CsrTuiError,
    RateLimitedError,
    RefusedError,
    UnknownOutcomeError,
    UnreachableError,
)
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.tencent.sandbox import Sandbox


CANARY = "canary-key-password-7Q"


def sandboxed(sandbox: Sandbox) -> Client:
    return Client(
        endpoint_of(sandbox.endpoint), Credentials(sandbox.secret_id, Secret(sandbox.secret_key)), pacer=Pacer()
    )


UNKNOWN: dict[str, Callable[[socket.socket], None]] = {
    "closes without an answer": bad.close,
    "resets the connection": bad.reset,
    "never answers": bad.silent,
    "stops in the middle": bad.half,
    "drips its headers": bad.drip_headers,
    "drips its body": bad.drip_body,
    "sends a gigabyte": bad.endless,
    "sends a gzip bomb": bad.bomb,
    "speaks another protocol": bad.another_protocol,
    "answers with HTTP 500": http("500 Internal Server Error", b"oops"),
    "answers with HTTP 502 and bytes": http("502 Bad Gateway", b"\xff\xfe"),
    "answers with HTTP 404": http("404 Not Found", b"{}"),
    "answers with a page": http(body=b"<html>captive portal</html>", kind="text/html"),
    "answers with garbage": bad.garbage,
    "answers with nothing": http(body=b""),
    "answers with null": http(body=b"null"),
    "answers with a list": http(body=b"[]"),
    "answers without a Response": http(body=b"{}"),
    "answers with a Response that is a text": response("yes"),
    "answers without an Id": response({"RequestId": "r-1"}),
    "answers with an Id that is a text": response({"Id": "733", "RequestId": "r-1"}),
    "answers with an Id that is true": response({"Id": True, "RequestId": "r-1"}),
    "answers with a negative Id": response({"Id": -1, "RequestId": "r-1"}),
    "answers with a RequestId that is a number": response({"Id": 733, "RequestId": 1}),
    "answers with JSON that is too deep": http(body=b"[" * 100_000),
    "answers with an Error that is a text": response({"Error": "no", "RequestId": "r-1"}),
    "answers with an Error without a code": response({"Error": {}, "RequestId": "r-1"}),
    "answers with a code that is a number": error(7),
    "fails": error("FailedOperation"),
    "fails in its system": error("FailedOperation.SystemError"),
    "fails internally": error("InternalError"),
    "fails in a way of its own": error("ResourceUnavailable.Whatever"),
    "almost says refused": error("InvalidParameterish"),
}


@pytest.mark.parametrize("how", UNKNOWN)
def test_whatever_is_not_a_clear_answer_leaves_the_outcome_unknown(how: str) -> None:
    with Server(UNKNOWN[how]) as server:
        began = time.monotonic()
        with pytest.raises(UnknownOutcomeError) as told:
            client_for(server.url).create(RECORD, remark="m")

        assert time.monotonic() - began < DEADLINE + 2
        assert len(server.requests) == 1
        assert "unknown" in str(told.value) or "Request id" in str(told.value)


REFUSED = (
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.SignatureFailure",
    "AuthFailure.SignatureExpire",
    "AuthFailure.AnythingElse",
    "AuthFailure",
    "UnauthorizedOperation",
    "MissingParameter",
    "InvalidParameter",
    "InvalidParameter.InvalidCSRId",
    "InvalidParameterValue",
    "UnknownParameter",
    "FailedOperation.InvalidParam",
    "FailedOperation.CAMAuthorizedFail",
)


@pytest.mark.parametrize("kind", [bad.JSON, "application/json; charset=utf-8", "text/plain", "text/html"])
@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_is_certain_whatever_type_it_comes_as(code: str, kind: str) -> None:
    with Server(error(code, "because", kind=kind)) as server:
        with pytest.raises(RefusedError) as told:
            client_for(server.url).create(RECORD, remark="m")

        assert len(server.requests) == 1
        assert (told.value.code, told.value.request_id) == (code, "r-1")
        assert all(part in str(told.value) for part in (code, "because", "r-1"))


@pytest.mark.parametrize("reply", [response({"Id": 1, "RequestId": "r"}), error("InvalidParameter"), http("503 Busy")])
def test_a_call_leaves_no_connection_open_behind_it(reply: Callable[[socket.socket], None]) -> None:
    ended = threading.Event()

    def answer_and_wait(connection: socket.socket) -> None:
        reply(connection)
        if connection.recv(1) == b"":
            ended.set()

    gc.disable()  # the collector closes it as well, but much later
    try:
        with Server(answer_and_wait) as server:
            with contextlib.suppress(CsrTuiError):
                client_for(server.url).create(RECORD, remark="m")

            assert ended.wait(10)
    finally:
        gc.enable()


def test_a_secret_id_of_the_other_site_is_hinted_at() -> None:
    with Server(error("AuthFailure.SecretIdNotFound")) as server, pytest.raises(RefusedError, match="one site"):
        client_for(server.url).create(RECORD, remark="m")


def test_a_redirection_is_not_followed_and_the_password_goes_nowhere_else() -> None:
    with Server(response({"Id": 1, "RequestId": "r"})) as elsewhere:
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            with Server(http(status, extra=f"Location: {elsewhere.url}/\r\n")) as server:
                with pytest.raises(UnknownOutcomeError, match="redirection"):
                    client_for(server.url).modify(1, RECORD, remark="m", generate=True, password=Secret(CANARY))
                assert len(server.requests) == 1

        assert (elsewhere.connections, elsewhere.requests) == (0, [])


def test_a_netrc_and_the_environments_proxies_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("default login a password b\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Server(bad.close) as proxy, Server(response({"Id": 7, "RequestId": "r"})) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        assert client_for(server.url).create(RECORD, remark="m").csr_id == 7

        assert proxy.connections == 0
        assert b"TC3-HMAC-SHA256" in server.requests[0]


def test_a_proxy_that_was_chosen_is_used() -> None:
    with Server(response({"Id": 7, "RequestId": "r"})) as proxy:
        done = client_for("http://127.0.0.1:1", proxy=proxy.url).create(RECORD, remark="m")

        assert (done.csr_id, proxy.connections) == (7, 1)
        assert proxy.requests[0].startswith(b"POST http://127.0.0.1:1/")


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_where_nobody_listens_nothing_was_sent(nobody: str) -> None:
    with pytest.raises(UnreachableError, match="refused"):
        client_for(nobody).create(RECORD, remark="m")


def test_a_name_that_does_not_resolve_is_said() -> None:
    with pytest.raises(UnreachableError, match="nothing was sent"):
        client_for("https://ssl.tencentcloudapi.invalid").create(RECORD, remark="m")


def test_a_connection_that_is_not_made_in_time_was_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that is silent for longer than the deadline, and answers after it."""
    asked, may_answer, real = threading.Event(), threading.Event(), socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        asked.set()
        may_answer.wait(30)
        return real(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with Server(response({"Id": 7, "RequestId": "r"})) as server:
        with pytest.raises(UnreachableError, match="nothing was sent"):
            client_for(server.url, deadline=0.3).create(RECORD, remark="m")
        assert asked.is_set()
        threads = [thread for thread in threading.enumerate() if thread.daemon]

        may_answer.set()
        for thread in threads:
            if "run" in thread.name:
                thread.join(10)

        assert server.requests == []


def failing(times: int, what: Callable[[socket.socket], None], then: Callable[[socket.socket], None]) -> Server:
    left = [times]

    def act(connection: socket.socket) -> None:
        left[0] -= 1
        (what if left[0] >= 0 else then)(connection)

    return Server(act)


DESCRIBED = response({"Id": 5, "Domain": "www.example.com", "RequestId": "r-2"})


def test_a_read_is_tried_again_and_a_write_is_not() -> None:
    with failing(2, bad.close, DESCRIBED) as server:
        assert client_for(server.url).describe(5).csr_id == 5
        assert len(server.requests) == 3

    with Server(bad.close) as server:
        client = client_for(server.url)
        for write in (
            lambda: client.create(RECORD, remark="m"),
            lambda: client.modify(5, RECORD, remark="m"),
            lambda: client.delete((5,)),
        ):
            server.requests.clear()
            with pytest.raises(UnknownOutcomeError):
                write()
            assert len(server.requests) == 1


def test_a_refusal_for_its_pace_is_tried_again_for_every_action() -> None:
    with failing(3, error("RequestLimitExceeded"), response({"Id": 5, "RequestId": "r"})) as server:
        assert client_for(server.url).create(RECORD, remark="m").csr_id == 5
        assert len(server.requests) == 4

    with failing(9, error("RequestLimitExceeded.UinLimitExceeded"), bad.close) as server:
        with pytest.raises(RateLimitedError):
            client_for(server.url).create(RECORD, remark="m")
        assert len(server.requests) == 4


def test_a_read_that_never_succeeds_ends() -> None:
    for act in (bad.close, bad.garbage, error("InternalError"), response({"Id": 6})):
        with Server(act) as server:
            with pytest.raises(RefusedError):
                client_for(server.url).describe(5)
            assert len(server.requests) == 4


def test_the_five_actions_reach_the_sandbox(sandbox: Sandbox) -> None:
    client = sandboxed(sandbox)

    made = client.create(RECORD, remark="mine [csr-tui:x]")
    draft = client.describe(made.csr_id)
    client.modify(made.csr_id, RECORD, remark="mine", generate=True, password=Secret(CANARY))
    done = client.describe(made.csr_id)

    assert (draft.status, draft.csr, draft.private_key, draft.remark) == (0, None, None, "mine [csr-tui:x]")
    assert (done.status, done.subject, done.key, done.remark) == (1, SUBJECT, RECORD.key, "mine")
    assert done.csr is not None
    assert done.key_password == Secret(CANARY)
    assert done.private_key is not None
    assert "ENCRYPTED" in done.private_key.reveal()
    assert [item.csr_id for item in client.inventory().items] == [made.csr_id]
    assert client.delete((made.csr_id, 5)) == (made.csr_id,)


def test_a_list_of_several_pages_is_read_whole() -> None:
    rows = [{"Id": number, "Domain": "d", "Remarks": "x"} for number in range(250)]

    def act(connection: socket.socket) -> None:
        wanted = json.loads(server.requests[-1].partition(b"\r\n\r\n")[2])
        page = rows[wanted["Offset"] : wanted["Offset"] + wanted["Limit"]]
        response({"Total": len(rows), "Set": page, "RequestId": "r"})(connection)

    with Server(act) as server:
        assert [item.csr_id for item in client_for(server.url).inventory().items] == list(range(250))
        assert len(server.requests) == 3


def test_a_list_that_promises_more_than_it_has_ends() -> None:
    with Server(response({"Total": 10**9, "Set": [], "RequestId": "r"})) as server:
        assert list(client_for(server.url).inventory().items) == []
        assert len(server.requests) == 1


def test_nothing_of_a_request_or_a_reply_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("tencentcloud_sdk_common").setLevel(logging.DEBUG)
    told = response({"Id": 5, "KeyPassword": CANARY, "PrivateKey": CANARY, "RequestId": "r"})
    with caplog.at_level(logging.DEBUG), Server(told) as server:
        client_for(server.url).modify(5, RECORD, remark="m", generate=True, password=Secret(CANARY))
        client_for(server.url).describe(5)

    assert CANARY not in caplog.text
    assert "canary-secret-key" not in caplog.text


def test_no_error_quotes_what_was_sent() -> None:
    with Server(error("FailedOperation", "x")) as server, pytest.raises(CsrTuiError) as told:
        client_for(server.url).modify(5, RECORD, remark="m", generate=True, password=Secret(CANARY))

    assert CANARY not in repr(told.value) + str(told.value)


def test_hostile_text_in_an_error_is_shown_harmless() -> None:
    hostile = error("FailedOperation.InvalidParam", "a\x1b[31mb\u202ec")
    with Server(hostile) as server, pytest.raises(RefusedError) as told:
        client_for(server.url).create(RECORD, remark="m")

    assert "\x1b" not in str(told.value)
    assert "\u202e" not in str(told.value)
