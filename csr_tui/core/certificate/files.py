"""Certificates out of the bytes that a CA sends: PEM with anything around it, DER, PKCS#7, and a zip of such files."""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import re
import struct
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7

from csr_tui.core.text import visible
from csr_tui.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 4 << 20
"""Bytes of one file, and of everything in a zip once it is unpacked."""

LARGEST_MEMBER = 1 << 20
MOST_MEMBERS = 200
MOST_CERTIFICATES = 100

PKCS7_DATA = bytes.fromhex("06092a864886f70d010702")
"""signedData: the object identifier that a PKCS#7 of certificates begins with."""

PKCS12_VERSION = bytes.fromhex("020103")
JAVA_KEYSTORE = bytes.fromhex("feedfeed")

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 #]{1,40})-----")
_HEADER = re.compile(rb"^[A-Za-z0-9-]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n?", re.MULTILINE)
_CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE", b"PKCS7", b"CMS"})
_BARE = re.compile(rb"[A-Za-z0-9+/=\s]+")

_UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,
)
"""What zipfile raises on broken, encrypted and odd archives."""


def certificates_in(data: bytes) -> tuple[x509.Certificate, ...]:
    """Every certificate in a file, once each, in the file's order; InvalidError, with what it is instead, for none.

    Text, keys and requests around them are passed over. A block that was cut off is an error even where others are
    whole: half a chain is worse than a sentence.
    """
    found: dict[x509.Certificate, None] = {}
    for certificate in _in_zip(data) if data[:4] in {b"PK\x03\x04", b"PK\x05\x06"} else _in_file(data):
        found[certificate] = None
        if len(found) > MOST_CERTIFICATES:
            raise InvalidError(
                f"It holds more than {MOST_CERTIFICATES} certificates: that is a store of CAs, not what a CA sends."
            )
    if not found:
        raise InvalidError(f"There is no certificate in it. {_instead(data)}")
    return tuple(found)


def _in_file(data: bytes) -> Iterator[x509.Certificate]:
    if len(data) > LARGEST:
        raise InvalidError(f"It is larger than {LARGEST >> 20} MiB; no chain of certificates is.")
    data = _plain(data)
    if b"-----BEGIN " in data:
        yield from _in_pem(data)
    else:
        yield from _in_der(data)
        if _BARE.fullmatch(data):
            yield from _in_der(_base64(data))


def _in_pem(data: bytes) -> Iterator[x509.Certificate]:
    """Block by block; lines may be quoted, indented, of any length, and end in any way."""
    for begin in _BEGIN.finditer(data):
        name = begin.group(1)
        if name not in _CERTIFICATES:
            continue
        end = data.find(b"-----END " + name + b"-----", begin.end())
        body = data[begin.end() : end]
        if end < 0 or b"-----BEGIN " in body:
            raise InvalidError("A certificate in it has no END line: it was cut off. Copy it whole.")
        der = _base64(_HEADER.sub(b"", body.lstrip()))
        certificates = tuple(_in_der(der))
        if not certificates:
            raise InvalidError(
                "A certificate in it cannot be read: it was changed or cut off on its way. Copy it again."
            )
        yield from certificates


def _in_der(data: bytes) -> Iterator[x509.Certificate]:
    """One certificate, or those of a PKCS#7; nothing where it is neither."""
    if data[:1] != b"\x30":
        return
    try:
        certificate = x509.load_der_x509_certificate(_first_element(data))
        _ = certificate.subject, certificate.issuer, certificate.not_valid_after_utc  # these are parsed when asked for
        yield certificate
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        if PKCS7_DATA in data[:40]:
            yield from _in_pkcs7(data)


def _in_pkcs7(data: bytes) -> tuple[x509.Certificate, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Windows writes BER, which is read with a warning
        try:
            return tuple(pkcs7.load_der_pkcs7_certificates(data))
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            return ()


def _in_zip(data: bytes) -> Iterator[x509.Certificate]:
    """Every certificate in the members of a zip; sizes are counted while unpacking, not believed."""
    if len(data) > LARGEST:
        raise InvalidError(f"It is larger than {LARGEST >> 20} MiB; no chain of certificates is.")
    left = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise InvalidError(f"This zip holds {len(members):,} files; a CA sends a few.")
            for member in members:
                name = visible(member.filename[:100])
                if member.flag_bits & 1:
                    raise InvalidError(f"{name} in this zip is encrypted. Unpack it with its password first.")
                if member.compress_type not in _UNPACKED:
                    raise InvalidError(f"{name} in this zip is packed in an unusual way. Unpack the zip first.")
                with archive.open(member) as file:
                    content = file.read(min(LARGEST_MEMBER, left) + 1)
                left -= len(content)
                if len(content) > LARGEST_MEMBER or left < 0:
                    raise InvalidError(f"{name} in this zip is far too large to be a certificate.")
                yield from _of_member(content, name)
    except _ZIP_TROUBLE as error:
        raise InvalidError("This zip is damaged, or not whole. Download it again.") from error


def _of_member(content: bytes, name: str) -> tuple[x509.Certificate, ...]:
    """What one member holds; a zip within a zip is not opened."""
    try:
        return tuple(_in_file(content))
    except InvalidError as error:
        raise InvalidError(f"{name} in this zip: {error}") from error


def _plain(data: bytes) -> bytes:
    """Without a byte order mark, and UTF-16, as Windows saves it, as ASCII."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode("ascii", "replace")
    return data.removeprefix(codecs.BOM_UTF8)


def _base64(text: bytes) -> bytes:
    """The bytes in base64 with blanks, line ends and the `>` of quoted mail in it; none where it is not base64."""
    try:
        return base64.b64decode(re.sub(rb"[\s>]+", b"", text), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _first_element(data: bytes) -> bytes:
    """The first DER element: OpenSSL's TRUSTED CERTIFICATE has another after it."""
    if len(data) < 2:
        return data
    length = data[1]
    if length < 0x80:
        return data[: 2 + length]
    size = length & 0x7F
    return data[: 2 + size + int.from_bytes(data[2 : 2 + size], "big")]


def _instead(data: bytes) -> str:
    """What a file without a certificate is, and what to do."""
    names = {match.group(1) for match in _BEGIN.finditer(_plain(data))}
    if not data.strip():
        return "The file is empty."
    if any(name.endswith(b"CERTIFICATE REQUEST") for name in names):
        return "It is a certificate request: give the file that your CA sent back."
    if any(name.endswith(b"PRIVATE KEY") for name in names):
        return "It holds a private key: give the file that your CA sent, not the key."
    if b"X509 CRL" in names:
        return "It is a list of revoked certificates: give the file with your own."
    if data.startswith(JAVA_KEYSTORE):
        return "It is a Java keystore: take the certificates out with keytool -list -rfc -keystore FILE."
    if data[:1] == b"\x30" and PKCS12_VERSION in data[:12]:
        return "It is a PKCS#12 file: take the certificates out with openssl pkcs12 -nokeys -in FILE."
    if re.search(rb"<(!doctype|html|\?xml)", data[:1000], re.IGNORECASE):
        return "It is a web page, perhaps the CA's login: download the certificate itself."
    return "Certificates come as PEM (BEGIN CERTIFICATE), DER, PKCS#7 (.p7b), or a zip of such files."
