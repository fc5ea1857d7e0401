"""Making a private key, locking and unlocking its PEM, and naming it by its fingerprint."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core import pkcs8
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.parsing import parsing
from csr_tui.core.record import KeySpec
from csr_tui.core.rules import imported
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    from csr_tui.core.secret import Secret

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

RSA_EXPONENT = 65537
CURVES = {"prime256v1": ec.SECP256R1, "secp384r1": ec.SECP384R1}
DOES_NOT_OPEN = "That password does not open the key."
_CURVE_NAMES = {"secp256r1": "prime256v1"}


def make(spec: KeySpec) -> PrivateKey:
    """A new key of this kind. RSA 4096 takes a second or more and releases the GIL; InvalidError for unknown kinds."""
    if spec.algorithm == "RSA" and spec.parameter in {"2048", "3072", "4096"}:
        return rsa.generate_private_key(RSA_EXPONENT, int(spec.parameter))
    if spec.algorithm == "ECC" and spec.parameter in CURVES:
        return ec.generate_private_key(CURVES[spec.parameter]())
    if spec == KeySpec("ED25519", "ed25519"):
        return ed25519.Ed25519PrivateKey.generate()
    raise InvalidError(f"This program makes no {spec.algorithm} {spec.parameter} keys.")


def clear(key: PrivateKey) -> str:
    """The key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def lock(key: PrivateKey, password: Secret, *, typed: bool) -> str:
    """The key as encrypted PKCS#8 PEM; a password that a person `typed` is stretched longer."""
    return lock_with(pkcs8.Stretched(password, typed=typed), key)


def lock_with(password: pkcs8.Stretched, key: PrivateKey) -> str:
    """The same with a password that is stretched already, as it locks one key of many."""
    return password.encrypt(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def unlock(pem: str, password: Secret | None, *, own: bool = False) -> PrivateKey:
    """The key in a PEM; a password for a clear key is not looked at.

    `own` is for keys this program wrote: the slow check of RSA keys is left out.
    PasswordError where the password is wrong or missing, InvalidError where this is no key we know.
    """
    encrypted = "ENCRYPTED" in pem
    if encrypted and password is None:
        raise PasswordError("The key is encrypted, and no password was given.")
    try:
        with parsing("This private key"):
            key = serialization.load_pem_private_key(
                pem.encode(),
                password.reveal().encode() if encrypted and password is not None else None,
                unsafe_skip_rsa_key_validation=own,
            )
    except InvalidError as error:
        if encrypted:
            raise PasswordError(DOES_NOT_OPEN) from error
        raise
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise InvalidError("Only RSA, EC and Ed25519 keys are used for certificates here.")
    return key


def reopen(pem: str, password: pkcs8.Stretched) -> PrivateKey:
    """The key in a PEM that this program wrote, as `unlock` gives it: of many with one salt, all but the first at once.

    PasswordError where the password is another one.
    """
    try:
        der = password.decrypt(pem)
        if der is not None:
            with parsing("This private key"):
                key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
            if isinstance(key, PrivateKey):
                return key
    except (InvalidError, ValueError) as error:
        raise PasswordError(DOES_NOT_OPEN) from error
    return unlock(pem, password.password, own=True)


def fingerprint(key: PrivateKey | PublicKey) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo, in lower-case hex: what key, CSR and certificate have in common."""
    public = key if isinstance(key, PublicKey) else key.public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def spec_of(key: PublicKey) -> KeySpec:
    """Algorithm and parameter, spelled as a record spells them."""
    if isinstance(key, rsa.RSAPublicKey):
        return KeySpec("RSA", str(key.key_size))
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeySpec("ECC", _CURVE_NAMES.get(key.curve.name, key.curve.name))
    return KeySpec("ED25519", "ed25519")


def modulus(key: PublicKey) -> int | None:
    """The modulus of an RSA key; None for any other kind."""
    return key.public_numbers().n if isinstance(key, rsa.RSAPublicKey) else None


def weakness(key: PublicKey) -> Finding | None:
    """An error where a key that was made elsewhere cannot be trusted; a millisecond for RSA 4096."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return imported.rsa_key(numbers.n, numbers.e)
    return imported.ec_key(key.curve.key_size) if isinstance(key, ec.EllipticCurvePublicKey) else None
