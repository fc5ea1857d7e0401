"""PKCS#12: key, certificate and intermediates in one file, under one password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes

from csr_tui.core.findings import InvalidError
from csr_tui.core.keys.identity import used_private
from csr_tui.core.keys.kinds import PrivateKey
from csr_tui.core.parsing import parsing
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

_TRIPLE_DES = bytes.fromhex("060a2a864886f70d010c0103")
"""pbeWithSHAAnd3-KeyTripleDES-CBC, which only the old kind names."""


def seal(name: str, key: PrivateKey, chain: Sequence[x509.Certificate], password: Secret, *, compatible: bool) -> bytes:
    """The leaf with its key, of a kind that PKCS#12 can hold, under `name`, and its intermediates.

    AES-256 and SHA-256; `compatible` is 3DES and SHA-1, the strongest that Windows Server 2016 and older know.
    Either kind's MAC has 2,048 rounds, so it is the password's own strength that keeps the key.
    """
    builder = PrivateFormat.PKCS12.encryption_builder()
    if compatible:
        old = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC
        builder = builder.key_cert_algorithm(old).hmac_hash(hashes.SHA1())  # noqa: S303  # what the old kind is
    else:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    encryption = builder.build(password.reveal().encode())
    held = cast("PKCS12PrivateKeyTypes", key)
    return pkcs12.serialize_key_and_certificates(name.encode(), held, chain[0], chain[1:] or None, encryption)


def unseal(data: bytes, password: Secret) -> tuple[PrivateKey, tuple[x509.Certificate, ...]]:
    """Key and certificates, the leaf first; PasswordError for a wrong password, InvalidError for anything else."""
    try:
        with parsing("This PKCS#12 file"):
            found = pkcs12.load_pkcs12(data, password.reveal().encode())
    except InvalidError as error:
        if "password" in str(error.__cause__).casefold():
            raise PasswordError("The password does not decrypt the PKCS#12 file.") from error
        raise
    if found.cert is None or found.key is None:
        raise InvalidError("This PKCS#12 file contains no key with its certificate.")
    return used_private(found.key), (found.cert.certificate, *(one.certificate for one in found.additional_certs))


def is_old_kind(data: bytes) -> bool:
    """Whether it is encrypted with 3DES."""
    return _TRIPLE_DES in data
