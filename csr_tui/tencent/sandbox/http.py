"""HTTP as the service speaks it: one envelope and type for every reply; bounds on connections, size and time."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from csr_tui.tencent.sandbox import replies
from csr_tui.tencent.sandbox.gate import Call
from csr_tui.tencent.sandbox.replies import ApiError

LARGEST = 10 << 20
"""Bytes of a request, as the service has it."""

PATIENCE = 60.0
"""Seconds that a connection has to send a whole request."""

SILENCE = 2.0
"""Seconds without a byte after which nobody is still sending a request that was refused."""

MOST = 128
"""Connections at the same time, each with a thread of its own."""


class Server(ThreadingHTTPServer):
    """Its threads are bounded: a connection that is one too many is refused at once."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.Semaphore(MOST)
        self._refused: deque[tuple[float, Any]] = deque()
        """Connections that were one too many, and until when what they still send is read."""
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        body = replies.envelope(ApiError("RequestLimitExceeded", f"There are {MOST} connections already.").result)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        with contextlib.suppress(OSError):
            request.setblocking(False)
            request.send(head.encode() + b"Connection: close\r\n\r\n" + body)
            request.shutdown(socket.SHUT_WR)
        self._refused.append((time.monotonic() + SILENCE, request))
        if len(self._refused) > MOST:
            self.close_request(self._refused.popleft()[1])

    def service_actions(self) -> None:
        """Called again and again: a caller that still sends loses the refusal if its connection is closed."""
        for until, request in [self._refused.popleft() for _ in range(len(self._refused))]:
            if time.monotonic() < until and _is_sending(request):
                self._refused.append((until, request))
            else:
                self.close_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def server_close(self) -> None:
        super().server_close()
        for _, request in self._refused:
            self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is no news."""


def _is_sending(request: socket.socket) -> bool:
    """Read what a caller has sent; whether there may come more."""
    try:
        return bool(request.recv(1 << 20))
    except BlockingIOError:
        return True
    except OSError:
        return False


class Handler(BaseHTTPRequestHandler):
    """Hands each call to `answer`; a connection is closed where that returns None."""

    protocol_version = "HTTP/1.1"
    server_version = "csr-tui-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, answer: Callable[[Call], bytes | None], patience: float, *arguments: Any) -> None:
        self._answer = answer
        self._patience = patience
        super().__init__(*arguments)

    def setup(self) -> None:
        super().setup()
        self._incoming = _Incoming(self.connection, self._patience)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        self._incoming.begin()
        super().handle_one_request()

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def _reply(self) -> None:
        size = self.headers.get("Content-Length", "0" if self.command == "GET" else "")
        if not (size.isascii() and size.isdigit()) or "Transfer-Encoding" in self.headers:
            self.send_error(411)
            return
        if len(size) > len(str(LARGEST)) or int(size) > LARGEST:
            self.send_error(413)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(size))
        if len(body) < int(size):  # a caller that went away
            self.close_connection = True
            return
        answer = self._answer(Call(headers, body, self.command, self.path.partition("?")[2]))
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server, or we, refuse before there is a call: in the envelope of all the others."""
        del message, explain
        self.close_connection = True
        match int(code):
            case 501:
                refusal = ApiError("UnsupportedProtocol", "Only GET and POST requests are supported.")
            case 413 | 414 | 431:
                refusal = ApiError("RequestSizeLimitExceeded", f"The request is larger than {LARGEST >> 20} MiB.")
            case _:
                refusal = ApiError("InvalidRequest", "The HTTP request cannot be read.")
        self._send(replies.envelope(refusal.result))
        self._incoming.drain()

    def _send(self, body: bytes) -> None:
        self.connection.settimeout(self._patience)
        self.request_version = self.protocol_version  # else HTTP/0.9 and what is unreadable get no headers
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # http.server's name
        """Requests hold passwords: none is written down."""


class _Incoming(io.RawIOBase):
    """What a connection sends, with one limit of time for a whole request, however slowly it drips."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        self._connection = connection
        self._patience = patience
        self.begin()

    def begin(self) -> None:
        """A request may come from now on."""
        self._end = time.monotonic() + self._patience

    def drain(self) -> None:
        """Read the rest of a refused request: many callers look at no reply before they have sent all of it."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            while (rest := self._end - time.monotonic()) > 0:
                self._connection.settimeout(min(rest, SILENCE))
                if not self._connection.recv(65536):
                    return

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        self._connection.settimeout(rest)
        return self._connection.recv_into(buffer)
