"""Usages on the command line: flag, TOML, table, CSR, JSON and export."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from csr_tui.core import csr
from csr_tui.core.usages import USAGES

if TYPE_CHECKING:
    from cli.conftest import Run

NAMES = {
    "server": "www.example.com",
    "client": "Jane Doe",
    "both": "etcd1.example.com",
    "email": "jane@example.com",
    "code": "Example Ltd",
    "ca": "Example Issuing CA 1",
}


def draft(run: Run, usage: str) -> str:
    words = ("--usage", usage, "--domain", NAMES[usage], "--purpose", "private", "--algorithm", "ECC")
    result = run("new", *words)
    assert result.status == 0, result.err
    return result.out.strip()


@pytest.mark.parametrize("usage", USAGES)
def test_a_usage_is_kept_from_the_flag_to_the_request_and_back(usage: str, run: Run, tmp_path: Path) -> None:
    made = draft(run, usage)
    toml, request = tmp_path / "request.toml", tmp_path / "request.csr"
    toml.write_text(run("show", made, "--toml").out, "utf-8")

    record = run("generate", made, "--no-password", "--protect", "unprotected", "--json").json
    request.write_text(record["csr"], "utf-8")

    assert (record["usage"], record["domain"], record["differences"]) == (usage, NAMES[usage], [])
    assert csr.read(record["csr"]).extended_key_usage == USAGES[usage].extended_key_usage
    for source in (str(toml), str(request), made):
        copy = run("new", "--from", source, "--purpose", "private", "--json").json
        assert (copy["usage"], copy["domain"]) == (usage, NAMES[usage]), source
        assert [one for one in copy["findings"] if one["code"] == "usage-left-out"] == []


def test_a_table_has_a_column_for_the_usage(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "requests.csv"
    table.write_text("domain,usage,purpose\nJane Doe,Client,private\nwww.example.com,,private\n", "utf-8")

    assert run("apply", str(table)).status == 0
    records = run("list", "--json").json["records"]

    assert {(one["domain"], one["usage"]) for one in records} == {("Jane Doe", "client"), ("www.example.com", "server")}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--usage", "browser"), 2),
        (("--usage", "server", "--domain", "Jane Doe"), 3),
        (("--usage", "email", "--domain", "www.example.com"), 3),
        (("--usage", "client", "--domain", "x" * 65, "--purpose", "private"), 3),
        (("--usage", "client", "--domain", "Jane Doe"), 3),
    ],
)
def test_what_a_usage_cannot_have_is_refused(words: tuple[str, ...], status: int, run: Run) -> None:
    assert run("new", *words).status == status


def test_a_web_server_does_not_load_the_certificate_of_a_client(run: Run, tmp_path: Path) -> None:
    made = draft(run, "client")
    run("generate", made, "--no-password", "--protect", "unprotected")

    result = run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx")

    assert result.status == 4
    assert "nginx loads certificates for servers; this one is for clients." in result.err


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ("client", ("as a client, by a server that trusts",)),
        ("both", ("as etcd1.example.com, by a client that trusts", "as a client, by a server that trusts")),
        ("code", ("not proven by a handshake",)),
        ("ca", ("not proven by a handshake",)),
    ],
    ids=["client", "both", "code", "ca"],
)
def test_a_handshake_proves_a_certificate_in_its_roles_or_the_export_says_so(
    usage: str, said: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    made = draft(run, usage)
    record = run("generate", made, "--no-password", "--protect", "unprotected", "--json").json
    request = x509.load_pem_x509_csr(record["csr"].encode())
    issued = tmp_path / "issued.crt"
    issued.write_bytes(sign(request))

    attached = run("attach", made, str(issued))
    exported = run("export", made, "--to", str(tmp_path / "out"))

    assert (attached.status, exported.status) == (0, 0), (attached.err, exported.err)
    assert usage == "both" or "--for nginx" not in attached.out
    assert all(one in exported.out + exported.err for one in said), exported.out + exported.err


def sign(request: x509.CertificateSigningRequest) -> bytes:
    """A certificate of a new root that copies the extensions of the request."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")]))
        .public_key(request.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)
