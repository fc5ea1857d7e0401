"""Servers that answer as none should, on real sockets; each counts the requests it was sent."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

JSON = "application/json"


@dataclass
class Server:
    """Runs `act(connection)` once it has read one whole request, or `at_once`; what it was sent is in `requests`."""

    act: Callable[[socket.socket], None]
    tls: ssl.SSLContext | None = None
    at_once: bool = False
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which could take up the next server's number
        self._thread.join()
        self._listener.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                if self.at_once:
                    self.act(connection)
                while request := read_request(connection):
                    self.requests.append(request)
                    self.act(connection)


def read_request(connection: socket.socket) -> bytes:
    """One whole HTTP request; empty where the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(
    status: str = "200 OK", body: bytes = b"", *, kind: str = JSON, extra: str = ""
) -> Callable[[socket.socket], None]:
    """Answers with just this."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def response(document: Any, **options: Any) -> Callable[[socket.socket], None]:
    """Answers with this `Response`."""
    return http(body=json.dumps({"Response": document}).encode(), **options)


def error(code: Any, message: Any = "no", **options: Any) -> Callable[[socket.socket], None]:
    return response({"Error": {"Code": code, "Message": message}, "RequestId": "r-1"}, **options)


def close(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def silent(connection: socket.socket) -> None:
    """Takes the request, and says nothing until the other side gives up."""
    connection.recv(1)


def half(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"Response"')
    connection.close()


def drip_headers(connection: socket.socket) -> None:
    """A byte at a time, each well within any limit for a single read."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Slow: 1\r\n")
        time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    """A gigabyte, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
    piece = b" " * (1 << 20)
    for _ in range(1024):
        connection.sendall(piece)


def bomb(connection: socket.socket) -> None:
    """64 MiB in some 300 KiB."""
    body = gzip.compress(b'{"Response": {"Id": 1, "RequestId": "' + b"0" * (1 << 26) + b'"}}', compresslevel=1)
    http(body=body, extra="Content-Encoding: gzip\r\n")(connection)


garbage = http(body=b"\x00\xff<html>")
not_http = b"SSH-2.0-OpenSSH_9.6\r\n"


def another_protocol(connection: socket.socket) -> None:
    connection.sendall(not_http)
    connection.close()
