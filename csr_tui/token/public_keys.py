"""The public halves of the keys on a token, as pyca has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from csr_tui.core import der
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import identity, loading
from csr_tui.core.keys.kinds import PublicKey
from csr_tui.core.record import KeySpec
from csr_tui.core.token_uri import TokenUri
from csr_tui.token import library

_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
_ED25519 = bytes.fromhex("06032b6570")


@dataclass(frozen=True, slots=True)
class Key:
    """A key on a token; `public` and `spec` are None where it is of a kind that is not used here."""

    uri: TokenUri
    public: PublicKey | None

    @property
    def spec(self) -> KeySpec | None:
        return None if self.public is None else identity.spec_of(self.public)


def keys(session: Any, token: TokenUri) -> Iterator[Key]:
    """Each key of which the token shows a public key or a certificate; a session with a PIN may see more."""
    pkcs11 = library.load()
    seen: set[tuple[str, str]] = set()
    for kind, read in (
        (pkcs11.ObjectClass.PUBLIC_KEY, of_public_key),
        (pkcs11.ObjectClass.CERTIFICATE, _of_certificate),
    ):
        # The whole list first: a token has one search at a time.
        for found in list(session.get_objects({pkcs11.Attribute.CLASS: kind})):
            identifier, label = _text(found, "ID").hex(), _label(found)
            # Two keys may have one id; a certificate is of the key with its id, whatever its own label.
            known = {one or other for one, other in seen} if kind is pkcs11.ObjectClass.CERTIFICATE else set()
            if (identifier, label) in seen or (identifier or label) in known:
                continue
            seen.add((identifier, label))
            uri = replace(token, object=label or None, id=identifier or None)
            yield Key(uri, read(found))


def of_public_key(found: Any) -> PublicKey | None:
    pkcs11 = library.load()
    with suppress(InvalidError, ValueError, pkcs11.PKCS11Error):
        match found.key_type:
            case pkcs11.KeyType.RSA:
                modulus, exponent = _text(found, "MODULUS"), _text(found, "PUBLIC_EXPONENT")
                numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
                return _used(identity.spki_of(numbers.public_key()))
            case pkcs11.KeyType.EC:
                return _used(_spki(_point(found), _EC_PUBLIC_KEY, _text(found, "EC_PARAMS")))
            case pkcs11.KeyType.EC_EDWARDS:
                return _used(_spki(_point(found), _ED25519))
    return None


def _of_certificate(found: Any) -> PublicKey | None:
    with suppress(InvalidError, ValueError):
        return _used(identity.spki_of(x509.load_der_x509_certificate(_text(found, "VALUE")).public_key()))
    return None


def _used(spki: bytes) -> PublicKey:
    """InvalidError for a key of a kind that is not used here."""
    public = serialization.load_der_public_key(spki)
    used = identity.used(public, der.element(spki).parts[0], "This key")
    loading.checked_size(used)
    return used


def _spki(point: bytes, *algorithm: bytes) -> bytes:
    return der.encoded(der.SEQUENCE, der.encoded(der.SEQUENCE, *algorithm), der.encoded(der.BITS, b"\0", point))


def _point(found: Any) -> bytes:
    """A public point, which some tokens write bare and most in an OCTET STRING."""
    point = _text(found, "EC_POINT")
    with suppress(der.BrokenError):
        whole = der.element(point)
        if whole.tag == der.OCTETS and whole.raw == point:
            return whole.content
    return point


def _text(found: Any, attribute: str) -> bytes:
    """The bytes of an attribute; none where the object does not have it."""
    pkcs11 = library.load()
    with suppress(pkcs11.PKCS11Error):
        return bytes(found[pkcs11.Attribute[attribute]])
    return b""


def _label(found: Any) -> str:
    pkcs11 = library.load()
    with suppress(pkcs11.PKCS11Error):
        return str(found[pkcs11.Attribute.LABEL])
    return ""
