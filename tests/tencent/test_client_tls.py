"""The client and TLS: whom it trusts, and that nothing is sent before that is known."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from tencent import misbehaving as bad
from tencent.clients import RECORD, client_for
from tencent.misbehaving import Server, response

from csr_tui.errors import (
    UnreachableError,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate that only its own file vouches for."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, pem


def test_a_certificate_that_is_not_trusted_ends_before_anything_is_sent(tls: tuple[ssl.SSLContext, Path]) -> None:
    with Server(response({"Id": 7, "RequestId": "r"}), tls=tls[0]) as server:
        with pytest.raises(UnreachableError, match="certificate is not trusted"):
            client_for(server.url).create(RECORD, remark="m")

        assert server.requests == []


def test_a_ca_file_of_ones_own_is_trusted(tls: tuple[ssl.SSLContext, Path]) -> None:
    with Server(response({"Id": 7, "RequestId": "r"}), tls=tls[0]) as server:
        assert client_for(server.url, ca_file=str(tls[1])).create(RECORD, remark="m").csr_id == 7


def test_a_ca_file_that_is_not_there_is_named(tls: tuple[ssl.SSLContext, Path]) -> None:
    with Server(bad.close, tls=tls[0]) as server, pytest.raises(UnreachableError, match="CSR_TUI_CA_FILE"):
        client_for(server.url, ca_file="/nowhere/ca.pem").create(RECORD, remark="m")


def test_a_server_without_tls_ends_before_anything_is_sent() -> None:
    with Server(bad.another_protocol, at_once=True) as server, pytest.raises(UnreachableError, match="TLS"):
        client_for(server.url.replace("http:", "https:")).create(RECORD, remark="m")
