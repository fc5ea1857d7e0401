"""One call through the vendor's SDK, hardened: nothing followed, nothing logged, bounded in time and size."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from csr_tui.errors import UnknownOutcomeError, UnreachableError
from csr_tui.tencent import api, sentences

if TYPE_CHECKING:
    from csr_tui.tencent.endpoint import Credentials, Endpoint

CONNECTING = 10.0
"""Seconds for a connection to one address."""

LARGEST = 8 << 20
"""Bytes of a reply; a list of a hundred records has less than 100 KiB."""

_LOGGER = "tencentcloud_sdk_common"


@dataclass(frozen=True, slots=True)
class Route:
    """How the network is reached: a proxy only where one was chosen, and a CA file of one's own."""

    proxy: str | None = None
    ca_file: str | None = None
    deadline: float = 30.0
    """Seconds for a whole call."""


def send(
    endpoint: Endpoint,
    credentials: Credentials,
    route: Route,
    action: str,
    parameters: Mapping[str, Any],
    *,
    leaving: Callable[[], None] = lambda: None,
) -> bytes:
    """The body of the reply to one call, sent once; `leaving` is called just before its first byte goes.

    UnreachableError where nothing was sent for certain; UnknownOutcomeError where something was, and no reply of
    status 200 came back whole, in time, from where it was sent.
    """
    wire = _Wire(leaving)
    client = _client(endpoint, credentials, route, wire)
    result: list[bytes] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(client.call(action, dict(parameters)))
        except BaseException as error:  # noqa: BLE001  # the SDK raises its own, requests' and the parser's errors
            failure.append(error)
        finally:
            wire.close()  # else the connection stays open until the collector comes by

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(route.deadline)
    if result:
        return result[0]
    sent = wire.cut()
    late = not failure
    if not sent:
        raise UnreachableError(_unreachable(endpoint, failure[0] if failure else None)) from None
    why = f"no reply within {route.deadline:.0f} seconds" if late else _interrupted(failure[0])
    raise UnknownOutcomeError(sentences.unanswered(endpoint.label, action, why))


def _client(endpoint: Endpoint, credentials: Credentials, route: Route, wire: _Wire) -> CommonClient:
    """The one place where the SDK is set up: it gets a session that does what we want and nothing else."""
    logger = logging.getLogger(_LOGGER)
    logger.disabled, logger.propagate = True, False
    token = credentials.token
    http = HttpProfile(
        protocol=endpoint.scheme,
        endpoint=endpoint.host,
        reqTimeout=(CONNECTING, route.deadline),
        certification=route.ca_file,
    )
    profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http, language="en-US")
    client = CommonClient(
        api.SERVICE,
        api.VERSION,
        Credential(credentials.secret_id, credentials.secret_key.reveal(), token.reveal() if token else None),
        "",
        profile,
    )
    connection = client.request.conn
    connection.proxy = {"http": route.proxy, "https": route.proxy} if route.proxy else None
    session = connection._session  # noqa: SLF001  # the SDK has no other way to its session
    session.trust_env = False
    session.max_redirects = 0
    session.headers = {"Accept-Encoding": "identity", "User-Agent": "csr-tui"}
    for scheme in ("http://", "https://"):
        session.mount(scheme, wire)
    return client


class _Wire(HTTPAdapter):
    """One call's connection. It knows whether one was made, and can be cut off before or after that."""

    def __init__(self, leaving: Callable[[], None]) -> None:
        self._leaving = leaving
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
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self._pools()
        return manager

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
        # The SDK looks for errors only in some types, and its way of looking is not ours: it is shown none of them.
        response.headers["Content-Type"] = "application/octet-stream"
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


def _unreachable(endpoint: Endpoint, error: BaseException | None) -> str:
    """Why there was no connection, and what to look at."""
    where = f"Tencent Cloud ({endpoint.label}) was not reached; nothing was sent"
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"{where}: its certificate is not trusted here ({cause.verify_message}). Behind a proxy that opens "
                "TLS, name its CA file in CSR_TUI_CA_FILE."
            )
        if isinstance(cause, ssl.SSLError):
            return f"{where}: the TLS handshake failed ({cause.reason or 'handshake failed'})."
        if isinstance(cause, socket.gaierror):
            return f"{where}: could not resolve its name. Check that this machine is online."
        if isinstance(cause, ConnectionRefusedError):
            return f"{where}: the connection was refused. Check the address and the proxy (CSR_TUI_PROXY)."
        if isinstance(cause, TimeoutError):
            break
        if isinstance(cause, FileNotFoundError | OSError) and "CA certificate" in str(cause):
            return f"{where}: the CA file (CSR_TUI_CA_FILE) cannot be read."
    return f"{where}: the connection timed out. Check the network and the proxy (CSR_TUI_PROXY)."


def _interrupted(error: BaseException) -> str:
    """What stood in the way of a reply."""
    if isinstance(error, TencentCloudSDKException) and error.code == "ServerNetworkError":
        return "it replied with an HTTP error"
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
