"""What a container of several things holds: PKCS#12 and PKCS#7."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cryptography import x509

from csr_tui.core.certificate.files import in_pkcs7
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect import parsers
from csr_tui.core.inspect.item import CERTIFICATE, PKCS7, PKCS12, PRIVATE_KEY, SYMMETRIC_KEY, Item
from csr_tui.core.keys import keystore
from csr_tui.core.secret import Secret

_SCHEMES = {
    bytes.fromhex("2a864886f70d01050d"): "AES (PBES2)",
    bytes.fromhex("2a864886f70d010c0103"): "3DES and SHA-1, for old systems",
    bytes.fromhex("2a864886f70d010c0106"): "RC2 with 40 bits, which OpenSSL 3 reads only with -legacy",
}
"""OID of an encryption -> what it is called; they stand in clear in the file, whatever is encrypted."""

MAC_ONLY = "its password protects it against changes only: anyone can read it"


def from_pkcs12(der: bytes, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """The container, then its keys, the first key's certificate, and the others.

    PasswordError where it does not open with the password; without one, what opens with none is opened.
    """
    unnamed = "no" if keystore.is_clear(der) else "yes"
    schemes = " and ".join(name for oid, name in _SCHEMES.items() if oid in der) or unnamed
    found = keystore.load(der, password)
    if found is None:
        return (Item(PKCS12, lines=(("encrypted", schemes),), locked=True),)
    store, with_password = found
    if not with_password and schemes != "no":
        schemes = "with an empty password"
    lines = (
        ("encrypted", schemes),
        *((("called", store.name),) if store.name else ()),
        *((("note", MAC_ONLY),) if store.mac_only else ()),
    )
    return (
        Item(PKCS12, lines=lines, problems=(store.wrong,) if store.wrong else ()),
        *(_key(entry, several=len(store.keys) > 1) for entry in store.keys),
        *(Item(SYMMETRIC_KEY, lines=(("note", "skipped"),)) for _ in range(store.secrets)),
        *(_certificate(one, now) for one in store.certificates),
    )


def from_pkcs7(der: bytes, now: datetime | None) -> tuple[Item, ...]:
    """The container, then its certificates."""
    return (Item(PKCS7), *(_certificate_in(one, now) for one in in_pkcs7(der)))


def _key(entry: keystore.Entry, *, several: bool) -> Item:
    try:
        if entry.key is None:
            raise InvalidError(entry.wrong)
        item = parsers.of_key(entry.key, "as the PKCS#12 is")
    except InvalidError as error:
        item = Item(PRIVATE_KEY, problems=(str(error),))
    return replace(item, lines=(("called", entry.name), *item.lines)) if several and entry.name else item


def _certificate_in(der: bytes, now: datetime | None) -> Item:
    try:
        return parsers.certificate_in(der, now)
    except InvalidError as error:
        return Item(CERTIFICATE, problems=(str(error),))


def _certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    """The contents of one certificate; a certificate that cannot be read is reported by itself."""
    try:
        return parsers.of_certificate(loaded, now)
    except InvalidError as error:
        return Item(CERTIFICATE, problems=(str(error),))
