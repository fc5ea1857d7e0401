"""What a key may be used for: how requests ask for it, and how it is spelled."""

from __future__ import annotations

from functools import cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

KEY_USAGES = {
    "digitalSignature": "digital_signature",
    "contentCommitment": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}
"""As people spell them -> as the library does."""

EXTENDED_KEY_USAGES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
}

_BY_NAME = {name: oid for oid, name in EXTENDED_KEY_USAGES.items()}

ASKED_EXTENSIONS = tuple(
    kind.oid.dotted_string for kind in (x509.SubjectAlternativeName, x509.KeyUsage, x509.ExtendedKeyUsage)
)
"""The extensions that are asked for, besides those of a CA."""

BASIC_CONSTRAINTS = x509.BasicConstraints.oid.dotted_string
NAME_CONSTRAINTS = x509.NameConstraints.oid.dotted_string
CONSTRAINTS = {BASIC_CONSTRAINTS: "basic_constraints", NAME_CONSTRAINTS: "name_constraints"}
"""What limits a CA -> the field of a difference in it."""


@cache
def key_usage(names: tuple[str, ...]) -> x509.KeyUsage:
    """The extension with these usages."""
    return x509.KeyUsage(**{flag: name in names for name, flag in KEY_USAGES.items()})


@cache
def extended_key_usage(names: tuple[str, ...]) -> x509.ExtendedKeyUsage:
    """The extension with these usages, each by its name or by its object identifier."""
    return x509.ExtendedKeyUsage(_BY_NAME.get(name) or x509.ObjectIdentifier(name) for name in names)


def extended_name(oid: str) -> str:
    """The name of an extended key usage as requests are read: the object identifier where it has none."""
    return EXTENDED_KEY_USAGES.get(x509.ObjectIdentifier(oid), oid)


def object_identifier(name: str) -> str:
    """The object identifier of an extended key usage as requests are read."""
    return _BY_NAME[name].dotted_string if name in _BY_NAME else name


def names_of(usage: x509.KeyUsage | None) -> tuple[str, ...]:
    """The usages in the extension; the last two mean something beside keyAgreement alone."""
    if usage is None:
        return ()
    known = list(KEY_USAGES.items())[: None if usage.key_agreement else -2]
    return tuple(name for name, flag in known if getattr(usage, flag))
