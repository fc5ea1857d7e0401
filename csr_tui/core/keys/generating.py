"""Generating private keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from csr_tui.core.findings import InvalidError

if TYPE_CHECKING:
    from csr_tui.core.keys.identity import PrivateKey
    from csr_tui.core.record import KeySpec

RSA_EXPONENT = 65537
CURVES = {"prime256v1": ec.SECP256R1, "secp384r1": ec.SECP384R1}


def generate(spec: KeySpec) -> PrivateKey:
    """A new key of this kind. RSA 4096 takes a second or more and releases the GIL; InvalidError for unknown kinds."""
    if spec.algorithm == "RSA" and spec.parameter in {"2048", "3072", "4096"}:
        return rsa.generate_private_key(RSA_EXPONENT, int(spec.parameter))
    if spec.algorithm == "ECC" and spec.parameter in CURVES:
        return ec.generate_private_key(CURVES[spec.parameter]())
    if spec.algorithm == "ED25519" and spec.parameter == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    raise InvalidError(f"This program makes no {spec.algorithm} {spec.parameter} keys.")
