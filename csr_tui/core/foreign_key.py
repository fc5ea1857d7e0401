"""Private keys that other programs made, in whatever form they keep them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from csr_tui.core import keys
from csr_tui.core.findings import Finding
from csr_tui.core.inspect import containers
from csr_tui.core.record import KEY_KINDS, kind_of
from csr_tui.errors import InvalidError, PasswordError

if TYPE_CHECKING:
    from csr_tui.core.keys import PrivateKey
    from csr_tui.core.secret import Secret

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


def read(data: bytes, password: Secret | None = None) -> tuple[PrivateKey, bool]:
    """The key in a file, and whether that is encrypted: the first key of a PEM, a DER, or the key of a PKCS#12.

    PasswordError where it is encrypted and the password is missing or another one, InvalidError where there is no key.
    """
    block = _BLOCK.search(data)
    if block is not None and block[1] == b"OPENSSH PRIVATE KEY":
        raise InvalidError("This key is in OpenSSH's own form. Turn it into PEM: ssh-keygen -p -m PEM -f FILE.")
    load = _pkcs12 if containers.is_pkcs12(data) else _bare
    source = block[0] if block is not None else data
    text = password.reveal().encode() if password is not None and password.reveal() else None
    try:
        key, encrypted = load(source, None), False
    except TypeError:
        if text is None:
            raise PasswordError("The key is encrypted, and no password was given.") from None
        key, encrypted = load(source, text), True
    if not isinstance(key, keys.PrivateKey):
        raise InvalidError("Only RSA, EC and Ed25519 keys are used for certificates here.")
    return key, encrypted


def check(key: PrivateKey) -> None:
    """InvalidError for a key that can be broken, or of a kind that no request here has."""
    public = key.public_key()
    finding = keys.weakness(public)
    if finding is None and kind_of(keys.spec_of(public)) is None:
        known = ", ".join(kind.label for kind in KEY_KINDS)
        finding = Finding.error(
            "key_parameter", f"No CA that is asked from here takes such a key. Use one of: {known}."
        )
    if finding is not None:
        raise InvalidError(f"{finding.field}: {finding.message}", (finding,))


def _bare(data: bytes, password: bytes | None) -> object:
    """TypeError, as pyca says it, where the key is encrypted and there is no password."""
    pem = data.startswith(b"-----BEGIN")
    load = serialization.load_pem_private_key if pem else serialization.load_der_private_key
    try:
        return load(data, password)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None:
            raise PasswordError("That password does not open the key.") from error
        raise InvalidError("This file holds no private key that can be read: PEM, DER or PKCS#12.") from error


def _pkcs12(data: bytes, password: bytes | None) -> object:
    loaded = containers.load_pkcs12(data, password)
    if loaded is None and password is None:
        raise TypeError
    if loaded is None:
        raise PasswordError("That password does not open this PKCS#12, or the file was damaged.")
    if loaded.key is None:
        raise InvalidError("This PKCS#12 holds no private key.")
    return loaded.key
