"""Good inputs, from which the fuzzer begins: one of each kind that people, files and servers send."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from ipaddress import ip_network
from typing import TYPE_CHECKING

import handmade
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from csr_tui.core import (
    csr,
    pem,
)
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.secret import Secret
from csr_tui.core.usages import USAGES, MainName

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PASSWORD = Secret("correct horse battery staple")
EC = KeySpec("ECC", "prime256v1")
MAINS = {MainName.HOST: "www.example.com", MainName.TEXT: "Jane Doe", MainName.MAILBOX: "jane@example.com"}


def texts(*good: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(text.encode() for text in good)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def examples() -> dict[str, bytes]:
    """One of each kind, in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=www.example.com,O=Example Ltd,C=CN")
    sans = x509.SubjectAlternativeName([x509.DNSName("www.example.com"), x509.RFC822Name("a@example.com")])
    leaf = (
        x509.CertificateBuilder(name, name, key.public_key(), 5, NOW - timedelta(1), NOW + timedelta(90))
        .add_extension(sans, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    request = x509.CertificateSigningRequestBuilder(name).add_extension(sans, critical=False).sign(key, hashes.SHA256())
    der, pk8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    return {
        "CERTIFICATE": leaf.public_bytes(der),
        "CERTIFICATE REQUEST": request.public_bytes(der),
        "PRIVATE KEY": key.private_bytes(der, pk8, plain),
        "EC PRIVATE KEY": key.private_bytes(der, serialization.PrivateFormat.TraditionalOpenSSL, plain),
        "PUBLIC KEY": key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo),
        "PKCS7": pkcs7.serialize_certificates([leaf], der),
        "PKCS12": pkcs12.serialize_key_and_certificates(b"name", key, leaf, None, plain),
    }


def ders(*kinds: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(examples()[kind] for kind in kinds)


def pems(*kinds: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(armoured(kind, examples()[kind]) for kind in kinds)


def armoured(kind: str, der: bytes) -> bytes:
    text = b64encode(der)
    lines = b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (kind.encode(), lines, kind.encode())


def replies() -> tuple[bytes, ...]:
    fields = {"Domain": "a.example", "Organization": "O", "EncryptAlgo": "ECC", "KeyParameter": "prime256v1"}
    csr_text = armoured("CERTIFICATE REQUEST", examples()["CERTIFICATE REQUEST"]).decode()
    one = {"Id": 7, "Remarks": "r", "Status": 1, "CSR": csr_text, "PrivateKey": "x", "KeyPassword": "p", **fields}
    said = (
        {"Id": 7, "RequestId": "r"},
        {**one, "RequestId": "r"},
        {"Total": 1, "Set": [one], "RequestId": "r"},
        {"Success": [7], "RequestId": "r"},
        {"Error": {"Code": "InvalidParameter", "Message": "no"}, "RequestId": "r"},
    )
    return tuple(json.dumps({"Response": response}).encode() for response in said)


def passed_on() -> tuple[bytes, ...]:
    """A request as Windows, mail and people leave it, and a zip of it."""
    text = armoured("CERTIFICATE REQUEST", examples()["CERTIFICATE REQUEST"]).decode()
    lines = text.splitlines()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csr", text)
        archive.writestr("a.crt", armoured("CERTIFICATE", examples()["CERTIFICATE"]))
    return (
        text.encode("utf-16"),
        "".join(f"> {line}\n" for line in lines).encode(),
        f"Copy from {lines[0]} on:\n{text}".replace("\n", "\u00a0\r\n").encode(),
        "\n".join(lines[1:-1]).encode(),
        " ".join(lines).encode(),
        text.replace("\n", "\nComment: x\n y\n\n", 1).encode(),
        held.getvalue(),
    )


def containers() -> tuple[bytes, ...]:
    """PKCS#12 under a password and under none, with few rounds."""
    key = serialization.load_der_private_key(examples()["PRIVATE KEY"], None)
    leaf = x509.load_der_x509_certificate(examples()["CERTIFICATE"])
    lock = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(PASSWORD.reveal().encode())
    sealed = pkcs12.serialize_key_and_certificates(b"name", key, leaf, None, lock)  # type: ignore[arg-type]
    return sealed, examples()["PKCS12"]


def requests_of_usages() -> tuple[bytes, ...]:
    """A request of each usage."""
    made = (
        csr.build(Record("fuzz000000", subject=Subject(MAINS[row.main]), key=EC, usage=row.name), ec_key())
        for row in USAGES.values()
    )
    return tuple(pem.blocks(one.pem.encode())[0].der for one in made)


def extensions_of_others() -> tuple[bytes, ...]:
    """What requests of other programs hold, whose contents are put in words."""
    oid, host = x509.ObjectIdentifier, x509.DNSName("example.com")
    network = x509.IPAddress(ip_network("10.0.0.0/8"))
    text = partial(handmade.encode, 0x0C)
    values: tuple[x509.ExtensionType, ...] = (
        x509.BasicConstraints(ca=True, path_length=0),
        x509.NameConstraints([host, network, x509.RFC822Name(".example.com")], [host]),
        x509.TLSFeature([x509.TLSFeatureType.status_request]),
        x509.CertificatePolicies([x509.PolicyInformation(oid("2.23.140.1.2.1"), None)]),
        x509.MSCertificateTemplate(oid("1.3.6.1.4.1.311.21.8.1"), 100, 2),
        x509.UnrecognizedExtension(oid("1.3.6.1.4.1.311.20.2"), handmade.encode(0x1E, "Web".encode("utf-16-be"))),
        x509.ExtendedKeyUsage([oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.4.1.311.20.2.2")]),
        x509.SubjectAlternativeName(
            [
                x509.OtherName(oid("1.3.6.1.4.1.311.20.2.3"), text(b"jane@example.com")),
                x509.OtherName(oid("1.3.6.1.5.5.7.8.7"), handmade.encode(0x16, b"_imaps.example.com")),
                x509.DirectoryName(x509.Name.from_rfc4514_string("CN=Jane,O=Example")),
                x509.RegisteredID(oid("1.2.3")),
            ]
        ),
    )
    made = tuple(handmade.extension(one.oid.dotted_string, one.public_bytes()) for one in values)
    return (*made, b"".join(made))


def odd_requests() -> tuple[bytes, ...]:
    good = examples()["CERTIFICATE REQUEST"]
    return good, good.replace(b"\x02\x01\x00", b"\x02\x01\x02", 1), good.replace(b"\x0c", b"\x13", 1)
