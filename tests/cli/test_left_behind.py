"""new --from a request says what a draft does not take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, Run

PARTS = (
    (NameOID.COUNTRY_NAME, "DE"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "Team A"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "Team B"),
    (NameOID.SERIAL_NUMBER, "HRB 1234"),
    (NameOID.STREET_ADDRESS, "Main Street 1"),
    (NameOID.COMMON_NAME, "www.example.com"),
)
USAGES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


def test_each_thing_that_is_left_behind_is_a_hint(run: Run, tmp_path: Path) -> None:
    made = x509.CertificateSigningRequestBuilder(x509.Name([x509.NameAttribute(*part) for part in PARTS]))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("www.example.com")]), critical=False)
    made = made.add_extension(x509.ExtendedKeyUsage(USAGES), critical=False)
    made = made.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = made.add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"hunter2")
    pem = made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path = tmp_path / "f13.csr"
    path.write_bytes(pem + pem)

    said = run("new", "--from", str(path)).err
    draft = run("new", "--from", str(path), "--json").json

    hints = {finding["message"] for finding in draft["findings"] if finding["level"] == "hint"}
    assert draft["extra"] == ["OU=Team B", "serialNumber=HRB 1234"]
    for thing in ("street=Main Street 1", "must-staple", "basic constraints", "challenge password", "1 more request"):
        assert thing in said
        assert sum(thing in hint for hint in hints) == 1, thing
    assert not any(kept in said for kept in ("Team A", "serverAuth", "hunter2"))


def test_a_request_that_was_made_here_leaves_nothing_behind(run: Run, generated: Generated, tmp_path: Path) -> None:
    path = tmp_path / "own.csr"
    path.write_text(run("show", generated(), "--csr").out)

    assert "left out" not in run("new", "--from", str(path)).err
