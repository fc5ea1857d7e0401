"""One HTTP call, hardened: nothing followed, nothing taken from the environment, bounded in time and size."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

Result = TypeVar("Result")

CONNECTING = 10.0
"""Seconds for a connection to one address."""

LARGEST = 8 << 20
"""Bytes of a reply; a list of a hundred records has less than 100 KiB, a chain less than 20."""

_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3}[ -~]{0,80})")

PROXY_CA = "Behind a proxy that opens TLS, name its CA file in CSR_TUI_CA_FILE."


@dataclass(frozen=True, slots=True)
class Route:
    """How the network is reached: a proxy only where one was chosen, and a CA file of one's own."""

    proxy: str | None = None
    ca_file: str | None = None
    deadline: float = 30.0
    """Seconds for a whole call."""

    @property
    def proxies(self) -> dict[str, str] | None:
        return {"http": self.proxy, "https": self.proxy} if self.proxy else None


class CallError(Exception):
    """A call has no reply: whether anything was `sent`, and the error of the library, None where time ran out."""

    def __init__(self, cause: BaseException | None, *, sent: bool) -> None:
        super().__init__()
        self.cause = cause
        self.sent = sent


def call(run: Callable[[], Result], wire: Wire, deadline: float) -> Result:
    """What `run` returns, which calls once through this wire; CallError where it raises, or after the deadline."""
    result: list[Result] = []
    failure: list[BaseException] = []

    def attempt() -> None:
        try:
            result.append(run())
        except BaseException as error:  # noqa: BLE001  # an SDK raises its own, requests' and the parser's errors
            failure.append(error)
        finally:
            wire.close()  # else the connection stays open until the collector comes by

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(deadline)
    if result:
        return result[0]
    cause = failure[0] if failure else None  # before the cut, which makes the call fail, too
    raise CallError(cause, sent=wire.cut())


def harden(session: Session, wire: Wire) -> None:
    """Let a session do what we want and nothing else."""
    session.trust_env = False
    session.max_redirects = 0
    session.headers.clear()
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "csr-tui"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, wire)


def lenient(context: ssl.SSLContext) -> ssl.SSLContext:
    """Accept a root without a key usage, as proxies and `openssl req -x509` make it: Python 3.13 refuses these."""
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class Wire(HTTPAdapter):
    """One call's connection. It knows whether one was made, and can be cut off before or after that.

    `leaving` is called just before the first byte goes; a `trust` of one's own takes the place of `verify`.
    """

    def __init__(self, leaving: Callable[[], None] = lambda: None, trust: ssl.SSLContext | None = None) -> None:
        self._leaving = leaving
        self._own_trust = trust is not None
        self._trust = {"ssl_context": trust or lenient(create_urllib3_context())}
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def cut(self) -> bool:
        """End the call; whether a connection had been made. After this, none will be."""
        with self._lock:
            self._cut = True
            made = self._socket
        if made is not None:
            with contextlib.suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)
        return made is not None

    def connected(self, connection: socket.socket) -> None:
        """Called between the connection (TLS included) and the first byte of the request."""
        with self._lock:
            if self._cut:
                connection.close()
                raise OSError("cut off before anything was sent")
            self._socket = connection
        self._leaving()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **{**options, **self._trust})
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **{**options, **self._trust})
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def cert_verify(self, *arguments: Any, **options: Any) -> None:
        if not self._own_trust:
            super().cert_verify(*arguments, **options)

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """The whole reply, as it came: never decompressed, and never more of it than is reasonable."""
        response = super().send(request, *arguments, **options)
        body = b""
        for chunk in response.raw.stream(1 << 16, decode_content=False):
            body += chunk
            if len(body) > LARGEST:
                response.close()
                raise OSError("a reply larger than any")
        response.close()
        response.raw = io.BytesIO(body)
        return response

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        wire = self

        class Http(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                wire.connected(self.sock)

        class Https(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                wire.connected(self.sock)

        class HttpPool(HTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(HTTPSConnectionPool):
            ConnectionCls = Https

        return {"http": HttpPool, "https": HttpsPool}


def unreachable(where: str, error: BaseException | None, *, untrusted: str = PROXY_CA) -> str:
    """Why there was no connection, and what to look at; `untrusted` is the advice for an unknown certificate."""
    sentence = f"{where} was not reached; nothing was sent"
    causes = tuple(_causes(error))
    name = "the name of the proxy (CSR_TUI_PROXY)" if any(map(_is_of_proxy, causes)) else "its name"
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{sentence}: its certificate is not trusted here ({cause.verify_message}). {untrusted}"
        if isinstance(cause, ssl.SSLError):
            return f"{sentence}: the TLS handshake failed ({cause.reason or 'handshake failed'})."
        if isinstance(cause, socket.gaierror):
            return f"{sentence}: could not resolve {name}. Check that this machine is online."
        if isinstance(cause, ConnectionRefusedError):
            return f"{sentence}: the connection was refused. Check the address and the proxy (CSR_TUI_PROXY)."
        if isinstance(cause, TimeoutError):
            break
        if isinstance(cause, FileNotFoundError | OSError) and "CA certificate" in str(cause):
            return f"{sentence}: the CA file (CSR_TUI_CA_FILE) cannot be read."
        if isinstance(cause, OSError) and cause.strerror:
            return f"{sentence}: the system reports: {cause.strerror}. Check the network and the proxy (CSR_TUI_PROXY)."
        if isinstance(cause, OSError) and (refusal := _TUNNEL.match(str(cause))):
            return f"{sentence}: the proxy (CSR_TUI_PROXY) replied: {refusal[1].strip()}."
    else:
        if causes:
            return f"{sentence}: the connection failed. Check the address, the network and the proxy (CSR_TUI_PROXY)."
    return f"{sentence}: the connection timed out. Check the network and the proxy (CSR_TUI_PROXY)."


def _is_of_proxy(cause: BaseException) -> bool:
    return type(cause).__name__ == "ProxyError"


def interrupted(error: BaseException) -> str:
    """What stood in the way of a reply."""
    kinds = {type(cause).__name__ for cause in _causes(error)}
    if "TooManyRedirects" in kinds:
        return "it replied with a redirection, which is not followed"
    if kinds & {"ReadTimeoutError", "ReadTimeout"}:
        return "the reply did not arrive in time"
    return "the connection broke before the reply"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it; urllib3 hides some in `reason` and in `args`."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
