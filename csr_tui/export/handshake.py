"""A whole TLS handshake in memory, between the exported files and a peer of ours; without a socket or a named file."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
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

SERVER, CLIENT = "serverAuth", "clientAuth"
PEERS = {SERVER: "client", CLIENT: "server"}
"""The roles that a handshake can prove, by their extended key usages, and who judges each."""


class HandshakeError(CsrTuiError):
    """No peer would accept these files; its text is the reason."""


class RejectedError(HandshakeError):
    """The files belong together, but a peer rejects the certificate."""


def verify(
    certificate: Path, key: Path | None, password: Secret | None, *, anchor: str, host: str | None, role: str = SERVER
) -> str:
    """Be server and client at once: the protocol and cipher they agreed on, HandshakeError where they did not.

    The other end than the `role` of these files trusts `anchor` (PEM) alone, and sees only what is sent, so an issuer
    that is missing or out of place stops it; a client with `host` wants that name in the certificate.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours, peer = (server, client) if role == SERVER else (client, server)
    _load(ours, certificate, key, password)
    try:
        peer.verify_flags = ssl.VerifyFlags(peer.verify_flags | NO_CHECK_TIME | PARTIAL_CHAIN)
        peer.load_verify_locations(cadata=anchor)
        if ours is client:
            host = None
            peer.verify_mode = ssl.CERT_REQUIRED
            with anonymous_files(_passing_server()) as (passing,):
                peer.load_cert_chain(passing)
        client.check_hostname = host is not None
        client.verify_mode = ssl.CERT_REQUIRED if ours is server else ssl.CERT_NONE
        return _agree(server, client, host)
    except ssl.SSLCertVerificationError as error:
        raise RejectedError(f"A {PEERS[role]} rejects it: {error.verify_message}.") from error
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


def _passing_server() -> bytes:
    """Key and certificate of a server for one handshake, in which nobody judges them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "csr-tui")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now)
    pem = serialization.Encoding.PEM
    clear = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *clear) + made.sign(key, hashes.SHA256()).public_bytes(pem)


def _load(end: ssl.SSLContext, certificate: Path, key: Path | None, password: Secret | None) -> None:
    """Load what this end loads; OpenSSL asks for a password of an encrypted key only, and must not ask a terminal."""
    asked = False

    def answer() -> bytes:
        nonlocal asked
        asked = True
        return password.reveal().encode() if password is not None else b""

    try:
        end.load_cert_chain(certificate, key, password=answer)
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
