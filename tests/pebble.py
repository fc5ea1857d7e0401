"""Pebble, Let's Encrypt's own test server, with the DNS that it asks: CAs that issue for what is in that DNS."""

from __future__ import annotations

import functools
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from csr_tui.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

PROGRAMS = ("pebble", "pebble-challtestsrv", "openssl")
NONE: Mapping[str, str] = {}
EAB_KID, EAB_KEY = "kid-1", "Y2FuYXJ5LWVhYi1rZXktY2FuYXJ5LWVhYi1rZXktMDE"
PEM, PKCS8, CLEAR = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


def account_key() -> Secret:
    """A new key for an account, clear."""
    return Secret(ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, CLEAR).decode())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True)
class Pebble:
    """A running CA: its directory and the certificate to trust, the DNS it asks, and the port where it wants files."""

    directory: str
    trust: str
    resolver: str
    http_port: int
    log: Path
    _names: str

    def set_txt(self, name: str, *values: str) -> None:
        """The person at the DNS: add these values to a record."""
        for value in values:
            self._manage("set-txt", {"host": f"{name}.", "value": value})

    @property
    def issued(self) -> int:
        """How many certificates it has signed for anybody."""
        return self.log.read_text().count("Issued certificate serial")

    def clear_txt(self, name: str) -> None:
        self._manage("clear-txt", {"host": f"{name}."})

    def _manage(self, what: str, document: Mapping[str, Any]) -> None:
        data = json.dumps(document).encode()
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self._names}/{what}", data).close()


class Pebbles:
    """Those that the tests of a session ask for, each started once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[tuple[object, ...], Pebble] = {}
        self._stack = ExitStack()

    def __call__(self, environment: Mapping[str, str] = NONE, *, eab: bool = False, strict: bool = True) -> Pebble:
        """`environment` has no prefix: AUTHZREUSE is PEBBLE_AUTHZREUSE. By itself it reuses and refuses nothing."""
        wanted = (eab, strict, *sorted(environment.items()))
        if wanted not in self._running:
            folder = self._folder / str(len(self._running))
            folder.mkdir()
            started = _started(folder, eab=eab, strict=strict, environment=environment)
            self._running[wanted] = self._stack.enter_context(started)
        return self._running[wanted]

    def close(self) -> None:
        self._stack.close()


@contextmanager
def _started(folder: Path, *, eab: bool, strict: bool, environment: Mapping[str, str]) -> Iterator[Pebble]:
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", "key.pem")
    own = ("openssl", "req", "-x509", *key, "-out", "cert.pem", "-days", "9", "-subj", "/CN=pebble", *names)
    subprocess.run(own, cwd=folder, check=True, capture_output=True)
    api, management, dns, dns_management, web, tls = (free_port() for _ in range(6))
    configuration = {
        "listenAddress": f"127.0.0.1:{api}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": "cert.pem",
        "privateKey": "key.pem",
        "httpPort": web,
        "tlsPort": tls,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": eab,
        **({"externalAccountMACKeys": {EAB_KID: EAB_KEY}} if eab else {}),
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": configuration}))
    options = {
        f"PEBBLE_{name}": value for name, value in {"AUTHZREUSE": "0", "WFE_NONCEREJECT": "0", **environment}.items()
    }
    dns_server = ("-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{dns_management}", "-defaultIPv6", "")
    commands = (
        ("pebble-challtestsrv", *dns_server, "-http01", "", "-https01", "", "-tlsalpn01", ""),
        ("pebble", "-config", "pebble.json", f"-strict={str(strict).lower()}", "-dnsserver", f"127.0.0.1:{dns}"),
    )
    running = []
    try:
        with (folder / "log").open("w") as log:
            for command in commands:
                process = subprocess.Popen(
                    command, cwd=folder, env={**os.environ, "PEBBLE_VA_NOSLEEP": "1", **options}, stdout=log, stderr=log
                )
                running.append(process)
        for port in (dns_management, api):
            _wait(port, folder / "log")
        trust = (folder / "cert.pem").read_text()
        yield Pebble(
            f"https://127.0.0.1:{api}/dir",
            trust,
            f"127.0.0.1:{dns}",
            web,
            folder / "log",
            f"http://127.0.0.1:{dns_management}",
        )
    finally:
        for process in running:
            process.kill()
            process.wait()


def _wait(port: int, log: Path) -> None:
    """Until it listens; half a second, and more on a busy machine."""
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """The web server of a machine, as far as a CA can tell."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def resolve_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is this machine's, as for Pebble: a stand-in for the system's resolver, which cannot be ours here."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: resolve("127.0.0.1", *rest, **more))
