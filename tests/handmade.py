"""Certificates and requests written byte by byte: what CAs and old programs make, and no library here would."""

from __future__ import annotations

import base64
import datetime as dt

from authority import NOW
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from csr_tui.core.der import encoded as encode

__all__ = ["NOW", "encode"]

CN, ORG, COUNTRY = "2.5.4.3", "2.5.4.10", "2.5.4.6"
Key = ec.EllipticCurvePrivateKey
Part = tuple[str, bytes]


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray([first * 40 + second])
    for value in rest:
        parts = [value & 0x7F]
        while value := value >> 7:
            parts.insert(0, value & 0x7F | 0x80)
        out += bytes(parts)
    return encode(0x06, bytes(out))


def integer(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def utf8(text: str) -> bytes:
    return encode(0x0C, text.encode())


def printable(text: str) -> bytes:
    return encode(0x13, text.encode("latin-1"))


def name(*parts: Part) -> bytes:
    return encode(0x30, *(encode(0x31, encode(0x30, oid(kind), value)) for kind, value in parts))


def called(common: str) -> bytes:
    return name((CN, utf8(common)))


def extension(kind: str, value: bytes, *, critical: bytes = b"") -> bytes:
    return encode(0x30, oid(kind), critical, encode(0x04, value))


def dns_names(*names: str) -> bytes:
    return extension("2.5.29.17", encode(0x30, *(encode(0x82, one.encode()) for one in names)))


TRUE = b"\x01\x01\xff"
ALGORITHM = encode(0x30, oid("1.2.840.10045.4.3.2"))
WITH_SHA1 = encode(0x30, oid("1.2.840.10045.4.1"))
CA = extension("2.5.29.19", encode(0x30, TRUE), critical=TRUE)
HOSTS = dns_names("www.example.com", "example.com")


def certificate(
    public: Key | ec.EllipticCurvePublicKey,
    subject: bytes,
    issuer: bytes,
    signer: Key,
    *extensions: bytes,
    serial: int = 5,
    days: tuple[int, int] = (-2, 90),
    algorithm: bytes = ALGORITHM,
) -> bytes:
    """DER, valid for these days around NOW."""
    listed = encode(0xA3, encode(0x30, *extensions)) if extensions else b""
    head = encode(0xA0, integer(2)), integer(serial), algorithm, issuer
    body = encode(0x30, *head, encode(0x30, *map(_day, days)), subject, _spki(public), listed)
    return _signed(body, signer, algorithm)


def request(key: Key, subject: bytes, *extensions: bytes) -> bytes:
    """DER of a CSR."""
    asked = encode(0x30, oid("1.2.840.113549.1.9.14"), encode(0x31, encode(0x30, *extensions)))
    return _signed(encode(0x30, integer(0), subject, _spki(key), encode(0xA0, asked)), key)


def loaded(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def pem(*ders: bytes, label: str = "CERTIFICATE") -> bytes:
    return b"".join(
        f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(one) + f"-----END {label}-----\n".encode()
        for one in ders
    )


def _day(day: int) -> bytes:
    return encode(0x17, (NOW + dt.timedelta(days=day)).strftime("%y%m%d%H%M%SZ").encode())


def _spki(key: Key | ec.EllipticCurvePublicKey) -> bytes:
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _signed(body: bytes, signer: Key, algorithm: bytes = ALGORITHM) -> bytes:
    digest = hashes.SHA1() if algorithm == WITH_SHA1 else hashes.SHA256()  # noqa: S303  # an old CA's
    return encode(0x30, body, algorithm, encode(0x03, b"\0", signer.sign(body, ec.ECDSA(digest))))
