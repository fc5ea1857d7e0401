"""Item: one thing in a file, as it is reported."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509

REQUEST = "request"
CERTIFICATE = "certificate"
PRIVATE_KEY = "private key"
PUBLIC_KEY = "public key"
PKCS12 = "PKCS#12"
PKCS7 = "PKCS#7"
SYMMETRIC_KEY = "secret key"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: its kind, the fingerprint of its public key, what it says, and what is bad about it.

    `locked` ones need a password to say more. `modulus` is that of an RSA key. `certificate` is what the checks of a
    whole file look at.
    """

    kind: str
    fingerprint: str | None = None
    lines: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    locked: bool = False
    modulus: int | None = None
    certificate: x509.Certificate | None = field(default=None, repr=False, compare=False)
