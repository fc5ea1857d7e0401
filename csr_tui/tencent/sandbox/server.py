"""Sandbox: the HTTP server on loopback, its envelope, and its end."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

from csr_tui.errors import UsageError
from csr_tui.tencent import api
from csr_tui.tencent.sandbox import gate, making, replies
from csr_tui.tencent.sandbox.account import Account
from csr_tui.tencent.sandbox.gate import Call
from csr_tui.tencent.sandbox.http import PATIENCE, Handler, Server
from csr_tui.tencent.sandbox.replies import ApiError

ADDRESS = "127.0.0.1"


def _at_once(action: str, answer: Callable[[], bytes]) -> bytes | None:
    """Apply the action, and send its answer."""
    del action
    return answer()


class Sandbox:
    """Started by `with`; gone, with all its records, when that ends.

    A connection has `patience` seconds to send a whole request; `clock` gives Unix time in seconds.
    `deliver(action, answer)` may be given to lose or delay what is sent: `answer()` applies the action and returns the
    reply's body; None instead of a body closes the connection.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        secret_id: str | None = None,
        secret_key: str | None = None,
        quirks: bool = False,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
        deliver: Callable[[str, Callable[[], bytes]], bytes | None] = _at_once,
    ) -> None:
        self.secret_id = secret_id or f"AKID{secrets.token_hex(16)}"
        self.secret_key = secret_key or secrets.token_hex(16)
        self._clock = clock
        self._deliver = deliver
        self._rate = gate.Rate(time.monotonic)
        self._account = Account(clock, making.as_documented if quirks else making.faithful)
        try:
            self._server = Server((ADDRESS, port), partial(Handler, self.answer, patience))
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"The sandbox cannot listen on port {port} of {ADDRESS}: {getattr(error, 'strerror', None) or error}. "
                "Choose another port; 0 uses any free port."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://{ADDRESS}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, call: Call) -> bytes | None:
        """The body of the reply to one call; None where the connection is to be closed without one."""
        return self._deliver(call.action, lambda: self._answer(call))

    def _answer(self, call: Call) -> bytes:
        try:
            result = self._act(call)
        except ApiError as refusal:
            return replies.envelope(refusal.result)
        return replies.envelope(result)

    def _act(self, call: Call) -> dict[str, Any]:
        if call.action not in api.ACTIONS:
            raise ApiError("InvalidAction", f"The requested action `{call.action[:40]}` does not exist.")
        version = call.headers.get("x-tc-version", "")
        if version != api.VERSION:
            raise ApiError("NoSuchVersion", f"The requested API version `{version[:40]}` does not exist.")
        gate.check_signature(call, self.secret_id, self.secret_key, self._clock())
        self._rate.check(call.action)
        given = gate.parameters_of(call)
        gate.check_parameters(call.action, given)
        return self._account.act(call.action, given)
