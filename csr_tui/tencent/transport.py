"""One call through the vendor's SDK, on the hardened wire, with nothing logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from requests import PreparedRequest, Response
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from csr_tui import wire
from csr_tui.errors import UnknownOutcomeError, UnreachableError
from csr_tui.tencent import api, sentences
from csr_tui.tencent.endpoint import Credentials, Endpoint
from csr_tui.wire import CallError, Route, Wire

_LOGGER = "tencentcloud_sdk_common"


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
    connection = _OpaqueWire(leaving)
    client = _client(endpoint, credentials, route, connection)
    try:
        body: bytes = wire.call(lambda: client.call(action, dict(parameters)), connection, route.deadline)
    except CallError as error:
        if not error.sent:
            where = f"Tencent Cloud ({endpoint.label})"
            raise UnreachableError(wire.unreachable(where, error.cause)) from None
        late = f"no reply within {route.deadline:.0f} seconds"
        why = late if error.cause is None else _interrupted(error.cause)
        raise UnknownOutcomeError(sentences.unanswered(endpoint.label, action, why)) from None
    return body


def _client(endpoint: Endpoint, credentials: Credentials, route: Route, connection: Wire) -> CommonClient:
    """The one place where the SDK is set up: it gets a session that does what we want and nothing else."""
    logger = logging.getLogger(_LOGGER)
    logger.disabled, logger.propagate = True, False
    token = credentials.token
    http = HttpProfile(
        protocol=endpoint.scheme,
        endpoint=endpoint.host,
        reqTimeout=(wire.CONNECTING, route.deadline),
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
    client.request.conn.proxy = route.proxies
    wire.harden(client.request.conn._session, connection)  # noqa: SLF001  # the SDK has no other way to its session
    return client


class _OpaqueWire(Wire):
    """The SDK looks for errors only in some types, and its way of looking is not ours: it is shown none of them."""

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        response = super().send(request, *arguments, **options)
        response.headers["Content-Type"] = "application/octet-stream"
        return response


def _interrupted(error: BaseException) -> str:
    if isinstance(error, TencentCloudSDKException) and error.code == "ServerNetworkError":
        return "it replied with an HTTP error"
    return wire.interrupted(error)
