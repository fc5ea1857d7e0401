"""Why a call found no connection: what the sentence says is what happened."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from csr_tui import wire
from csr_tui.wire import CallError, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def proxy(reply: bytes) -> Iterator[str]:
    """A proxy that gives one reply to whatever it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://name:secret@127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def why(url: str, through: str | None = None) -> str:
    """The sentence about a call that finds no connection."""
    connection = Wire()
    session = requests.Session()
    wire.harden(session, connection)
    proxies = {"https": through} if through else None
    with pytest.raises(CallError) as failure:
        wire.call(lambda: session.get(url, timeout=5, proxies=proxies), connection, 10)
    assert not failure.value.sent
    return wire.unreachable("it", failure.value.cause)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "replied: 407 Proxy Authentication Required."),
        (b"HTTP/1.1 403 \x1b[31mNo\r\n\r\n", "replied: 403."),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the connection failed."),
    ],
    ids=["asks for a password", "refuses", "is no proxy"],
)
def test_what_a_proxy_refuses_is_no_timeout(reply: bytes, reason: str) -> None:
    with proxy(reply) as through:
        sentence = why("https://ca.invalid/", through)

    assert reason in sentence
    assert sentence.isprintable()
    assert "secret" not in sentence


@pytest.mark.parametrize(
    ("url", "through", "reason"),
    [
        ("https://a..b/", None, "the connection failed."),
        ("https://ca.invalid/", "socks5://127.0.0.1:1", "the connection failed."),
        ("https://ca.invalid/", "http://127.0.0.1:99999", "the connection failed."),
        ("https://ca.invalid/", "http://proxy.invalid:1", "could not resolve the name of the proxy (CSR_TUI_PROXY)."),
        ("https://ca.invalid/", None, "could not resolve its name."),
        ("https://127.0.0.1:1/", None, "the connection was refused."),
    ],
)
def test_an_address_that_cannot_be_connected_to_is_no_timeout(url: str, through: str | None, reason: str) -> None:
    assert reason in why(url, through)


def test_a_network_that_is_not_there_is_no_timeout() -> None:
    error = requests.ConnectionError(OSError(101, "Network is unreachable"))

    assert "the system reports: Network is unreachable." in wire.unreachable("it", error)


@pytest.mark.parametrize("error", [None, requests.ConnectTimeout(TimeoutError("timed out"))])
def test_a_silent_network_is_a_timeout(error: BaseException | None) -> None:
    assert "the connection timed out." in wire.unreachable("it", error)
