"""A whole TLS handshake in memory, with the very bytes that a server is to load; no socket, no name on disk."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError
from csr_tui.paths import scratch

ROUNDS = 20
"""Turns after which a handshake that has not ended never will; it takes two or three."""

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: dates are judged before, by the clock that the caller was given."""

PARTIAL_CHAIN = 0x80000
"""X509_V_FLAG_PARTIAL_CHAIN: an intermediate may be what is trusted, where the root is not here."""

OTHER_KEY = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})
"""What OpenSSL says of a key that is another certificate's: one of the same kind, and one of another kind."""


class HandshakeError(CsrTuiError):
    """No client would get through to a server with these files; its text says why."""


def verify(certificate: Path, key: Path | None, password: Secret | None, *, anchor: str, host: str | None) -> str:
    """Be server and client at once: the protocol and cipher they agreed on, HandshakeError where they did not.

    The client trusts `anchor` (PEM) alone, and sees only what the server sends, so an issuer that is missing or
    out of place stops it; with `host` it wants that name in the certificate.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _load(server, certificate, key, password)
    try:
        client.verify_flags = ssl.VerifyFlags(client.verify_flags | NO_CHECK_TIME | PARTIAL_CHAIN)
        client.load_verify_locations(cadata=anchor)
        client.check_hostname = host is not None
        return _agree(server, client, host)
    except ssl.SSLCertVerificationError as error:
        raise HandshakeError(f"A client rejects it: {error.verify_message}.") from error
    except (ssl.SSLError, ValueError) as error:
        raise HandshakeError(f"OpenSSL rejects it: {getattr(error, 'reason', None) or error}.") from error


@contextmanager
def anonymous_files(*contents: bytes) -> Iterator[tuple[Path, ...]]:
    """Files that have no name on any disk and vanish with this process; where there are none, private temporary ones.

    OpenSSL, and servers, load from paths only.
    """
    with ExitStack() as stack:
        paths = []
        for content in contents:
            if hasattr(os, "memfd_create"):
                descriptor = os.memfd_create("csr-tui")
                stack.callback(os.close, descriptor)
                path = Path(f"/proc/self/fd/{descriptor}")
            else:
                path = stack.enter_context(scratch()) / "file"
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                stack.callback(os.close, descriptor)
            with open(descriptor, "wb", closefd=False) as file:
                file.write(content)
            paths.append(path)
        yield tuple(paths)


def _load(server: ssl.SSLContext, certificate: Path, key: Path | None, password: Secret | None) -> None:
    """Load what a server loads; OpenSSL asks for a password of an encrypted key only, and must not ask a terminal."""
    asked = False

    def answer() -> bytes:
        nonlocal asked
        asked = True
        return password.reveal().encode() if password is not None else b""

    try:
        server.load_cert_chain(certificate, key, password=answer)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None)
        if reason in OTHER_KEY:
            raise HandshakeError("The key does not match the first certificate.") from error
        if asked:
            raise HandshakeError("The password does not decrypt the key.") from error
        raise HandshakeError(f"OpenSSL rejects it: {reason or error}.") from error


def _agree(server_context: ssl.SSLContext, client_context: ssl.SSLContext, host: str | None) -> str:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(ROUNDS):
        if all([_turn(client), _turn(server)]):
            client.write(b"?")
            if server.read(1) == b"?":
                cipher = client.cipher()
                return f"{client.version()}, {cipher[0] if cipher else 'unknown cipher'}"
    raise HandshakeError("Server and client did not finish.")


def _turn(end: ssl.SSLObject) -> bool:
    """Let one end do what it can; whether its handshake is done."""
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
