"""Certificates out of the bytes that a CA sends: PEM with anything around it, DER, PKCS#7, and a zip of such files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from csr_tui.core import archive, der, formats, pem
from csr_tui.core.findings import InvalidError
from csr_tui.core.parsing import parsing

LARGEST = archive.LARGEST
"""Bytes of one file, and of everything in a zip once it is unpacked."""

MOST_CERTIFICATES = 100

_PKCS7 = frozenset({"PKCS7", "CMS"})
_KINDS = frozenset({"CERTIFICATE", "TRUSTED CERTIFICATE"}) | _PKCS7
_CERTIFICATES = 0xA0
"""The tag of the certificates in signed data (RFC 2315, 9.1)."""

_CUT = frozenset({*pem.CUT_OFF, pem.NO_BASE64, pem.CUT, pem.CHANGED})


_Read = tuple["x509.Certificate | str", str]


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """The certificates of a file, once each, in its order, and a sentence on each that cannot be read.

    `places` says of each certificate where it stands (`line 34`), where the file has lines.
    """

    certificates: tuple[x509.Certificate, ...]
    left_out: tuple[str, ...]
    places: tuple[str, ...] = ()


def certificates_in(data: bytes) -> tuple[x509.Certificate, ...]:
    """Every certificate in a file that can be read; InvalidError where there is none."""
    found = look(data)
    if not found.certificates:
        raise InvalidError(" ".join(found.left_out))
    return found.certificates


def stored_leaf(chain: str) -> x509.Certificate:
    """The certificate of a record, from its chain as it is stored; InvalidError where any part of that is damaged."""
    found = look(chain.encode())
    if found.left_out:
        raise InvalidError(" ".join(found.left_out))
    return found.certificates[0]


def look(data: bytes) -> CertificateFile:
    """Every certificate in a file; InvalidError, with what it is instead, for none.

    Text, keys and requests around them are passed over, and what is whole but cannot be read is left out. A block that
    was cut off is an error even where others are whole: half a chain is worse than a sentence.
    """
    found: dict[x509.Certificate, str] = {}
    left_out = []
    for one, place in _in_zip(data) if formats.is_zip(data) else _in_file(data):
        if isinstance(one, str):
            left_out.append(one)
            continue
        found.setdefault(one, place)
        if len(found) > MOST_CERTIFICATES:
            raise InvalidError(
                f"It contains more than {MOST_CERTIFICATES} certificates: a CA store, not the reply of a CA."
            )
    if not found and not left_out:
        raise InvalidError(f"It contains no certificate. {_instead(data)}")
    return CertificateFile(tuple(found), tuple(left_out), tuple(found.values()))


def _in_zip(data: bytes) -> Iterator[_Read]:
    """Those of every file in a zip; a zip within a zip is not opened."""
    for name, content in archive.members(data):
        try:
            for one, place in _in_file(content):
                yield (
                    f"{name} in this zip: {one}" if isinstance(one, str) else one,
                    ", ".join(filter(None, (name, place))),
                )
        except InvalidError as error:
            raise InvalidError(f"{name} in this zip: {error}") from error


def _in_file(data: bytes) -> Iterator[_Read]:
    """Certificates with their places, and a sentence for each that cannot be read."""
    if len(data) > LARGEST:
        raise InvalidError(f"It is larger than {LARGEST >> 20} MiB, too large for a certificate chain.")
    for block in pem.blocks(data):
        kind = formats.kind_in(block)
        if kind not in _KINDS:
            continue
        wrong = block.wrong or pem.damage(block.der)
        if wrong in _CUT:
            raise InvalidError(f"{_place(block)} cannot be used. {wrong}")
        try:
            if wrong:
                raise InvalidError(wrong)
            ders = in_pkcs7(block.der) if kind in _PKCS7 else (pem.first(block.der),)
        except InvalidError as error:
            yield f"{_place(block)} was left out. {error}", ""
            continue
        for number, one in enumerate(ders, 1):
            try:
                yield read_der(one), f"line {block.line}" if block.label else ""
            except InvalidError as error:
                which = f"Certificate {number} of the PKCS#7" if kind in _PKCS7 else _place(block)
                yield f"{which} was left out. {error}", ""


def _place(block: pem.Block) -> str:
    return f"The certificate in line {block.line}" if block.label else "The certificate"


def read_der(data: bytes) -> x509.Certificate:
    """A certificate, whose parts are parsed here, since pyca parses them when they are asked for."""
    with parsing("This certificate"):
        loaded = x509.load_der_x509_certificate(data)
        _ = loaded.subject.rfc4514_string(), loaded.issuer.rfc4514_string(), loaded.serial_number
        _ = loaded.not_valid_before_utc, loaded.not_valid_after_utc, loaded.signature_algorithm_oid
        return loaded


def in_pkcs7(data: bytes) -> tuple[bytes, ...]:
    """The certificates of a PKCS#7 in DER, be they readable or not; InvalidError where it holds none."""
    if not formats.is_pkcs7(data):
        raise InvalidError("This PKCS#7 contains encrypted or other data, and no certificate.")
    with parsing("This PKCS#7"):
        signed = der.element(data).parts[1].parts[0]
        found = tuple(one.raw for part in signed.parts if part.tag == _CERTIFICATES for one in part.parts)
    if not found:
        raise InvalidError("This PKCS#7 contains no certificate.")
    return found


def _instead(data: bytes) -> str:
    """What a file without a certificate is, and what to do."""
    zipped = formats.is_zip(data)
    contents = [content for _, content in archive.members(data)] if zipped else [data]
    kinds = {formats.kind_in(block) for content in contents for block in pem.blocks(content)}
    if "CERTIFICATE REQUEST" in kinds:
        what = "It contains" if zipped else "It is"
        return f"{what} a certificate request: give the certificate file that your CA sent."
    if any(kind.endswith("PRIVATE KEY") for kind in kinds):
        return "It contains a private key: give the certificate file that your CA sent."
    if "CRL" in kinds:
        return "It is a list of revoked certificates: give the file with your certificate."
    sentence = "" if zipped else formats.named(data)
    if "PKCS12" in kinds and not sentence:
        return "It is a PKCS#12 file: extract the certificates with openssl pkcs12 -nokeys -in FILE."
    return sentence or "Certificates come as PEM (BEGIN CERTIFICATE), DER, PKCS#7 (.p7b), or a zip of such files."
