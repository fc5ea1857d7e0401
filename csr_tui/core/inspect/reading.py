"""Reading a file, block by block where it is PEM, and by what it is where it is DER."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from csr_tui.core.inspect import containers, things
from csr_tui.core.inspect.item import Item
from csr_tui.core.inspect.together import judged
from csr_tui.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from csr_tui.core.secret import Secret

MOST_BLOCKS = 1000
"""More than any file of trusted roots has."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 #]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_JKS = b"\xfe\xed\xfe\xed"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(data: bytes, password: Secret | None = None, *, now: datetime | None = None) -> tuple[Item, ...]:
    """Everything in a file, in its order, judged one by one and together; dates only where `now` is given.

    A password is used only for what is encrypted: PasswordError where it is another one. InvalidError where there is
    nothing that is known.
    """
    if data.startswith(_UTF16):  # what PowerShell's > makes of a PEM
        data = data.decode("utf-16", "replace").encode("ascii", "replace")
    if b"-----BEGIN " not in data:
        return judged(_bare(data, password, now), in_order=False)
    blocks = list(_BLOCK.finditer(data))
    if not blocks:
        raise InvalidError("This file has a BEGIN line without its END line: it was cut off. Copy it whole.")
    found = [_block(block, password, now) for block in blocks[:MOST_BLOCKS]]
    if len(blocks) > MOST_BLOCKS:
        found.append((Item("rest", problems=(f"{len(blocks) - MOST_BLOCKS:,} more blocks were not looked at.",)),))
    return judged(tuple(item for items in found for item in items), in_order=all(len(items) == 1 for items in found))


def _block(block: re.Match[bytes], password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """What is in one block of PEM; that it cannot be read is said of it alone."""
    label = block[1].decode("ascii")
    try:
        if b"Proc-Type:" in block[2]:
            return (things.private_key(block[0], password),)
        der = _decoded(block[2])
        if containers.is_pkcs7(der):  # Windows writes CERTIFICATE above it
            return containers.from_pkcs7(der, now)
        match label.removeprefix("NEW ").removeprefix("X509 "):
            case "CERTIFICATE REQUEST":
                return (things.request(der),)
            case "CERTIFICATE":
                return (things.certificate_in(der, now),)
            case "TRUSTED CERTIFICATE":
                return (things.certificate_in(_first(der), now),)
            case "OPENSSH PRIVATE KEY":
                raise InvalidError("This key is in OpenSSH's own form. Turn it into PEM: ssh-keygen -p -m PEM -f FILE.")
            case "PUBLIC KEY" | "RSA PUBLIC KEY":
                return (things.public_key(der),)
            case key if key.endswith("PRIVATE KEY"):
                return (things.private_key(der, password),)
    except InvalidError as error:
        return (Item(label.lower(), problems=(str(error),)),)
    return (Item(label.lower(), lines=(("note", "not looked at"),)),)


def _bare(data: bytes, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """What is in DER, which does not say what it is."""
    if containers.is_pkcs12(data):
        return containers.from_pkcs12(data, password, now)
    if containers.is_pkcs7(data):
        return containers.from_pkcs7(data, now)
    if data.startswith(_JKS):
        raise InvalidError(
            "This is a Java keystore of the old kind. Turn it into PKCS#12: keytool -importkeystore "
            "-srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12."
        )
    readers: tuple[Callable[[], Item], ...] = (
        lambda: things.request(data),
        lambda: things.certificate_in(data, now),
        lambda: things.private_key(data, password),
        lambda: things.public_key(data),
    )
    for reader in readers:
        try:
            return (reader(),)
        except InvalidError:
            continue
    raise InvalidError("This file holds no request, no key and no certificate, in PEM or in DER.")


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidError(
            "What stands between BEGIN and END is not Base64: it was changed on its way here."
        ) from error


def _first(der: bytes) -> bytes:
    """The first of the things that stand one after another: `openssl x509 -trustout` writes its trust behind it."""
    if len(der) < 4 or der[1] != 0x82:
        return der
    return der[: 4 + int.from_bytes(der[2:4], "big")]
