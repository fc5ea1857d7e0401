"""What a container of several things holds: PKCS#12 and PKCS#7."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from csr_tui.core.inspect import things
from csr_tui.core.inspect.item import CERTIFICATE, PKCS7, PKCS12, PRIVATE_KEY, Item
from csr_tui.errors import InvalidError, PasswordError

if TYPE_CHECKING:
    from datetime import datetime

    from csr_tui.core.secret import Secret

_HEADER = rb"\A\x30(?:\x80|[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)"
_IS_PKCS12 = re.compile(_HEADER + rb"\x02\x01\x03\x30", re.DOTALL)
_IS_PKCS7 = re.compile(_HEADER + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL)

_SCHEMES = {
    bytes.fromhex("2a864886f70d01050d"): "AES (PBES2)",
    bytes.fromhex("2a864886f70d010c0103"): "3DES and SHA-1, for old systems",
    bytes.fromhex("2a864886f70d010c0106"): "RC2 with 40 bits, which OpenSSL 3 reads only with -legacy",
}
"""OID of an encryption -> what it is called; they stand in clear in the file, whatever is encrypted."""


def is_pkcs12(der: bytes) -> bool:
    """Whether this begins as a PKCS#12 does."""
    return _IS_PKCS12.match(der) is not None


def is_pkcs7(der: bytes) -> bool:
    """Whether this begins as signed data in PKCS#7 does."""
    return _IS_PKCS7.match(der) is not None


def from_pkcs12(der: bytes, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """The container, then its key, that key's certificate, and the others.

    PasswordError where it does not open with the password; without one, what opens with none is opened.
    """
    schemes = " and ".join(name for oid, name in _SCHEMES.items() if oid in der) or "no"
    loaded = load_pkcs12(der, None)
    if loaded is None and password is None:
        return (Item(PKCS12, lines=(("encrypted", schemes),), locked=True),)
    if loaded is not None:
        schemes = "no" if schemes == "no" else "with an empty password"
    elif password is not None and (loaded := load_pkcs12(der, password.reveal().encode())) is None:
        raise PasswordError("That password does not open this PKCS#12, or the file was damaged.")
    if loaded is None:
        raise InvalidError("This PKCS#12 cannot be read.")
    name = loaded.cert.friendly_name if loaded.cert is not None else None
    lines = [("encrypted", schemes)]
    if name:
        lines.append(("called", name.decode("utf-8", "replace")))
    certificates = [loaded.cert, *loaded.additional_certs] if loaded.cert is not None else loaded.additional_certs
    return (
        Item(PKCS12, lines=tuple(lines)),
        *((_key(loaded.key),) if loaded.key is not None else ()),
        *(_certificate(one.certificate, now) for one in certificates),
    )


def load_pkcs12(der: bytes, password: bytes | None) -> pkcs12.PKCS12KeyAndCertificates | None:
    """None where it does not open: pyca says the same of a wrong password and of a damaged file."""
    try:
        return pkcs12.load_pkcs12(der, password)
    except ValueError:
        return None
    except (TypeError, UnsupportedAlgorithm) as error:
        raise InvalidError(f"This PKCS#12 cannot be read: {error}.") from error


def from_pkcs7(der: bytes, now: datetime | None) -> tuple[Item, ...]:
    """The container, then its certificates."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyca warns of BER, which Windows writes
            loaded = pkcs7.load_der_pkcs7_certificates(der)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise InvalidError("This PKCS#7 holds no certificates that can be read.") from error
    return (Item(PKCS7), *(_certificate(one, now) for one in loaded))


def _key(key: object) -> Item:
    try:
        return things.of_key(key, "as the PKCS#12 is")
    except InvalidError as error:
        return Item(PRIVATE_KEY, problems=(str(error),))


def _certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    """What one certificate says; that it cannot be read is said of it alone."""
    try:
        return things.of_certificate(loaded, now)
    except InvalidError as error:
        return Item(CERTIFICATE, problems=(str(error),))
